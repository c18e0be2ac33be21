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
// whatever it is. Rules that would rest on a single line are made too. Errors: those of discover_rules.
struct RuleDraft {
  std::string yaml;
  Discovery discovery;
};
Result<RuleDraft> draft_rules(const LabelledData& data, std::span<const float> vectors,
                              const KnownForms& known, std::size_t threads);

}  // namespace logsieve

#endif  // LOGSIEVE_TRAINING_DISCOVER_RULE_DRAFT_H_
