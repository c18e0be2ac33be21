// How much more or less than on average a series writes in each hour of the week (UTC). O(1) state.
#ifndef LOGSIEVE_ANOMALY_HOUR_OF_WEEK_H_
#define LOGSIEVE_ANOMALY_HOUR_OF_WEEK_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "anomaly/timestamp.h"

namespace logsieve {

struct HourOfWeek {
  static constexpr std::size_t kHours = 168;
  static constexpr std::size_t kWeeks = 3;
  std::array<std::array<float, kWeeks>, kHours> lines{};  // of the last weeks, the present one first
  std::array<std::uint8_t, kHours> weeks{};               // of them that are known

  static std::size_t index_of(TimeMs time) { return static_cast<std::size_t>(time / kHourMs) % kHours; }
  void learn(std::size_t hour, double lines_in_it);
  // Expected lines of the hour over those of an average one; drawn to 1 where there are few lines. Nullopt until every
  // hour was seen, and this one twice. What counts of an hour is the median of its weeks, so that one incident makes
  // no habit; of two weeks it is the one that is more like the average. O(kHours).
  std::optional<double> factor(std::size_t hour) const;

 private:
  double typical(std::size_t hour, double mean) const;
};

}  // namespace logsieve

#endif  // LOGSIEVE_ANOMALY_HOUR_OF_WEEK_H_
