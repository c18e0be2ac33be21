#include "anomaly/hour_of_week.h"

#include <algorithm>
#include <cmath>

namespace logsieve {
namespace {

constexpr double kPriorLines = 10;  // of an average hour

}  // namespace

void HourOfWeek::learn(std::size_t hour, double lines_in_it) {
  auto& known = lines[hour];
  std::move_backward(known.begin(), known.end() - 1, known.end());
  known.front() = static_cast<float>(lines_in_it);
  if (weeks[hour] < kWeeks) ++weeks[hour];
}

double HourOfWeek::typical(std::size_t hour, double mean) const {
  const auto& known = lines[hour];
  if (weeks[hour] < 2) return known[0];
  if (weeks[hour] == 2) {
    const auto unlikeness = [&](double some) { return std::abs(std::log((some + 1) / (mean + 1))); };
    return unlikeness(known[0]) < unlikeness(known[1]) ? known[0] : known[1];
  }
  return std::max(std::min(known[0], known[1]), std::min(std::max(known[0], known[1]), known[2]));
}

std::optional<double> HourOfWeek::factor(std::size_t hour) const {
  if (weeks[hour] < 2 || *std::min_element(weeks.begin(), weeks.end()) < 1) return std::nullopt;
  double sum = 0;
  for (const auto& known : lines) sum += known[0];
  const double latest_mean = sum / kHours;
  double typical_sum = 0;
  for (std::size_t some = 0; some < kHours; ++some) typical_sum += typical(some, latest_mean);
  return (typical(hour, latest_mean) + kPriorLines) / (typical_sum / kHours + kPriorLines);
}

}  // namespace logsieve
