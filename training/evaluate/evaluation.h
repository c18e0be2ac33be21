// How good a model is on lines that it has not seen, before and after it may abstain.
//
// Everything is learned inside a fold: thresholds, temperature, prototypes, novelty. Protocols (folds.h): form
// (whole masked forms held out; the honest one), line (leaky, for comparison with others), source.
#ifndef LOGSIEVE_TRAINING_EVALUATE_EVALUATION_H_
#define LOGSIEVE_TRAINING_EVALUATE_EVALUATION_H_

#include <cstddef>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "bundle/bundle.h"
#include "encoder/sentence_encoder.h"
#include "training/discover/rule_discovery.h"
#include "training/fit/folds.h"
#include "training/fit/labelled_data.h"
#include "training/fit/scores.h"
#include "training/fit/trainer.h"

namespace logsieve {

struct Evaluation {
  std::string protocol;   // form, line, source; "model" for a held-out file
  std::size_t folds = 0;  // 0 for "model"
  LabelSet labels;
  std::size_t lines = 0;
  std::size_t forms = 0;
  double seen_form_share = 0.0;  // of test lines: their form was in training. Above 0 the scores are leaky
  std::vector<LabelId> scored_labels;  // those with at least kMinRows lines: what `before` counts
  Scores before;                       // likeliest label of the regression, lines of scored labels only
  double form_accuracy_before = 0.0;   // the same, each form counted once
  double macro_f1_before = 0.0;        // over scored_labels
  Scores after;                        // verdicts of rules, model and prototypes, all lines
  std::vector<Confusion> confusions_before;
  std::vector<std::size_t> forms_of_label;  // [labels]
};

inline constexpr std::size_t kMinRows = 10;

// Cross-validation. With `discovery`, each fold discovers rules of its own after those of `rules`. Errors: those of
// training a fold.
Result<Evaluation> cross_validate(const LabelledData& data, const RuleBook& rules,
                                  const SentenceEncoder& encoder, Protocol protocol,
                                  const TrainOptions& options,
                                  const std::optional<DiscoveryOptions>& discovery = {});

// A trained bundle on a labelled file. Errors: a label or encoder that the bundle does not know is no error;
// a rule book that does not compile is.
Result<Evaluation> evaluate_bundle(const LabelledData& data, const Bundle& bundle,
                                   const SentenceEncoder& encoder, std::size_t threads);

nlohmann::ordered_json to_json(const Evaluation& evaluation);
std::string to_text(const Evaluation& evaluation);

}  // namespace logsieve

#endif  // LOGSIEVE_TRAINING_EVALUATE_EVALUATION_H_
