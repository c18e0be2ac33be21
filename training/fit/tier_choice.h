// Which labels the nearest labelled forms answer better than the regression, on forms that neither has seen.
#ifndef LOGSIEVE_TRAINING_FIT_TIER_CHOICE_H_
#define LOGSIEVE_TRAINING_FIT_TIER_CHOICE_H_

#include <cstddef>
#include <span>
#include <vector>

#include "record/label_set.h"
#include "training/fit/form_problem.h"

namespace logsieve {

struct TierTrial {
  LabelId label = kNoLabel;
  std::size_t forms = 0;
  double regression_f1 = 0.0;  // by form, always answering
  double nearest_f1 = 0.0;
  std::size_t only_regression = 0;  // of the label's forms, right by one alone
  std::size_t only_nearest = 0;
  // The nearest forms have the better F1, and are right so much more often that chance would do it in one of twenty
  // cases at most (sign test, one side): three forms prove nothing, however they go.
  bool is_for_prototypes = false;
};

// One trial a class. `logits` [n, classes] of out_of_fold_logits, pooled; the nearest form is looked for in the same
// folds. O(n^2 kDim), on options.threads threads.
std::vector<TierTrial> try_tiers(const FormProblem& problem, std::span<const double> logits,
                                 const FitOptions& options);

}  // namespace logsieve

#endif  // LOGSIEVE_TRAINING_FIT_TIER_CHOICE_H_
