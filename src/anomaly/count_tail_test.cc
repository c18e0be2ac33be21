#include "anomaly/count_tail.h"

#include <cmath>
#include <gtest/gtest.h>
#include <vector>

namespace logsieve {
namespace {

double poisson_log_mass(int k, double mean) {
  return k * std::log(mean) - mean - std::lgamma(k + 1.0);
}
double negative_binomial_log_mass(int k, double mean, double dispersion) {
  const double size = mean / (dispersion - 1);
  return std::lgamma(k + size) - std::lgamma(size) - std::lgamma(k + 1.0) +
         size * std::log(size / (size + mean)) + k * std::log(mean / (size + mean));
}
double log_mass(int k, double mean, double dispersion) {
  return dispersion == 1 ? poisson_log_mass(k, mean) : negative_binomial_log_mass(k, mean, dispersion);
}

// Oracle: the exact sums. The bound may never be below the true probability, nor uselessly far above it.
TEST(CountTail, BoundsTheExactTails) {
  for (const double mean : {0.3, 2.0, 17.0, 80.0})
    for (const double dispersion : {1.0, 1.5, 6.0})
      for (const int seen : {0, 1, 5, 20, 60, 200}) {
        double below = 0;
        for (int k = 0; k <= seen; ++k) below += std::exp(log_mass(k, mean, dispersion));
        double above = 0;
        for (int k = seen; k < 4'000; ++k) above += std::exp(log_mass(k, mean, dispersion));
        const double upper = upper_tail_nats(seen, mean, dispersion);
        const double lower = lower_tail_nats(seen, mean, dispersion);
        if (above > 1e-280) {
          EXPECT_LE(upper, -std::log(above) + 1e-6) << seen << ' ' << mean << ' ' << dispersion;
        }
        if (below > 1e-280) {
          EXPECT_LE(lower, -std::log(below) + 1e-6) << seen << ' ' << mean << ' ' << dispersion;
        }
        if (seen > mean && above > 1e-280) {
          EXPECT_GE(upper, -std::log(above) - 8) << seen << ' ' << mean;
        }
        if (seen < mean && below > 1e-280) {
          EXPECT_GE(lower, -std::log(below) - 8) << seen << ' ' << mean;
        }
      }
}

TEST(CountTail, IsSilentOnTheOtherSide) {
  EXPECT_EQ(upper_tail_nats(3, 10, 1), 0);
  EXPECT_EQ(lower_tail_nats(30, 10, 1), 0);
  EXPECT_TRUE(std::isfinite(upper_tail_nats(30, 0, 1)));
}

TEST(FalseDiscovery, IsBenjaminiHochberg) {
  const auto nats = [](std::vector<double> ps) {
    for (double& p : ps) p = -std::log(p);
    return ps;
  };
  // Benjamini & Hochberg 1995, table 1: 15 tests at 0.05, four are rejected.
  const auto table = nats({.0001, .0004, .0019, .0095, .0201, .0278, .0298, .0344, .0459, .3240, .4262, .5719,
                           .6528, .7590, 1.0});
  EXPECT_EQ(false_discovery_cut(table, 15, 0.05), 4U);
  EXPECT_EQ(false_discovery_cut({}, 15, 0.05), 0U);
  EXPECT_EQ(false_discovery_cut(nats({0.04}), 1, 0.05), 1U);
  EXPECT_EQ(false_discovery_cut(nats({0.04}), 2, 0.05), 0U);
}

}  // namespace
}  // namespace logsieve
