#include "encoder/error_feedback.h"

#include <gtest/gtest.h>
#include <vector>

#include "base/random.h"

namespace logsieve {
namespace {

using Matrix = std::vector<std::vector<double>>;

// Solves a x = b by elimination; `a` is positive definite.
std::vector<double> solve(Matrix a, std::vector<double> b) {
  for (std::size_t k = 0; k < b.size(); ++k)
    for (std::size_t i = k + 1; i < b.size(); ++i) {
      const double factor = a[i][k] / a[k][k];
      for (std::size_t j = k; j < b.size(); ++j) a[i][j] -= factor * a[k][j];
      b[i] -= factor * b[k];
    }
  for (std::size_t k = b.size(); k-- > 0;) {
    for (std::size_t j = k + 1; j < b.size(); ++j) b[k] -= a[k][j] * b[j];
    b[k] /= a[k][k];
  }
  return b;
}

// The later weights' best answer to an error e of weight i is e H_ff^-1 H_fi, of all later ones f.
TEST(ErrorFeedback, SpreadsAnErrorAsLeastSquaresWould) {
  Random random(1);
  for (const std::size_t width : {1U, 2U, 15U, 16U, 17U, 40U}) {
    const std::size_t rows = 30;
    std::vector<float> inputs(rows * width);
    for (float& value : inputs) value = static_cast<float>(random.unit() * 2 - 0.5);
    Matrix moments(width, std::vector<double>(width));
    for (std::size_t row = 0; row < rows; ++row)
      for (std::size_t i = 0; i < width; ++i)
        for (std::size_t j = 0; j < width; ++j)
          moments[i][j] += static_cast<double>(inputs[row * width + i]) * inputs[row * width + j];
    double mean = 0;
    for (std::size_t i = 0; i < width; ++i) mean += moments[i][i] / static_cast<double>(width);
    for (std::size_t i = 0; i < width; ++i) moments[i][i] += mean;
    const ErrorFeedback feedback(inputs, width);
    for (std::size_t place = 0; place < width; ++place) {
      std::vector<float> weights(width + 16, 1.0F);
      feedback.spread(0.5F, place, weights.data());
      Matrix later;
      std::vector<double> with;
      for (std::size_t i = place + 1; i < width; ++i) {
        later.emplace_back(moments[i].begin() + static_cast<std::ptrdiff_t>(place + 1), moments[i].end());
        with.push_back(moments[i][place]);
      }
      const std::vector<double> answer = solve(later, with);
      for (std::size_t i = 0; i <= place; ++i) ASSERT_EQ(weights[i], 1.0F);
      for (std::size_t i = 0; i < answer.size(); ++i)
        ASSERT_NEAR(weights[place + 1 + i], 1.0 + 0.5 * answer[i], 1e-5) << width << ' ' << place;
    }
  }
}

TEST(ErrorFeedback, LeavesWeightsAloneWhereInputsAreZero) {
  const ErrorFeedback feedback(std::vector<float>(20 * 5), 20);
  std::vector<float> weights(32, 2.0F);
  feedback.spread(1.0F, 3, weights.data());
  EXPECT_EQ(weights, std::vector<float>(32, 2.0F));
}

}  // namespace
}  // namespace logsieve
