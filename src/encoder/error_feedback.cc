#include "encoder/error_feedback.h"

#include <cmath>

#include "encoder/kernels.h"

namespace logsieve {
namespace {

constexpr std::size_t kStep =
    16;  // floats at a time: a fixed number, so that the compiler makes vectors of them

// out += factor * row, from the step that holds `first` on.
void add_scaled(float factor, const float* row, std::size_t first, std::size_t stride, float* out) {
  for (std::size_t begin = first / kStep * kStep; begin < stride; begin += kStep)
    for (std::size_t i = 0; i < kStep; ++i) out[begin + i] += factor * row[begin + i];
}

}  // namespace

// With moments H = R R^T, R upper triangular, the inverse is U^T U with U = R^-1, and the shares of row i are
// U[i][j] / U[i][i].
ErrorFeedback::ErrorFeedback(std::span<const float> inputs, std::size_t width)
    : stride_(round_up(width, kStep)), shares_(width * stride_) {
  const std::size_t n = width;
  std::vector<float> moments(n * stride_);
  std::vector<float> row(stride_);
  for (std::size_t first = 0; first + n <= inputs.size(); first += n) {
    for (std::size_t i = 0; i < n; ++i) row[i] = inputs[first + i];
    for (std::size_t i = 0; i < n; ++i) add_scaled(row[i], row.data(), i, stride_, &moments[i * stride_]);
  }
  float mean = 0;
  for (std::size_t i = 0; i < n; ++i) mean += moments[i * stride_ + i] / static_cast<float>(n);
  if (mean <= 0) return;  // inputs that are all zero: an error stays where it is
  for (std::size_t i = 0; i < n; ++i) moments[i * stride_ + i] += mean;

  // R by columns from the last, as rows of its transpose.
  std::vector<float> columns(n * stride_);
  for (std::size_t k = n; k-- > 0;) {
    const float root = std::sqrt(moments[k * stride_ + k]);
    float* column = &columns[k * stride_];
    for (std::size_t i = 0; i <= k; ++i) column[i] = moments[i * stride_ + k] / root;
    for (std::size_t i = 0; i < k; ++i) add_scaled(-column[i], column, i, stride_, &moments[i * stride_]);
  }
  // U by rows from the last; row i of U times R[i][i] is the row of shares.
  std::vector<float>& inverse = moments;
  for (std::size_t i = n; i-- > 0;) {
    float* shares = &shares_[i * stride_];
    for (std::size_t k = i + 1; k < n; ++k)
      add_scaled(-columns[k * stride_ + i], &inverse[k * stride_], k, stride_, shares);
    const float diagonal = columns[i * stride_ + i];
    for (std::size_t j = 0; j < stride_; ++j) inverse[i * stride_ + j] = shares[j] / diagonal;
    inverse[i * stride_ + i] = 1.0F / diagonal;
  }
}

void ErrorFeedback::spread(float error, std::size_t place, float* weights) const {
  add_scaled(-error, &shares_[place * stride_], place + 1, stride_, weights);
}

}  // namespace logsieve
