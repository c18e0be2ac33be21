#include "anomaly/count_tail.h"

#include <algorithm>
#include <cmath>

namespace logsieve {
namespace {

// Below this a negative binomial is a Poisson to within the accuracy of the difference of logarithms.
constexpr double kPoissonLimit = 1e-6;

double deviance(double seen, double expected, double dispersion) {
  const double own = seen > 0 ? seen * std::log(seen / expected) : 0.0;
  if (dispersion - 1 < kPoissonLimit) return own - seen + expected;
  const double size = expected / (dispersion - 1);
  return own - (seen + size) * std::log((seen + size) / (expected + size));
}

}  // namespace

double upper_tail_nats(double seen, double expected, double dispersion) {
  if (seen <= expected) return 0;
  // An expectation of nothing makes any count infinitely surprising; a bound keeps the sum finite.
  return std::max(0.0, deviance(seen, std::max(expected, 1e-9), dispersion));
}

double lower_tail_nats(double seen, double expected, double dispersion) {
  if (seen >= expected) return 0;
  return std::max(0.0, deviance(seen, expected, dispersion));
}

std::size_t false_discovery_cut(const std::vector<double>& nats_descending, std::size_t tests, double rate) {
  const double log_share = std::log(rate / static_cast<double>(std::max<std::size_t>(tests, 1)));
  for (std::size_t k = nats_descending.size(); k > 0; --k)
    if (-nats_descending[k - 1] <= log_share + std::log(static_cast<double>(k))) return k;
  return 0;
}

}  // namespace logsieve
