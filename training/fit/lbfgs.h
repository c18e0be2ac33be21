// Limited-memory BFGS for smooth functions of many variables, in double.
// Source: Nocedal and Wright, Numerical Optimization (2nd ed.), algorithms 7.4 and 7.5; the line search brackets a
// step that satisfies the strong Wolfe conditions, or, where rounding hides the decrease, the approximate Wolfe
// conditions of Hager and Zhang (2005). Deterministic: the same function values give the same steps.
#ifndef LOGSIEVE_TRAINING_FIT_LBFGS_H_
#define LOGSIEVE_TRAINING_FIT_LBFGS_H_

#include <cstddef>
#include <functional>
#include <span>
#include <vector>

namespace logsieve {

// Returns f(x) and writes its gradient, of the size of x.
using Objective = std::function<double(std::span<const double> x, std::span<double> gradient)>;

struct MinimizeOptions {
  std::size_t memory = 10;  // pairs of steps that approximate the curvature
  std::size_t max_iterations = 2000;
  double gradient_tolerance = 1e-6;  // done when no component of the gradient is larger
};

struct MinimizeResult {
  double value = 0.0;
  double gradient_max = 0.0;  // largest component at the end
  std::size_t iterations = 0;
  std::size_t evaluations = 0;  // calls of the objective
  bool is_converged = false;    // the tolerance was reached
};

// Walks `x` from where it stands to a minimum. Stops without convergence at max_iterations or where no step
// makes progress; `x` is then the best point seen. O(memory * x.size()) a step beside the objective.
MinimizeResult minimize(const Objective& objective, std::vector<double>& x, const MinimizeOptions& options);

}  // namespace logsieve

#endif  // LOGSIEVE_TRAINING_FIT_LBFGS_H_
