// The training table: labelled lines, folded to distinct forms with multiplicities.
#ifndef LOGSIEVE_TRAINING_FIT_LABELLED_DATA_H_
#define LOGSIEVE_TRAINING_FIT_LABELLED_DATA_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "record/label_set.h"

namespace logsieve {

struct LabelledLine {
  std::string message;
  std::string source;
  std::string timestamp;
  LabelId label = kNoLabel;
  std::size_t form = 0;  // index into LabelledData::forms
};

struct LabelledForm {
  std::string text;
  LabelId label = kNoLabel;   // the majority's; ties: the first label in sorted order
  std::size_t lines = 0;      // how often it occurs
  bool has_conflict = false;  // its lines carry more than one label
};

// Rows that carry no training.
struct LeftOut {
  std::string reason;
  std::size_t rows = 0;
  std::uint64_t first_line = 0;  // 1-based, in the file
};

struct LabelledData {
  LabelSet labels;
  std::vector<LabelledLine> lines;
  // Rows labelled `Unclassified` that are no lines: they teach nothing, but no rule may match them. `form` is not set.
  std::vector<LabelledLine> counterexamples;
  std::vector<LabelledForm> forms;   // in order of first occurrence
  std::string sha256;                // of the file
  std::size_t rejected_records = 0;  // unreadable, without a label, or counterexamples
  std::vector<LeftOut> left_out;     // the same by reason, in order of first occurrence
};

struct LabelledDataOptions {
  std::string message_column;  // empty: by convention, as in ReaderOptions
  std::string label_column = "target_label";
  std::string source_column;
  bool is_for_training = true;  // needs two labels; else one will do
  bool is_for_rules = false;    // every label must be one that a rule can have (label_fault)
  // Rows labelled `Unclassified` are lines with kNoLabel, else counterexamples.
  bool keeps_unclassified = false;
};

// Reads a CSV with a header; `path` "-" is stdin; it may be a pipe. Column names are compared without regard to case; blanks
// around a label do not count. A row without a label, or labelled `Unclassified` unless those are kept, is
// counted as rejected.
// Errors: kNotFound, kIo, kBadInput (no column of the labels or two, no row, a label that no rule can have where rules are
// made; for training only one label, or no message that is not blank), each with what to do.
Result<LabelledData> load_labelled_csv(const std::string& path, const LabelledDataOptions& options);

// Adds the rows of a second CSV, such as decisions from `logsieve review export`; it may be empty, or hold one label
// only. Labels become those of both files, the hash that of both. Errors: as above, without those two.
Result<void> add_labelled_csv(const std::string& path, const LabelledDataOptions& options,
                              LabelledData& data);

// Why no rule of a book can have this label (rules/rule_checks.h); empty if one can.
std::string label_fault(std::string_view label);

// Counts a record that carries no training.
void leave_out(std::string_view reason, std::uint64_t line, LabelledData& data);

// Masks the messages of `lines`, fills their `form` and makes `forms`, majority labels and all. For data that
// does not come from a CSV; `data.labels` and the lines' labels must be set.
void fold_to_forms(LabelledData& data);

}  // namespace logsieve

#endif  // LOGSIEVE_TRAINING_FIT_LABELLED_DATA_H_
