#include "training/fit/lbfgs.h"

#include <cmath>
#include <gtest/gtest.h>
#include <vector>

#include "base/random.h"

namespace logsieve {
namespace {

TEST(Lbfgs, SolvesAnIllConditionedQuadratic) {
  // f = 1/2 sum i^2 (x_i - i)^2, condition number 2,500.
  const Objective quadratic = [](std::span<const double> x, std::span<double> gradient) {
    double value = 0;
    for (std::size_t i = 0; i < x.size(); ++i) {
      const double scale = static_cast<double>((i + 1) * (i + 1));
      const double off = x[i] - static_cast<double>(i);
      gradient[i] = scale * off;
      value += 0.5 * scale * off * off;
    }
    return value;
  };
  std::vector<double> x(50, 0.0);
  const auto result = minimize(quadratic, x, {.gradient_tolerance = 1e-9});
  EXPECT_TRUE(result.is_converged);
  for (std::size_t i = 0; i < x.size(); ++i) EXPECT_NEAR(x[i], static_cast<double>(i), 1e-9);
}

TEST(Lbfgs, WalksTheRosenbrockValley) {
  const Objective rosenbrock = [](std::span<const double> x, std::span<double> gradient) {
    const double a = 1 - x[0];
    const double b = x[1] - x[0] * x[0];
    gradient[0] = -2 * a - 400 * x[0] * b;
    gradient[1] = 200 * b;
    return a * a + 100 * b * b;
  };
  std::vector<double> x = {-1.2, 1.0};
  const auto result = minimize(rosenbrock, x, {.gradient_tolerance = 1e-8});
  EXPECT_TRUE(result.is_converged);
  EXPECT_NEAR(x[0], 1.0, 1e-7);
  EXPECT_NEAR(x[1], 1.0, 1e-7);
  EXPECT_LT(result.evaluations, 200U);
}

TEST(Lbfgs, ComesBackFromValuesThatAreNotFinite) {
  // -log(x) + x: infinite for x <= 0, minimum at 1. The first long step lands outside.
  const Objective barrier = [](std::span<const double> x, std::span<double> gradient) {
    gradient[0] = x[0] > 0 ? 1 - 1 / x[0] : std::nan("");
    return x[0] > 0 ? x[0] - std::log(x[0]) : INFINITY;
  };
  std::vector<double> x = {0.9};
  EXPECT_TRUE(minimize(barrier, x, {.gradient_tolerance = 1e-10}).is_converged);
  EXPECT_NEAR(x[0], 1.0, 1e-9);
}

TEST(Lbfgs, StopsAtOnceAtTheMinimum) {
  const Objective bowl = [](std::span<const double> x, std::span<double> gradient) {
    gradient[0] = 2 * x[0];
    return x[0] * x[0];
  };
  std::vector<double> x = {0.0};
  const auto result = minimize(bowl, x, {});
  EXPECT_TRUE(result.is_converged);
  EXPECT_EQ(result.iterations, 0U);
  EXPECT_EQ(result.evaluations, 1U);
}

TEST(Lbfgs, EndsWhereThereIsNoMinimum) {
  const Objective slope = [](std::span<const double> x, std::span<double> gradient) {
    gradient[0] = -1;
    return -x[0];
  };
  std::vector<double> x = {0.0};
  const auto result = minimize(slope, x, {.max_iterations = 5});
  EXPECT_FALSE(result.is_converged);
  EXPECT_LE(result.iterations, 5U);
}

}  // namespace
}  // namespace logsieve
