// Multinomial logistic regression with scikit-learn's objective (LogisticRegression, solver lbfgs, penalty l2):
//   F(W, b) = C * sum_i s_i * nll_i + 1/2 * sum(W^2),  nll_i = logsumexp(W x_i + b) - (W x_i + b)[y_i]
// with a free intercept. Two classes are scikit-learn's binary form, one row w with penalty 1/2 |w|^2; it is
// fitted here as two rows +-w/2, whose penalty is half of that, at C/2.
#ifndef LOGSIEVE_TRAINING_FIT_LOGISTIC_REGRESSION_H_
#define LOGSIEVE_TRAINING_FIT_LOGISTIC_REGRESSION_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "base/result.h"

namespace logsieve {

// Spans must outlive the call only.
struct LogisticProblem {
  std::span<const float> x;  // [n, dim] row-major
  std::size_t dim = 0;
  std::span<const std::int32_t> y;       // [n] class of each row, in [0, classes)
  std::size_t classes = 0;               // at least 2, each with some weight
  std::span<const double> weights = {};  // [n], >= 0; empty: all 1
};

struct LogisticOptions {
  double c = 1.0;            // inverse strength of the penalty
  bool is_balanced = false;  // s_i = weight_i * S / (classes * S_class(i)): every class weighs the same
  // Done when no component of the gradient of F / (C * sum s) is larger; scikit-learn's `tol`. At 1e-6
  // probabilities are within 1e-4 of the exact minimum.
  double tolerance = 1e-6;
  std::size_t max_iterations = 2000;
  std::size_t threads = 1;  // the result does not depend on it
};

struct LogisticModel {
  std::size_t dim = 0;
  std::size_t classes = 0;
  std::vector<double> weights;  // [classes, dim]; sums to 0 over the classes
  std::vector<double> bias;     // [classes]; sums to 0
  double objective = 0.0;       // F
  std::size_t iterations = 0;
  bool is_converged = false;
};

// kInvalidArgument if a shape is off, a number is not finite, a weight is negative or a class has none.
// O(iterations * n * dim * classes); 600 rows of 384 with 9 classes take 0.1 s on one core.
Result<LogisticModel> fit_logistic(const LogisticProblem& problem, const LogisticOptions& options);

// s_i of the header above: `given` [n] (empty: all 1), balanced or not. kInvalidArgument if a class has no weight: its
// bias would run to minus infinity.
Result<std::vector<double>> effective_weights(std::span<const std::int32_t> y, std::size_t classes,
                                              std::span<const double> given, bool is_balanced);

// W x + b; `logits` [classes].
void logistic_scores(const LogisticModel& model, std::span<const float> x, std::span<double> logits);

}  // namespace logsieve

#endif  // LOGSIEVE_TRAINING_FIT_LOGISTIC_REGRESSION_H_
