// What each part of the regression adds: the same folds of whole forms again, with one part left out or another choice.
//
// Only the regression is fitted, always answering, at one strength (TrainOptions::c): that makes a row cost five small
// fits instead of a whole evaluation, and rows differ in nothing else. How forms are weighed is chosen by these very
// folds, for all rows, so the first one's lead over the other weights is a little flattered.
#ifndef LOGSIEVE_TRAINING_REPORT_ABLATIONS_H_
#define LOGSIEVE_TRAINING_REPORT_ABLATIONS_H_

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "training/fit/labelled_data.h"
#include "training/fit/trainer.h"

namespace logsieve {

struct Ablation {
  std::string name;
  double accuracy = 0.0;  // by line, as macro_f1 and coverage_at_99
  double macro_f1 = 0.0;
  double coverage_at_99 = 0.0;
  double form_accuracy = 0.0;
  double log_loss = 0.0;  // mean over forms, at the temperature that makes it least
  std::size_t won = 0;    // forms right here and wrong in the first row
  std::size_t lost = 0;   // and the other way round
};

struct Ablations {
  std::size_t forms = 0;       // that were judged
  std::vector<Ablation> rows;  // the whole model first; empty where there is no regression, or no encoder
};

// Forms that are looked at; of more, a sample by label in proportion.
inline constexpr std::size_t kMostAblatedForms = 1000;

// `vectors` [forms, kDim] are those of data.forms in plain words, by options.encoder; the whole model reads placeholders as
// `spelling` has them, and the other spellings have rows where there is an options.reader. About 55 fits, and the
// encoding of one raw line a form. The same whatever the threads. Errors: those of fit_logistic and of the encoder.
Result<Ablations> ablations_of(const LabelledData& data, std::span<const float> vectors, Spelling spelling,
                               const TrainOptions& options);

}  // namespace logsieve

#endif  // LOGSIEVE_TRAINING_REPORT_ABLATIONS_H_
