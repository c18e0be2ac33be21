// How good a model is on lines that it has not seen, before and after it may abstain.
//
// Everything is learned inside a fold: rules, spelling, head, temperature, thresholds, prototypes, novelty
// (held_out.h). What a fold holds out is the protocol (splits.h).
#ifndef LOGSIEVE_TRAINING_EVALUATE_EVALUATION_H_
#define LOGSIEVE_TRAINING_EVALUATE_EVALUATION_H_

#include <cstddef>
#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "bundle/bundle.h"
#include "encoder/sentence_encoder.h"
#include "training/discover/rule_discovery.h"
#include "training/evaluate/curves.h"
#include "training/evaluate/held_out.h"
#include "training/evaluate/splits.h"
#include "training/fit/labelled_data.h"
#include "training/fit/scores.h"
#include "training/fit/trainer.h"

namespace logsieve {

// One run over the whole data.
struct Evaluation {
  std::string protocol;    // form, family, line, source, time; "model" for a held-out file
  std::size_t folds = 0;   // 0 for "model"
  std::uint64_t seed = 0;  // of the split and of training
  LabelSet labels;
  std::size_t lines = 0;
  std::size_t forms = 0;
  std::size_t families = 0;      // of near-duplicate forms
  std::size_t tested_lines = 0;  // fewer than `lines` for kTime
  double seen_form_share = 0.0;  // of tested lines: their form was in training. Above 0 the scores are leaky
  double seen_family_share = 0.0;           // of tested lines: a near duplicate of their form was
  double novel_form_share = 0.0;            // of tested forms: refused as unlike all training data
  std::vector<std::size_t> forms_of_label;  // [labels]
  std::vector<LabelId>
      scored_labels;  // at least kMinRows lines, in two parts of the split at least: `before` counts these
  std::vector<LabelId>
      untestable_labels;  // enough lines, but all in one part: what tests them never teaches them

  // The regression alone, always answering, lines of scored labels only.
  Scores before;
  WeightedScores before_by_form;  // each form counted once
  double macro_f1_before = 0.0;   // over scored_labels
  double form_macro_f1_before = 0.0;
  RiskCoverage risk_before;
  std::vector<ReliabilityBin> reliability_before;
  std::vector<Confusion> confusions_before;

  // Verdicts of rules, model and prototypes, each allowed to abstain, all tested lines.
  Scores after;
  WeightedScores after_by_form;
};

inline constexpr std::size_t kMinRows = 10;

// Negative control: the labels of forms are dealt out at random, so that nothing can be learned. Then a form's label is
// right no more often than by always answering the most frequent one, or the answers leak from somewhere.
struct ShuffledControl {
  double form_accuracy = 0.0;  // of the regression, always answering
  double form_prior = 0.0;     // share of forms that carry the most frequent label
  Interval interval;           // Wilson, 95 %, of form_accuracy
  double answered = 0.0;       // share of lines answered where abstaining is allowed
  bool falls_to_prior() const { return interval.low <= form_prior; }
};

struct EvaluationPlan {
  SplitBy split = SplitBy::kForm;
  std::size_t folds = 5;
  std::size_t seeds = 1;     // runs, with seed, seed + 1, …; one where the split has no chance in it
  bool has_control = false;  // also run the negative control, without rules
};

struct EvaluationRuns {
  std::vector<Evaluation> runs;  // at least one
  HeldOutAnswers answers;        // of the first run
  std::optional<ShuffledControl> control;
  std::vector<std::string> suspicions;  // of leaks, ready to print
};

// Cross-validation; `vectors` [forms, kDim] are those of data.forms in plain words. With `discovery`, each fold
// discovers rules of its own after those of `rules`. Shows a progress bar on a terminal. Errors: those of the split
// and of training a fold.
Result<EvaluationRuns> cross_validate(const LabelledData& data, std::span<const float> vectors,
                                      const RuleBook& rules, const EvaluationPlan& plan,
                                      const TrainOptions& options,
                                      const std::optional<DiscoveryOptions>& discovery = {});

// Figures of answers that were made elsewhere; `split` null: one bundle judged all lines.
Evaluation summarise(const LabelledData& data, const HeldOutAnswers& answers, const Split* split);

// A trained bundle on a labelled file. Errors: a label that the bundle or the file does not know is no error;
// a rule book that does not compile is.
Result<EvaluationRuns> evaluate_bundle(const LabelledData& data, const Bundle& bundle,
                                       const SentenceEncoder& encoder, std::size_t threads);

// Every number is the mean over the runs; of tiers answered and right are, rounded, so that their interval is that of
// one run. O(1) a label.
Evaluation mean_of(std::span<const Evaluation> runs);

// For machines and for people: the means, and lowest and highest where there are several runs.
nlohmann::ordered_json to_json(const EvaluationRuns& evaluation);
std::string to_text(const EvaluationRuns& evaluation);

}  // namespace logsieve

#endif  // LOGSIEVE_TRAINING_EVALUATE_EVALUATION_H_
