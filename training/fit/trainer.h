// From labelled data to a bundle: logistic regression on forms, temperature, thresholds, prototypes.
#ifndef LOGSIEVE_TRAINING_FIT_TRAINER_H_
#define LOGSIEVE_TRAINING_FIT_TRAINER_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "bundle/bundle.h"
#include "training/fit/labelled_data.h"

namespace logsieve {

struct TrainOptions {
  double c = 10.0;          // inverse regularisation strength, scikit-learn's C
  double precision = 0.99;  // aimed at by each label's threshold, on out-of-fold forms
  std::size_t folds = 5;
  std::size_t min_rows = 10;  // a label with fewer goes to the prototypes
  std::size_t min_forms = 3;
  std::uint64_t seed = 1;
  std::size_t threads = 1;
};

// What happened, for the terminal and for report files.
struct TrainSummary {
  std::vector<std::string> lines;  // ready to print, in order
};

// `vectors` are those of data.forms ([forms, kDim] row-major; training/fit/form_vectors.h); which encoder they come
// from is the caller's to enter in the bundle. `summary` may be null; then its costs are saved. Same data, options and
// seed give the same bundle, whatever the threads.
Result<Bundle> train_on_vectors(const LabelledData& data, std::span<const float> vectors, RuleBook rules,
                                const TrainOptions& options, TrainSummary* summary);

}  // namespace logsieve

#endif  // LOGSIEVE_TRAINING_FIT_TRAINER_H_
