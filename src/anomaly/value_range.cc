#include "anomaly/value_range.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>

namespace logsieve {
namespace {

// Of the scale's gamma prior: one excess of a tenth, so that values that never varied have a tail at all.
constexpr double kPriorScale = 0.1;
constexpr double kFarthest = 50;  // of a logarithm: what lies below nothing

using Extremes = std::array<ValueRange::Extreme, ValueRange::kExtremes>;

void count_up(std::uint32_t& count) {
  if (count < std::numeric_limits<std::uint32_t>::max()) ++count;
}

// `is_beyond(a, b)`: a is more extreme than b.
template <typename Beyond>
void keep_extreme(Extremes& extremes, float value, Beyond is_beyond) {
  const ValueRange::Extreme& least = extremes.back();
  if (least.count > 0 && is_beyond(least.value, value)) return;
  auto* place = extremes.begin();
  while (place->count > 0 && is_beyond(place->value, value)) ++place;
  if (place->count > 0 && place->value == value) return count_up(place->count);
  std::move_backward(place, extremes.end() - 1, extremes.end());
  *place = {value, 1};
}

// `log_of` grows towards the extreme. The threshold is the most extreme value that kLeastTail others lie beyond, or
// the least extreme of all; the chance to pass it is that of the values so far.
template <typename LogOf>
double tail_nats(const Extremes& extremes, double value, double count, LogOf log_of) {
  std::size_t threshold = 0;
  double beyond = 0;
  while (threshold + 1 < extremes.size() && extremes[threshold + 1].count > 0 &&
         beyond < ValueRange::kLeastTail)
    beyond += extremes[threshold++].count;
  const double from = log_of(extremes[threshold].value);
  double sum = 0;
  for (std::size_t i = 0; i < threshold; ++i) sum += extremes[i].count * (log_of(extremes[i].value) - from);
  const double past = log_of(value) - from;
  return std::log((count + 1) / (beyond + 1)) + (beyond + 1) * std::log1p(past / (sum + kPriorScale));
}

bool has_trend(std::uint32_t records, double count) {
  return records > 3 + 2 * std::log(count);
}

}  // namespace

void ValueRange::learn(double value) {
  const auto exact = static_cast<float>(value);
  was_negative = was_negative || value < 0;
  is_whole = is_whole && value == std::floor(value);
  if (count == 0 || exact > high.front().value) ++high_records;
  if (count == 0 || exact < low.front().value) ++low_records;
  keep_extreme(high, exact, std::greater<>());
  keep_extreme(low, exact, std::less<>());
  count_up(count);
}

ValueFinding ValueRange::examine(double value) const {
  if (count < kLeastCount || was_negative || value < 0) return {};
  const double top = high.front().value;
  const double bottom = low.front().value;
  if (value <= top && value >= bottom) return {};
  const double margin = std::max(top - bottom, top / 2);
  const double shift = is_whole ? 1 : 0;
  const auto log_of = [shift](double some) { return some + shift > 0 ? std::log(some + shift) : -kFarthest; };
  if (value - top >= margin && value > top && !has_trend(high_records, count))
    return {true, tail_nats(high, value, count, log_of), top};
  if (bottom - value >= margin && value < bottom && !has_trend(low_records, count))
    return {false, tail_nats(low, value, count, [&](double some) { return -log_of(some); }), bottom};
  return {};
}

}  // namespace logsieve
