// Lines of any log as data, without labels or with those that a rule book gives them.
#ifndef LOGSIEVE_TRAINING_DISCOVER_UNLABELLED_LINES_H_
#define LOGSIEVE_TRAINING_DISCOVER_UNLABELLED_LINES_H_

#include <cstddef>
#include <string>

#include "base/result.h"
#include "io/record_reader.h"
#include "rules/rule_book.h"
#include "training/fit/labelled_data.h"

namespace logsieve {

inline constexpr std::string_view kUnlabelled = "unlabelled";

// Every record with the one label kUnlabelled, its source and time: what the time field says, else the timestamp that
// the record begins with. Unreadable records are counted by reason. The hash is of the file, or, where it can be read only once
// (stdin, a pipe), of its records with a line feed after each. Errors: kNotFound, kIo, kBadInput (no record).
Result<LabelledData> load_unlabelled(const std::string& path, const ReaderOptions& options);

// Labels the lines by the rules of the book. Lines that no rule decides are dropped: what they are is unknown, and none
// of the rules has to do with them. Returns how many. The labels are those of the book. Errors: those of
// RuleEngine::compile.
Result<std::size_t> label_by_book(const RuleBook& book, LabelledData& data);

}  // namespace logsieve

#endif  // LOGSIEVE_TRAINING_DISCOVER_UNLABELLED_LINES_H_
