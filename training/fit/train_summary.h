// What training tells: ready lines for the terminal and for report files.
#ifndef LOGSIEVE_TRAINING_FIT_TRAIN_SUMMARY_H_
#define LOGSIEVE_TRAINING_FIT_TRAIN_SUMMARY_H_

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "head/novelty.h"
#include "head/prototypes.h"
#include "training/fit/calibration.h"
#include "training/fit/error_limits.h"
#include "training/fit/form_problem.h"
#include "training/fit/labelled_data.h"
#include "training/fit/tier_choice.h"
#include "training/fit/trainer.h"

namespace logsieve {

// Lines, forms and sources; each label's share; forms whose lines carry more than one label.
void tell_data(const LabelledData& data, TrainSummary& summary);

// "3 rows, the first at line 7: no label": what of the data was left out, by reason, the first six.
std::vector<std::string> told_left_out(const LabelledData& data);

// Scores with whole forms held out, the leaky line split beside them, what is confused, calibration, thresholds.
void tell_regression(const LabelledData& data, const FormProblem& problem, const FitChoice& choice,
                     const Calibration& calibration, double leaky_accuracy, TrainSummary& summary);

// "plain words", "bare tags", "left out".
std::string_view told_name(Spelling spelling);
// Which spelling of placeholders was chosen, and how each did.
void tell_spelling(const SpellingChoice& choice, TrainSummary& summary);

// Which labels the nearest labelled forms answer better on held-out forms, and whether they get them.
void tell_tiers(const LabelledData& data, std::span<const TierTrial> trials, TrainSummary& summary);

// What each error limit gave: the record above the threshold, or how many labelled forms are missing.
void tell_limits(std::span<const LimitOutcome> limits, TrainSummary& summary);

// Which labels went to the prototypes and why, and the limits of that tier.
void tell_prototypes(const LabelledData& data, std::span<const LabelId> rare, bool has_regression,
                     const PrototypeParameters& limits, const TrainOptions& options, TrainSummary& summary);

// Labels that nothing answers but rules, because of a stated error rate.
void tell_silent(const LabelledData& data, std::span<const LabelId> silent, TrainSummary& summary);

// Beyond which limits a form is refused as unlike all training data.
void tell_novelty(const NoveltyLimits& limits, TrainSummary& summary);

}  // namespace logsieve

#endif  // LOGSIEVE_TRAINING_FIT_TRAIN_SUMMARY_H_
