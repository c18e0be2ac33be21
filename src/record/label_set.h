// The labels of a model: names in sorted order, referred to by index everywhere else.
#ifndef LOGSIEVE_RECORD_LABEL_SET_H_
#define LOGSIEVE_RECORD_LABEL_SET_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace logsieve {

using LabelId = std::int32_t;
inline constexpr LabelId kNoLabel = -1;
// What the user reads where no tier was sure. Never a member of a LabelSet.
inline constexpr std::string_view kUnclassified = "Unclassified";

class LabelSet {
 public:
  LabelSet() = default;
  // Sorts and removes repeats; `Unclassified` and empty names are dropped.
  explicit LabelSet(std::vector<std::string> names);

  std::size_t size() const { return names_.size(); }
  // The name of a label; `Unclassified` for kNoLabel. Valid while the set lives.
  std::string_view name(LabelId id) const;
  // kNoLabel if the set has no such label. Exact bytes; O(log n).
  LabelId find(std::string_view name) const;
  const std::vector<std::string>& names() const { return names_; }

 private:
  std::vector<std::string> names_;
};

}  // namespace logsieve

#endif  // LOGSIEVE_RECORD_LABEL_SET_H_
