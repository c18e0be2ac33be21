// The distinct lines of labelled data, in order, so that the lines a pattern could match are found by its prefix.
#ifndef LOGSIEVE_TRAINING_DISCOVER_LABELLED_MESSAGES_H_
#define LOGSIEVE_TRAINING_DISCOVER_LABELLED_MESSAGES_H_

#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

#include "record/label_set.h"
#include "training/fit/labelled_data.h"

namespace logsieve {

struct LabelledMessage {
  std::string_view text;     // of a line of the data
  LabelId label = kNoLabel;  // kNoLabel: its copies carry several, or it is to be left unclassified
  std::size_t form = 0;      // kNoForm if it is a counterexample only
  std::size_t lines = 0;
  bool is_held_out = false;  // no say in making rules for other labels
};

struct MessageSelection {
  std::string_view source = {};  // only lines of this source; empty: of all
  bool holds_out = true;         // a fifth of the forms, by a hash of their text
};

class LabelledMessages {
 public:
  static constexpr auto kNoForm = static_cast<std::size_t>(-1);

  // The lines and counterexamples of `data`, which must outlive it.
  explicit LabelledMessages(const LabelledData& data, const MessageSelection& selection = {});

  std::span<const LabelledMessage> all() const { return messages_; }
  // Those that begin with `prefix`.
  std::span<const LabelledMessage> with_prefix(std::string_view prefix) const;
  // The messages of each form, as indexes into all(), ascending: [forms].
  const std::vector<std::vector<std::size_t>>& of_form() const { return of_form_; }

 private:
  std::vector<LabelledMessage> messages_;  // by text
  std::vector<std::vector<std::size_t>> of_form_;
};

}  // namespace logsieve

#endif  // LOGSIEVE_TRAINING_DISCOVER_LABELLED_MESSAGES_H_
