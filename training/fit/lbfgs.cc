#include "training/fit/lbfgs.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <deque>
#include <limits>
#include <utility>

namespace logsieve {
namespace {

constexpr double kSufficientDecrease = 1e-4;
constexpr double kCurvature = 0.9;
constexpr std::size_t kMaxTrials = 40;
// Two values this close (relative) are equal for all that a sum of thousands of terms can tell.
constexpr double kValueNoise = 1e-13;

using Double2 = double __attribute__((vector_size(16)));

Double2 load2(const double* from) {
  Double2 out;
  std::memcpy(&out, from, sizeof out);
  return out;
}

// Eight sums, so that an addition need not wait for the one before it.
double inner(std::span<const double> a, std::span<const double> b) {
  Double2 sum0 = {};
  Double2 sum1 = {};
  Double2 sum2 = {};
  Double2 sum3 = {};
  std::size_t i = 0;
  for (const double *x = a.data(), *y = b.data(); i + 8 <= a.size(); i += 8) {
    sum0 += load2(x + i) * load2(y + i);
    sum1 += load2(x + i + 2) * load2(y + i + 2);
    sum2 += load2(x + i + 4) * load2(y + i + 4);
    sum3 += load2(x + i + 6) * load2(y + i + 6);
  }
  const Double2 sums = (sum0 + sum1) + (sum2 + sum3);
  double sum = sums[0] + sums[1];
  for (; i < a.size(); ++i) sum += a[i] * b[i];
  return sum;
}

// to += factor * from
void add_scaled(double factor, std::span<const double> from, std::span<double> to) {
  std::size_t i = 0;
  double* out = to.data();
  for (const double* in = from.data(); i + 2 <= to.size(); i += 2) {
    const Double2 sum = load2(out + i) + factor * load2(in + i);
    std::memcpy(out + i, &sum, sizeof sum);
  }
  if (i < to.size()) out[i] += factor * from[i];
}

double largest(std::span<const double> values) {
  double out = 0.0;
  for (const double value : values) out = std::max(out, std::abs(value));
  return out;
}

// One accepted step: s = x' - x, y = g' - g.
struct Pair {
  std::vector<double> s;
  std::vector<double> y;
  double rho;  // 1 / (s . y)
};

// direction = -H g by the two-loop recursion; H starts as a multiple of the identity from the newest pair.
void descend(const std::deque<Pair>& pairs, std::span<const double> gradient,
             std::vector<double>& direction) {
  for (std::size_t i = 0; i < gradient.size(); ++i) direction[i] = -gradient[i];
  std::vector<double> alphas(pairs.size());
  for (std::size_t p = pairs.size(); p-- > 0;) {
    alphas[p] = pairs[p].rho * inner(pairs[p].s, direction);
    add_scaled(-alphas[p], pairs[p].y, direction);
  }
  if (!pairs.empty()) {
    const double scale = 1.0 / (pairs.back().rho * inner(pairs.back().y, pairs.back().y));
    for (double& value : direction) value *= scale;
  }
  for (std::size_t p = 0; p < pairs.size(); ++p) {
    const double beta = alphas[p] - pairs[p].rho * inner(pairs[p].y, direction);
    add_scaled(beta, pairs[p].s, direction);
  }
}

// A point on the line: step length, value and slope there.
struct Trial {
  double step = 0.0;
  double value = 0.0;
  double slope = 0.0;
};

// Minimum of the cubic through two trials, kept away from both ends so that the bracket shrinks.
double interpolate(const Trial& low, const Trial& high) {
  const double width = high.step - low.step;
  const double theta = 3.0 * (low.value - high.value) / width + low.slope + high.slope;
  const double root = std::sqrt(std::max(0.0, theta * theta - low.slope * high.slope));
  double step = high.step - width * (high.slope + root - theta) / (high.slope - low.slope + 2.0 * root);
  if (!std::isfinite(step)) step = low.step + 0.5 * width;
  return std::clamp(step, low.step + 0.1 * width, high.step - 0.1 * width);
}

class LineSearch {
 public:
  LineSearch(const Objective& objective, std::span<const double> start, std::span<const double> direction,
             Trial origin)
      : objective_(objective), start_(start), direction_(direction), origin_(origin) {}

  // Fills `x`, `gradient` with the accepted point. False: no step makes progress.
  bool run(double first_step, std::vector<double>& x, std::vector<double>& gradient, double& value);
  std::size_t evaluations() const { return evaluations_; }

 private:
  Trial try_step(double step, std::vector<double>& x, std::vector<double>& gradient) {
    for (std::size_t i = 0; i < x.size(); ++i) x[i] = start_[i] + step * direction_[i];
    ++evaluations_;
    const double value = objective_(x, gradient);
    return {step, value, inner(gradient, direction_)};
  }
  bool is_low_enough(const Trial& trial) const {
    if (trial.value <= origin_.value + kSufficientDecrease * trial.step * origin_.slope) return true;
    const bool is_level = trial.value <= origin_.value + kValueNoise * std::abs(origin_.value);
    return is_level && trial.slope <= (2 * kSufficientDecrease - 1) * origin_.slope;
  }

  const Objective& objective_;
  std::span<const double> start_;
  std::span<const double> direction_;
  Trial origin_;
  std::size_t evaluations_ = 0;
};

bool LineSearch::run(double first_step, std::vector<double>& x, std::vector<double>& gradient,
                     double& value) {
  Trial low = origin_;
  Trial high;
  bool has_high = false;
  double step = first_step;
  for (std::size_t i = 0; i < kMaxTrials; ++i) {
    const Trial trial = try_step(step, x, gradient);
    if (!std::isfinite(trial.value)) {  // stepped out of the representable: come back
      step = low.step + 0.1 * (step - low.step);
      continue;
    }
    if (is_low_enough(trial) && std::abs(trial.slope) <= -kCurvature * origin_.slope) {
      value = trial.value;
      return true;
    }
    if (is_low_enough(trial) && trial.slope < 0) {
      low = trial;
    } else {
      high = trial;
      has_high = true;
    }
    step = has_high ? interpolate(low, high) : 2.0 * step;
  }
  return false;
}

void remember(std::deque<Pair>& pairs, std::size_t memory, Pair pair) {
  const double curvature = inner(pair.s, pair.y);
  // Rounding near the minimum can make the curvature vanish; such a pair would spoil the approximation.
  if (curvature <= std::numeric_limits<double>::epsilon() * inner(pair.y, pair.y)) return;
  pair.rho = 1.0 / curvature;
  pairs.push_back(std::move(pair));
  if (pairs.size() > memory) pairs.pop_front();
}

}  // namespace

MinimizeResult minimize(const Objective& objective, std::vector<double>& x, const MinimizeOptions& options) {
  std::vector<double> gradient(x.size());
  std::vector<double> direction(x.size());
  std::vector<double> next_x(x.size());
  std::vector<double> next_gradient(x.size());
  std::deque<Pair> pairs;
  MinimizeResult result;
  result.value = objective(x, gradient);
  result.evaluations = 1;
  for (;;) {
    result.gradient_max = largest(gradient);
    result.is_converged = result.gradient_max <= options.gradient_tolerance;
    if (result.is_converged || result.iterations == options.max_iterations) return result;
    descend(pairs, gradient, direction);
    double slope = inner(gradient, direction);
    if (!(slope < 0)) {  // the approximation has broken down: start again from the steepest descent
      pairs.clear();
      descend(pairs, gradient, direction);
      slope = inner(gradient, direction);
    }
    // Without curvature the gradient's length says nothing about the step: try a step of length 1.
    const double first_step = pairs.empty() ? std::min(1.0, 1.0 / std::sqrt(inner(gradient, gradient))) : 1.0;
    LineSearch search(objective, x, direction, {0.0, result.value, slope});
    const bool is_accepted = search.run(first_step, next_x, next_gradient, result.value);
    result.evaluations += search.evaluations();
    if (!is_accepted) {
      if (pairs.empty()) return result;
      pairs.clear();
      continue;
    }
    ++result.iterations;
    Pair pair{next_x, next_gradient, 0.0};
    for (std::size_t i = 0; i < x.size(); ++i) {
      pair.s[i] -= x[i];
      pair.y[i] -= gradient[i];
    }
    x.swap(next_x);
    gradient.swap(next_gradient);
    remember(pairs, options.memory, std::move(pair));
  }
}

}  // namespace logsieve
