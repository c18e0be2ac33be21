// Logistic regression on the words of forms, with the objective of logistic_regression.h: rows are sparse, so that a
// vocabulary of thousands costs what its words in use cost.
#ifndef LOGSIEVE_TRAINING_FIT_TERM_REGRESSION_H_
#define LOGSIEVE_TRAINING_FIT_TERM_REGRESSION_H_

#include <cstdint>
#include <span>
#include <vector>

#include "base/result.h"
#include "head/form_terms.h"
#include "head/softmax_head.h"
#include "training/fit/logistic_regression.h"

namespace logsieve {

struct TermModel {
  std::vector<std::int32_t> keys;  // [t] every word of the training rows, ascending
  std::vector<float> idf;  // [t] ln((1 + rows) / (1 + rows with the word)) + 1, as scikit-learn's smooth idf
  LogisticModel regression;  // dim t
};

// `terms` are those of each row (form_terms), `y` their classes in [0, classes), `weights` as in LogisticProblem.
// Errors: kInvalidArgument as fit_logistic. O(iterations * words of all rows * classes).
Result<TermModel> fit_terms(std::span<const std::vector<FormTerm>> terms, std::span<const std::int32_t> y,
                            std::size_t classes, std::span<const double> weights,
                            const LogisticOptions& options);

// Scores of a row; words that the model does not know count nothing. `logits` [classes].
void term_scores(const TermModel& model, std::span<const FormTerm> terms, std::span<double> logits);

}  // namespace logsieve

#endif  // LOGSIEVE_TRAINING_FIT_TERM_REGRESSION_H_
