#include "training/fit/logistic_objective.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "base/threads.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace logsieve {
namespace {

constexpr std::size_t kLanes = 4;        // classes of a panel, and rows of a tile
constexpr std::size_t kBlockRows = 256;  // rows whose sums are kept apart; a multiple of kLanes

std::size_t round_up(std::size_t value) {
  return (value + kLanes - 1) / kLanes * kLanes;
}

// A panel's four classes lie in two registers, or with AVX2 in one: products and sums of a class are the same in the
// same order, so the bits are too. (No fused multiply-add, which would round once less.)
using Double2 = double __attribute__((vector_size(16)));

Double2 load2(const double* from) {
  Double2 out;
  std::memcpy(&out, from, sizeof out);
  return out;
}

void store2(double* to, Double2 value) {
  std::memcpy(to, &value, sizeof value);
}

// scores[r][0..4) = x[r] . panel, for four rows. Each sum runs over the columns in order. Eight accumulators
// and two loads fit the sixteen registers that every x86-64 has.
void score_tile_anywhere(const double* x, std::size_t width, const double* panel, double* scores,
                         std::size_t stride) {
  Double2 sums[kLanes][2] = {};
  for (std::size_t d = 0; d < width; ++d) {
    const Double2 left = load2(panel + d * kLanes);
    const Double2 right = load2(panel + d * kLanes + 2);
    for (std::size_t r = 0; r < kLanes; ++r) {
      const double value = x[r * width + d];
      sums[r][0] += value * left;
      sums[r][1] += value * right;
    }
  }
  for (std::size_t r = 0; r < kLanes; ++r) {
    store2(scores + r * stride, sums[r][0]);
    store2(scores + r * stride + 2, sums[r][1]);
  }
}

// gradient panel += sum over four rows of x[r] (outer) residuals[r][0..4).
void gradient_tile_anywhere(const double* x, std::size_t width, const double* residuals, std::size_t stride,
                            double* panel) {
  Double2 factors[kLanes][2];
  for (std::size_t r = 0; r < kLanes; ++r) {
    factors[r][0] = load2(residuals + r * stride);
    factors[r][1] = load2(residuals + r * stride + 2);
  }
  for (std::size_t d = 0; d < width; ++d) {
    Double2 left = load2(panel + d * kLanes);
    Double2 right = load2(panel + d * kLanes + 2);
    for (std::size_t r = 0; r < kLanes; ++r) {
      const double value = x[r * width + d];
      left += value * factors[r][0];
      right += value * factors[r][1];
    }
    store2(panel + d * kLanes, left);
    store2(panel + d * kLanes + 2, right);
  }
}

#if defined(__x86_64__)
[[gnu::target("avx2")]] void score_tile_avx2(const double* x, std::size_t width, const double* panel,
                                             double* scores, std::size_t stride) {
  __m256d sum0 = _mm256_setzero_pd();
  __m256d sum1 = sum0;
  __m256d sum2 = sum0;
  __m256d sum3 = sum0;
  for (std::size_t d = 0; d < width; ++d) {
    const __m256d classes = _mm256_loadu_pd(panel + d * kLanes);
    sum0 = _mm256_add_pd(sum0, _mm256_mul_pd(_mm256_set1_pd(x[d]), classes));
    sum1 = _mm256_add_pd(sum1, _mm256_mul_pd(_mm256_set1_pd(x[width + d]), classes));
    sum2 = _mm256_add_pd(sum2, _mm256_mul_pd(_mm256_set1_pd(x[2 * width + d]), classes));
    sum3 = _mm256_add_pd(sum3, _mm256_mul_pd(_mm256_set1_pd(x[3 * width + d]), classes));
  }
  _mm256_storeu_pd(scores, sum0);
  _mm256_storeu_pd(scores + stride, sum1);
  _mm256_storeu_pd(scores + 2 * stride, sum2);
  _mm256_storeu_pd(scores + 3 * stride, sum3);
}

[[gnu::target("avx2")]] void gradient_tile_avx2(const double* x, std::size_t width, const double* residuals,
                                                std::size_t stride, double* panel) {
  const __m256d factor0 = _mm256_loadu_pd(residuals);
  const __m256d factor1 = _mm256_loadu_pd(residuals + stride);
  const __m256d factor2 = _mm256_loadu_pd(residuals + 2 * stride);
  const __m256d factor3 = _mm256_loadu_pd(residuals + 3 * stride);
  for (std::size_t d = 0; d < width; ++d) {
    __m256d sum = _mm256_loadu_pd(panel + d * kLanes);
    sum = _mm256_add_pd(sum, _mm256_mul_pd(_mm256_set1_pd(x[d]), factor0));
    sum = _mm256_add_pd(sum, _mm256_mul_pd(_mm256_set1_pd(x[width + d]), factor1));
    sum = _mm256_add_pd(sum, _mm256_mul_pd(_mm256_set1_pd(x[2 * width + d]), factor2));
    sum = _mm256_add_pd(sum, _mm256_mul_pd(_mm256_set1_pd(x[3 * width + d]), factor3));
    _mm256_storeu_pd(panel + d * kLanes, sum);
  }
}

bool has_avx2() {
  static const bool kHas = __builtin_cpu_supports("avx2") != 0;
  return kHas;
}
#else
constexpr auto score_tile_avx2 = score_tile_anywhere;
constexpr auto gradient_tile_avx2 = gradient_tile_anywhere;
constexpr bool has_avx2() {
  return false;
}
#endif

}  // namespace

LogisticObjective::LogisticObjective(const LogisticProblem& problem, std::span<const double> weights,
                                     double c, std::size_t threads, bool is_portable)
    : dim_(problem.dim),
      classes_(problem.classes),
      panels_(round_up(problem.classes) / kLanes),
      rows_(round_up(problem.y.size())),
      c_(c),
      threads_(std::max<std::size_t>(threads, 1)),
      uses_avx2_(has_avx2() && !is_portable),
      x_(rows_ * (dim_ + 1)),
      y_(rows_),
      weights_(rows_) {
  for (std::size_t row = 0; row < problem.y.size(); ++row) {
    std::copy_n(problem.x.begin() + static_cast<std::ptrdiff_t>(row * dim_), dim_, &x_[row * (dim_ + 1)]);
    x_[row * (dim_ + 1) + dim_] = 1.0;
    y_[row] = problem.y[row];
    weights_[row] = weights[row];
  }
  const std::size_t blocks = (rows_ + kBlockRows - 1) / kBlockRows;
  partial_gradients_.resize(blocks * parameters());
  partial_values_.resize(blocks);
  scores_.resize(std::min(threads_, blocks) * kBlockRows * panels_ * kLanes);
}

double LogisticObjective::residual(std::size_t row, double* scores) const {
  double top = scores[0];
  for (std::size_t k = 1; k < classes_; ++k) top = std::max(top, scores[k]);
  const auto truth = static_cast<std::size_t>(y_[row]);
  const double truth_score = scores[truth];
  double sum = 0.0;
  for (std::size_t k = 0; k < classes_; ++k) {
    scores[k] = std::exp(scores[k] - top);
    sum += scores[k];
  }
  const double weight = weights_[row];
  for (std::size_t k = 0; k < classes_; ++k) scores[k] *= weight / sum;
  std::fill(scores + classes_, scores + panels_ * kLanes, 0.0);
  scores[truth] -= weight;
  return weight * (std::log(sum) + top - truth_score);
}

double LogisticObjective::evaluate_block(std::size_t block, std::span<const double> parameters,
                                         double* scores) {
  const std::size_t begin = block * kBlockRows;
  const std::size_t end = std::min(rows_, begin + kBlockRows);
  const std::size_t width = dim_ + 1;
  const std::size_t stride = panels_ * kLanes;
  double* gradient = &partial_gradients_[block * this->parameters()];
  std::fill_n(gradient, this->parameters(), 0.0);
  auto* const score_tile = uses_avx2_ ? &score_tile_avx2 : &score_tile_anywhere;
  auto* const gradient_tile = uses_avx2_ ? &gradient_tile_avx2 : &gradient_tile_anywhere;
  double value = 0.0;
  for (std::size_t row = begin; row < end; row += kLanes) {
    double* tile = scores + (row - begin) * stride;
    for (std::size_t p = 0; p < panels_; ++p)
      score_tile(&x_[row * width], width, &parameters[p * panel_size()], tile + p * kLanes, stride);
    for (std::size_t r = 0; r < kLanes; ++r) value += residual(row + r, tile + r * stride);
    for (std::size_t p = 0; p < panels_; ++p)
      gradient_tile(&x_[row * width], width, tile + p * kLanes, stride, gradient + p * panel_size());
  }
  return value;
}

double LogisticObjective::evaluate(std::span<const double> parameters, std::span<double> gradient) {
  const std::size_t blocks = partial_values_.size();
  parallel_for(blocks, threads_, [&](std::size_t block, std::size_t worker) {
    double* scores = &scores_[worker * kBlockRows * panels_ * kLanes];
    partial_values_[block] = evaluate_block(block, parameters, scores);
  });
  std::fill(gradient.begin(), gradient.end(), 0.0);
  double value = 0.0;
  for (std::size_t block = 0; block < blocks; ++block) {
    value += partial_values_[block];
    const double* partial = &partial_gradients_[block * gradient.size()];
    for (std::size_t i = 0; i < gradient.size(); ++i) gradient[i] += partial[i];
  }
  double squares = 0.0;
  const std::size_t bias_begin = dim_ * kLanes;
  for (std::size_t panel = 0; panel < gradient.size(); panel += panel_size()) {
    for (std::size_t i = panel; i < panel + bias_begin; ++i) {
      gradient[i] = gradient[i] * c_ + parameters[i];
      squares += parameters[i] * parameters[i];
    }
    // The bias is not penalised.
    for (std::size_t i = panel + bias_begin; i < panel + panel_size(); ++i) gradient[i] *= c_;
  }
  return c_ * value + 0.5 * squares;
}

void LogisticObjective::unpack(std::span<const double> parameters, std::vector<double>& weights,
                               std::vector<double>& bias) const {
  weights.resize(classes_ * dim_);
  bias.resize(classes_);
  for (std::size_t k = 0; k < classes_; ++k) {
    const double* panel = &parameters[k / kLanes * panel_size()];
    for (std::size_t d = 0; d < dim_; ++d) weights[k * dim_ + d] = panel[d * kLanes + k % kLanes];
    bias[k] = panel[dim_ * kLanes + k % kLanes];
  }
}

}  // namespace logsieve
