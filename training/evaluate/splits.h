// What an evaluation holds out. A protocol says which lines are kept together, on one side of the split: the more they
// have in common, the honester the score.
#ifndef LOGSIEVE_TRAINING_EVALUATE_SPLITS_H_
#define LOGSIEVE_TRAINING_EVALUATE_SPLITS_H_

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "training/fit/labelled_data.h"

namespace logsieve {

enum class SplitBy : std::uint8_t {
  kForm,    // whole forms: how well unseen wording is classified
  kFamily,  // whole families of near-duplicate forms (families.h): the same, without help from a twin
  kLine,    // lines, whatever their form: leaky, since most of their forms are in training
  kSource,  // whole sources; their forms may still occur in others
  kTime,    // later lines than all that were trained on
};
std::string_view split_name(SplitBy by);
std::optional<SplitBy> split_from(std::string_view name);
// Whether another seed gives another split.
bool depends_on_seed(SplitBy by);

struct Split {
  static constexpr std::size_t kNoPart = std::numeric_limits<std::size_t>::max();
  std::vector<std::size_t> part_of_line;  // [lines] kNoPart: neither trained on nor tested
  std::size_t parts = 0;
  bool is_by_time = false;  // part k is tested by what earlier parts teach, part 0 only teaches

  std::size_t first_tested() const { return is_by_time ? 1 : 0; }
  std::size_t tested_parts() const { return parts - first_tested(); }
  bool is_trained_on(std::size_t line, std::size_t tested_part) const {
    const std::size_t part = part_of_line[line];
    return is_by_time ? part < tested_part : part != tested_part && part != kNoPart;
  }
};

// kForm, kFamily, kLine: `folds` parts with each label dealt out evenly. kSource: a part a source, at most
// kMostSourceParts (then small sources share). kTime: folds + 1 parts of about equal size by the column of timestamps;
// equal times stay together, lines without a readable time have no part. Deterministic in the seed.
// Errors: kBadInput where fewer than two parts come out, or no line has a time.
inline constexpr std::size_t kMostSourceParts = 20;
Result<Split> split_lines(const LabelledData& data, SplitBy by, std::size_t folds, std::uint64_t seed);

// Family of each form of the data (families.h).
std::vector<std::size_t> families_of_forms(const LabelledData& data);

}  // namespace logsieve

#endif  // LOGSIEVE_TRAINING_EVALUATE_SPLITS_H_
