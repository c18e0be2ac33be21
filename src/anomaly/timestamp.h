// The time that a log line states, as a value. One forward pass over the first bytes of the line, no regex, no
// allocation. The layouts are those of ISO 8601 / RFC 3339, RFC 3164, ctime, access logs, log4j and its relatives,
// glog, epoch seconds and milliseconds, and the compact ones of HDFS, Spark, Android, HealthApp and BGL.
// Days from civil dates: Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms" (2013).
#ifndef LOGSIEVE_ANOMALY_TIMESTAMP_H_
#define LOGSIEVE_ANOMALY_TIMESTAMP_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace logsieve {

// Milliseconds since 1970-01-01T00:00:00Z, leap seconds not counted.
using TimeMs = std::int64_t;

inline constexpr TimeMs kSecondMs = 1'000;
inline constexpr TimeMs kMinuteMs = 60 * kSecondMs;
inline constexpr TimeMs kHourMs = 60 * kMinuteMs;
inline constexpr TimeMs kDayMs = 24 * kHourMs;

// A timestamp that starts at `at`. Without a zone it is UTC. Without a year it is the latest one that is not more
// than a day after `reference`; without a date it is none. 01/02/2025 is month/day unless the first is above 12;
// 01.02.2025 is day.month.
struct TimestampMatch {
  TimeMs time = 0;
  std::size_t length = 0;
};
std::optional<TimestampMatch> parse_timestamp(std::string_view text, std::size_t at, TimeMs reference);

// Finds the timestamp of line after line: tries the place where the last one stood first, else every place in the
// first kSearchBytes where a word starts. A time behind letters may be one that the text is about, and a
// bare number any number: they are believed only where that is a habit of the lines, at least one in kHabit of late.
// One thread an object.
class TimestampFinder {
 public:
  static constexpr std::size_t kSearchBytes = 96;
  static constexpr double kHabit = 50;
  // `reference`: for layouts without a year, e.g. when the file was last written.
  explicit TimestampFinder(TimeMs reference) : reference_(reference) {}
  std::optional<TimeMs> find(std::string_view line);

 private:
  std::optional<TimestampMatch> find_anywhere(std::string_view line);

  TimeMs reference_;
  std::size_t last_place_ = 0;
  // With forgetting: the last thousand lines or so, and those of them with a time.
  double lines_ = 0;
  double timed_ = 0;
};

// 2026-01-01T00:00:00.123Z
std::string format_time(TimeMs time);

// 0 (Monday, 00:00-00:59 UTC) to 167.
std::size_t hour_of_week(TimeMs time);

}  // namespace logsieve

#endif  // LOGSIEVE_ANOMALY_TIMESTAMP_H_
