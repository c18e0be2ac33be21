// What labelled lines say of each rule of a book, and of the certificate that it carries.
#ifndef LOGSIEVE_TRAINING_DISCOVER_RULE_RECORD_H_
#define LOGSIEVE_TRAINING_DISCOVER_RULE_RECORD_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "rules/rule_book.h"
#include "training/fit/labelled_data.h"

namespace logsieve {

enum class LabelledBy : std::uint8_t {
  kData,  // the lines came with their labels
  kBook,  // the book's rules gave them theirs (label_by_book): they prove rules apart, not that a label is right
};

// A line that its rule should not have.
struct WrongLine {
  std::string message;
  std::string label;  // the line's own
};

struct RuleRecord {
  std::size_t decided = 0;  // lines that it decides: no rule before it matches
  std::size_t wrong = 0;    // of those, the ones of other labels, or `Unclassified`
  WrongLine first_wrong;    // in the order of the data
  std::size_t matched_wrong =
      0;  // distinct messages of other labels that its pattern matches, whoever decides them
  WrongLine first_matched_wrong;  // in the order of bytes
  RuleCertificate counts;         // what the data proves of the pattern: all but held_out and until
};

// By rule. `matched_wrong` and `counts` are those of rules with a certificate, on the lines of their source. Linear in
// the lines, and for each certificate in the messages that begin as its rule demands. Errors: those of
// RuleEngine::compile.
Result<std::vector<RuleRecord>> record_rules(const RuleBook& book, const LabelledData& data);

// Why the certificate of the rule is false, given what the data says; empty where nothing says so. Its counts are held
// against those of the data only where it names the same data, labelled in the same way.
std::string contradiction(const Rule& rule, const RuleRecord& record, LabelledBy labelled_by);

}  // namespace logsieve

#endif  // LOGSIEVE_TRAINING_DISCOVER_RULE_RECORD_H_
