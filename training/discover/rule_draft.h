// A rule book draft from logs without labels: what there is, biggest first, for a person to name.
#ifndef LOGSIEVE_TRAINING_DISCOVER_RULE_DRAFT_H_
#define LOGSIEVE_TRAINING_DISCOVER_RULE_DRAFT_H_

#include <cstddef>
#include <span>
#include <string>

#include "base/result.h"
#include "head/prototypes.h"
#include "record/label_set.h"
#include "training/discover/rule_discovery.h"
#include "training/fit/labelled_data.h"

namespace logsieve {

// The labelled forms of a bundle, to say what a cluster is most like; null: nothing is said.
struct KnownForms {
  const Prototypes* prototypes = nullptr;
  const LabelSet* labels = nullptr;
};

// YAML with an empty label in every rule, which load refuses until a person has filled it in or deleted the rule;
// size, a sample and the nearest known label stand above each as a comment. All lines of `data` carry one label,
// whatever it is. Errors: those of discover_rules.
struct DraftOptions {
  std::size_t min_messages = 1;  // distinct lines that a rule must rest on
  std::size_t threads = 1;       // changes no result
  std::string next_step;         // the command that makes a book of the draft, one line, told in it
};
struct RuleDraft {
  std::string yaml;
  Discovery discovery;
};
Result<RuleDraft> draft_rules(const LabelledData& data, std::span<const float> vectors,
                              const KnownForms& known, const DraftOptions& options);

}  // namespace logsieve

#endif  // LOGSIEVE_TRAINING_DISCOVER_RULE_DRAFT_H_
