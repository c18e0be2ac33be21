// The objective of logistic regression and its gradient, over blocks of rows that threads share out.
// Parameters are panels of four classes, [panels, dim + 1, 4]; the last row of a panel is the bias. Classes are
// filled up to a multiple of four with parameters that stay 0.
#ifndef LOGSIEVE_TRAINING_FIT_LOGISTIC_OBJECTIVE_H_
#define LOGSIEVE_TRAINING_FIT_LOGISTIC_OBJECTIVE_H_

#include <cstddef>
#include <span>
#include <vector>

#include "training/fit/logistic_regression.h"

namespace logsieve {

class LogisticObjective {
 public:
  // `weights`: s_i of the header above, [n]. Copies the rows as doubles. `is_portable`: no AVX2, even where there is;
  // the bits are the same.
  LogisticObjective(const LogisticProblem& problem, std::span<const double> weights, double c,
                    std::size_t threads, bool is_portable = false);

  std::size_t parameters() const { return panels_ * panel_size(); }
  // F and its gradient. Blocks and the order of their sums are fixed: the bits do not depend on `threads`.
  double evaluate(std::span<const double> parameters, std::span<double> gradient);
  // Row-major weights [classes, dim] and bias [classes] of a parameter vector.
  void unpack(std::span<const double> parameters, std::vector<double>& weights,
              std::vector<double>& bias) const;

 private:
  std::size_t panel_size() const { return (dim_ + 1) * 4; }
  double evaluate_block(std::size_t block, std::span<const double> parameters, double* scores);
  // Turns scores of a row into s_i * (softmax - one-hot) and returns s_i * nll_i.
  double residual(std::size_t row, double* scores) const;

  std::size_t dim_;
  std::size_t classes_;
  std::size_t panels_;
  std::size_t rows_;  // filled up to a multiple of four with rows of weight 0
  double c_;
  std::size_t threads_;
  bool uses_avx2_;
  std::vector<double> x_;                  // [rows_, dim_ + 1], the last column 1
  std::vector<std::int32_t> y_;            // [rows_]
  std::vector<double> weights_;            // [rows_]
  std::vector<double> partial_gradients_;  // [blocks, parameters]
  std::vector<double> partial_values_;     // [blocks]
  std::vector<double> scores_;             // [threads, block rows, panels * 4]
};

}  // namespace logsieve

#endif  // LOGSIEVE_TRAINING_FIT_LOGISTIC_OBJECTIVE_H_
