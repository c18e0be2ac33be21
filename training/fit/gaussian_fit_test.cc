#include "training/fit/gaussian_fit.h"

#include <cmath>
#include <gtest/gtest.h>
#include <vector>

#include "base/random.h"

namespace logsieve {
namespace {

// Rows of two groups, stretched so that the dimensions differ and go together.
struct Sample {
  std::vector<float> rows;
  std::vector<std::int32_t> group;
};

constexpr std::size_t kSmallDim = 3;

Sample sample(std::size_t n, std::uint64_t seed) {
  Random random(seed);
  Sample out;
  for (std::size_t i = 0; i < n; ++i) {
    const auto g = static_cast<std::int32_t>(i % 2);
    const double a = random.unit() + random.unit() - 1.0;
    const double b = random.unit() + random.unit() - 1.0;
    const double c = random.unit() + random.unit() - 1.0;
    out.group.push_back(g);
    for (const double x : {3 * a + g, a + b, 0.2 * c - g}) out.rows.push_back(static_cast<float>(x));
  }
  return out;
}

// Means and shrunk covariance of the rows but `left_out`, in plain words; the target and the number of rows are those of
// all, as the header says.
std::vector<double> plain_distances(const Sample& s, double shrinkage, std::size_t row, bool is_left_out) {
  const std::size_t n = s.group.size();
  const auto value = [&](std::size_t i, std::size_t d) {
    return static_cast<double>(s.rows[i * kSmallDim + d]);
  };
  const auto scatter = [&](bool leaves_out, std::vector<double>& means) {
    means.assign(2 * kSmallDim, 0.0);
    std::vector<double> counts(2);
    for (std::size_t i = 0; i < n; ++i) {
      if (leaves_out && i == row) continue;
      ++counts[static_cast<std::size_t>(s.group[i])];
      for (std::size_t d = 0; d < kSmallDim; ++d)
        means[static_cast<std::size_t>(s.group[i]) * kSmallDim + d] += value(i, d);
    }
    for (std::size_t k = 0; k < means.size(); ++k) means[k] /= counts[k / kSmallDim];
    std::vector<double> sums(kSmallDim * kSmallDim);
    for (std::size_t i = 0; i < n; ++i) {
      if (leaves_out && i == row) continue;
      const double* mean = &means[static_cast<std::size_t>(s.group[i]) * kSmallDim];
      for (std::size_t r = 0; r < kSmallDim; ++r)
        for (std::size_t c = 0; c < kSmallDim; ++c)
          sums[r * kSmallDim + c] +=
              (value(i, r) - mean[r]) * (value(i, c) - mean[c]) / static_cast<double>(n);
    }
    return sums;
  };
  std::vector<double> means;
  const auto whole = scatter(false, means);
  const double target = (whole[0] + whole[4] + whole[8]) / 3;
  auto m = scatter(is_left_out, means);
  for (std::size_t i = 0; i < m.size(); ++i)
    m[i] = m[i] * (1 - shrinkage) + (i % 4 == 0 ? shrinkage * target : 0.0);
  const double det = m[0] * (m[4] * m[8] - m[5] * m[7]) - m[1] * (m[3] * m[8] - m[5] * m[6]) +
                     m[2] * (m[3] * m[7] - m[4] * m[6]);
  const std::vector<double> inverse = {(m[4] * m[8] - m[5] * m[7]) / det, (m[2] * m[7] - m[1] * m[8]) / det,
                                       (m[1] * m[5] - m[2] * m[4]) / det, (m[5] * m[6] - m[3] * m[8]) / det,
                                       (m[0] * m[8] - m[2] * m[6]) / det, (m[2] * m[3] - m[0] * m[5]) / det,
                                       (m[3] * m[7] - m[4] * m[6]) / det, (m[1] * m[6] - m[0] * m[7]) / det,
                                       (m[0] * m[4] - m[1] * m[3]) / det};
  std::vector<double> out(2);
  for (std::size_t g = 0; g < 2; ++g)
    for (std::size_t r = 0; r < kSmallDim; ++r)
      for (std::size_t c = 0; c < kSmallDim; ++c)
        out[g] += (value(row, r) - means[g * kSmallDim + r]) * inverse[r * kSmallDim + c] *
                  (value(row, c) - means[g * kSmallDim + c]) / static_cast<double>(kSmallDim);
  return out;
}

TEST(FitGaussians, GivesTheDistancesOfThePlainFormula) {
  const Sample s = sample(30, 3);
  const auto fit = fit_gaussians(s.rows, kSmallDim, s.group, 2);
  ASSERT_TRUE(fit) << fit.error().message;
  EXPECT_GT(fit->shrinkage, 0.0);
  EXPECT_LT(fit->shrinkage, 1.0);
  std::vector<float> found(2);
  for (std::size_t row = 0; row < 30; ++row) {
    fit->gaussians.distances(std::span<const float>(s.rows).subspan(row * kSmallDim, kSmallDim), found);
    const auto expected = plain_distances(s, fit->shrinkage, row, false);
    EXPECT_NEAR(static_cast<double>(found[0]), expected[0], 1e-4 * expected[0]);
    EXPECT_NEAR(static_cast<double>(found[1]), expected[1], 1e-4 * expected[1]);
  }
}

TEST(FitGaussians, LeavesARowOutAsIfItHadNotBeenThere) {
  const Sample s = sample(12, 4);
  const auto fit = fit_gaussians(s.rows, kSmallDim, s.group, 2);
  ASSERT_TRUE(fit);
  std::vector<double> found(2);
  for (std::size_t row = 0; row < 12; ++row) {
    left_out_distances(*fit, std::span<const float>(s.rows).subspan(row * kSmallDim, kSmallDim), s.group[row],
                       12, found);
    const auto expected = plain_distances(s, fit->shrinkage, row, true);
    EXPECT_NEAR(found[0], expected[0], 1e-3 * expected[0]) << row;
    EXPECT_NEAR(found[1], expected[1], 1e-3 * expected[1]) << row;
  }
}

TEST(FitGaussians, ShrinkLittleWhereRowsAreMany) {
  const Sample few = sample(6, 5);
  const Sample many = sample(3000, 5);
  const auto of_few = fit_gaussians(few.rows, kSmallDim, few.group, 2);
  const auto of_many = fit_gaussians(many.rows, kSmallDim, many.group, 2);
  ASSERT_TRUE(of_few);
  ASSERT_TRUE(of_many);
  EXPECT_GT(of_few->shrinkage, 0.05);
  EXPECT_LT(of_many->shrinkage, 0.01);
}

TEST(FitGaussians, RejectWhatHasNoSpread) {
  EXPECT_FALSE(fit_gaussians(std::vector<float>{1, 1, 1, 1}, 2, std::vector<std::int32_t>{0, 0}, 1));
  EXPECT_FALSE(fit_gaussians(std::vector<float>{1, 1, 1}, 2, std::vector<std::int32_t>{0, 0}, 1));
  EXPECT_FALSE(fit_gaussians(std::vector<float>{1, 2, 3, 4}, 2, std::vector<std::int32_t>{0, 0}, 2));
  EXPECT_FALSE(fit_gaussians(std::vector<float>{1, NAN, 3, 4}, 2, std::vector<std::int32_t>{0, 0}, 1));
}

}  // namespace
}  // namespace logsieve
