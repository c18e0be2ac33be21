// From labelled data to a bundle: logistic regression on forms, temperature, thresholds, prototypes, novelty.
#ifndef LOGSIEVE_TRAINING_FIT_TRAINER_H_
#define LOGSIEVE_TRAINING_FIT_TRAINER_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "bundle/bundle.h"
#include "encoder/sentence_encoder.h"
#include "training/fit/background.h"
#include "training/fit/error_limits.h"
#include "training/fit/form_vectors.h"
#include "training/fit/labelled_data.h"
#include "training/fit/spelling_choice.h"

namespace logsieve {

struct TrainOptions {
  double c = 10.0;  // inverse regularisation strength, scikit-learn's C, and the first that is tried
  bool tries_strengths = true;
  double precision = 0.99;  // aimed at by each label's threshold, on out-of-fold forms
  ErrorLimits limits = {};  // thresholds with a bound, instead of those
  std::size_t folds = 5;
  std::size_t min_rows = 10;  // a label with fewer goes to the prototypes
  std::size_t min_forms = 3;
  std::uint64_t seed = 1;
  std::size_t threads = 1;
  // The encoder of the vectors: with it the head looks at the words of forms too (training/fit/views.h), without it at
  // vectors alone. Must outlive the call.
  const SentenceEncoder* encoder = nullptr;
  // What is no log line, by the same encoder (training/fit/background.h); null: only what is far from all labels is
  // refused. With the reader, random words of the labelled forms are added to it. Must outlive the call.
  const Background* background = nullptr;
  // Vectors of forms whose placeholders are spelled otherwise: with it training chooses the spelling
  // (training/fit/spelling_choice.h), without it they are plain words. Over the same encoder; must outlive the call.
  FormReader* reader = nullptr;
  std::optional<Spelling> spelling = {};  // this one, without a choice; needs the reader
};

// Forms that the regression is fitted to, and those that calibrate it, each label in proportion: what more would add is
// below what folds can tell, and 100,000 lines are to be learned in a minute.
inline constexpr std::size_t kMostFitForms = 15'000;
inline constexpr std::size_t kMostCalibrationForms = 5'000;

// What happened, for the terminal and for report files.
struct TrainSummary {
  std::vector<std::string> lines;  // ready to print, in order
  std::optional<SpellingChoice> spelling;
};

// `vectors` are those of data.forms in plain words ([forms, kDim] row-major; training/fit/form_vectors.h), those of the
// bundle may be others; which encoder they come
// from is the caller's to enter in the bundle. `summary` may be null; then its costs are saved. Same data, options and
// seed give the same bundle, whatever the threads.
Result<Bundle> train_on_vectors(const LabelledData& data, std::span<const float> vectors, RuleBook rules,
                                const TrainOptions& options, TrainSummary* summary);

}  // namespace logsieve

#endif  // LOGSIEVE_TRAINING_FIT_TRAINER_H_
