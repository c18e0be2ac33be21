// What the training data says of the rules that a person gives beside it.
#ifndef LOGSIEVE_TRAINING_DISCOVER_RULE_JUDGEMENT_H_
#define LOGSIEVE_TRAINING_DISCOVER_RULE_JUDGEMENT_H_

#include <string>
#include <vector>

#include "base/result.h"
#include "rules/rule_book.h"
#include "training/fit/labelled_data.h"

namespace logsieve {

struct JudgedRules {
  RuleBook book;                  // the same rules, without the certificates that the data contradicts
  std::vector<std::string> told;  // ready to print; empty for an empty book
};

// Tells how many lines the rules decide and how many of those wrongly, the worst rules first, and which certificates
// are dropped. A rule that is wrong stays: it was asked for. Cost and errors: those of record_rules.
Result<JudgedRules> judge_rules(RuleBook book, const LabelledData& data);

}  // namespace logsieve

#endif  // LOGSIEVE_TRAINING_DISCOVER_RULE_JUDGEMENT_H_
