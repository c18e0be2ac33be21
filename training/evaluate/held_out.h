// What is said of lines by a bundle that has not seen them: each part of a split is judged by what the others teach.
#ifndef LOGSIEVE_TRAINING_EVALUATE_HELD_OUT_H_
#define LOGSIEVE_TRAINING_EVALUATE_HELD_OUT_H_

#include <cstddef>
#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "base/result.h"
#include "bundle/bundle.h"
#include "training/discover/rule_discovery.h"
#include "training/evaluate/splits.h"
#include "training/fit/labelled_data.h"
#include "training/fit/scores.h"
#include "training/fit/trainer.h"

namespace logsieve {

// Labels are those of the data.
struct HeldOutAnswers {
  std::vector<ScoredRow> before;    // [lines] likeliest label of the regression, which always answers
  std::vector<ScoredRow> after;     // [lines] verdict of rules, model and prototypes, each allowed to abstain
  std::vector<bool> is_tested;      // [lines]
  std::vector<bool> form_was_seen;  // [lines] the line's form was in its training part
  // By form, of the part that tested its last line:
  std::vector<float> probabilities;  // [forms, labels] of the regression; 0 for labels that it does not know
  std::vector<bool> is_novel;        // [forms] refused as unlike all training data
};

// All lines untested.
HeldOutAnswers no_answers(const LabelledData& data);

// Judges the lines that `is_tested` names with one bundle. `vectors` [forms, kDim] are those of data.forms as
// the bundle spells them, `encoder` what they come from, or null if the bundle's head does not look at words. Labels are
// compared by name; a label that `data` lacks counts as no answer, so give `data` those of the bundle too
// (with_labels_of). Errors: a rule book that does not compile.
Result<void> judge_lines(const LabelledData& data, std::span<const float> vectors, const Bundle& bundle,
                         const SentenceEncoder* encoder, const std::vector<bool>& is_tested,
                         HeldOutAnswers& answers);

// The data with the labels of `bundle` among its own.
LabelledData with_labels_of(LabelledData data, const Bundle& bundle);

// `vectors` are those of data.forms in plain words. Trains a bundle for every tested part and judges that part; with
// `discovery`, each discovers rules of its own after those of `rules`. `tick` is called after every part. The floors
// of options.min_rows and min_forms are meant for the whole data and shrink with the share that a part trains on.
// Errors: those of training.
Result<HeldOutAnswers> held_out_answers(const LabelledData& data, std::span<const float> vectors,
                                        const RuleBook& rules, const Split& split,
                                        const TrainOptions& options,
                                        const std::optional<DiscoveryOptions>& discovery,
                                        const std::function<void()>& tick);

}  // namespace logsieve

#endif  // LOGSIEVE_TRAINING_EVALUATE_HELD_OUT_H_
