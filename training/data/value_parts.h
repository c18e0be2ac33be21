// Small writers and word lists that the slots are made of. Integer arithmetic only, so that the same seed
// gives the same bytes on every machine.
#ifndef LOGSIEVE_TRAINING_DATA_VALUE_PARTS_H_
#define LOGSIEVE_TRAINING_DATA_VALUE_PARTS_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/random.h"

namespace logsieve::values {

using Words = std::span<const std::string_view>;

// One of `words`; not empty.
inline std::string_view pick(Words words, Random& random) {
  return words[random.below(words.size())];
}

inline bool one_in(std::size_t chances, Random& random) {
  return random.below(chances) == 0;
}

// Uniform in [low, high].
std::int64_t between(std::int64_t low, std::int64_t high, Random& random);
// In [low, high], even over the number of digits where the range is wide: sizes and counters look like that.
std::int64_t skewed_between(std::int64_t low, std::int64_t high, Random& random);

void append_number(std::int64_t value, std::string& out);
// At least `width` digits, zeros before.
void append_padded(std::int64_t value, std::size_t width, std::string& out);
// value / 10^decimals, printed with so many decimals; 1 or more.
void append_decimal(std::int64_t value, std::size_t decimals, std::string& out);
// `digits` lower-case hexadecimal digits.
void append_hex(std::size_t digits, Random& random, std::string& out);
// 1,284,503
void append_grouped(std::int64_t value, std::string& out);

// A moment in UTC, split for printing.
struct Moment {
  std::int64_t year;
  std::int64_t month;  // 1-12
  std::int64_t day;    // 1-31
  std::int64_t hour;
  std::int64_t minute;
  std::int64_t second;
  std::size_t weekday;  // 0 is Sunday
};
// Proleptic Gregorian calendar, after H. Hinnant, "chrono-compatible low-level date algorithms".
Moment moment_of(std::int64_t unix_seconds);

void append_date(const Moment& moment, char separator, std::string& out);  // 2025-06-27
void append_clock(const Moment& moment, std::string& out);                 // 07:20:25
std::string_view month_name(const Moment& moment);                         // Jun
std::string_view weekday_name(const Moment& moment);                       // Fri

Words given_names();
Words family_names();
Words nouns();       // what business systems name their queues, tables and services after
Words qualifiers();  // eu, main, v2, staging …
Words roles();       // web, db, cache …: what hosts are named after

}  // namespace logsieve::values

#endif  // LOGSIEVE_TRAINING_DATA_VALUE_PARTS_H_
