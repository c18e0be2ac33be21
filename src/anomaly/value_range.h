// The learned range of one number of a template (a duration, a size, a percentage) and how far out of it another one
// lies. O(1) state, O(1) a value.
//
// Model: beyond a threshold that at least kLeastTail values have passed, the logarithm has an exponential tail whose
// scale is learned from them (Hill 1975; the scale's gamma posterior integrated out, so few values make a wide tail);
// below, the lowest likewise. A number that grows or falls as it goes (a counter, a serial number) sets records far
// more often than chance would: ln n of n on average (Renyi 1962). It has no range and is not judged. Numbers that
// were ever negative are not either.
#ifndef LOGSIEVE_ANOMALY_VALUE_RANGE_H_
#define LOGSIEVE_ANOMALY_VALUE_RANGE_H_

#include <array>
#include <cstddef>
#include <cstdint>

namespace logsieve {

struct ValueFinding {
  bool is_above = false;
  double nats = 0;   // -ln of the probability of a value so far out; 0: within the range
  double bound = 0;  // the end of the range that was passed
};

struct ValueRange {
  static constexpr std::size_t kExtremes = 16;
  static constexpr std::uint32_t kLeastTail = kExtremes - 1;
  static constexpr std::uint32_t kLeastCount = 300;  // fewer values have no range yet
  static constexpr double kMost = 1e15;  // greater numbers are names of things, and no business of this class

  struct Extreme {
    float value = 0;
    std::uint32_t count = 0;  // saturating; 0: the place is free
  };
  std::array<Extreme, kExtremes> high{};  // the highest distinct values, the highest first
  std::array<Extreme, kExtremes> low{};   // the lowest, the lowest first
  std::uint32_t count = 0;                // saturating
  std::uint32_t high_records = 0;         // values above all before
  std::uint32_t low_records = 0;
  bool is_whole = true;  // no fractions so far
  bool was_negative = false;

  // value <= kMost.
  void learn(double value);
  // Zero nats also for what lies outside by less than the range is wide, or by less than half of its upper end.
  ValueFinding examine(double value) const;
};

}  // namespace logsieve

#endif  // LOGSIEVE_ANOMALY_VALUE_RANGE_H_
