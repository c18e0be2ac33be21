#include "anomaly/value_range.h"

#include <cmath>
#include <gtest/gtest.h>
#include <map>

#include "base/random.h"

namespace logsieve {
namespace {

constexpr double kAlarmNats = 16;

double normal(Random& random) {
  return std::sqrt(-2 * std::log(1 - random.unit())) * std::cos(6.283185307179586 * random.unit());
}

// Learns each value after it was examined; how many were alarming.
template <typename Next>
int alarms_of(ValueRange& range, int values, Next next) {
  int alarms = 0;
  for (int i = 0; i < values; ++i) {
    const double value = next(i);
    if (range.examine(value).nats > kAlarmNats) ++alarms;
    range.learn(value);
  }
  return alarms;
}

TEST(ValueRange, IsSilentWhereValuesKeepTheirDistribution) {
  Random random(1);
  for (int round = 0; round < 20; ++round) {
    ValueRange durations;
    EXPECT_EQ(alarms_of(durations, 20'000, [&](int) { return 40 * std::exp(normal(random)); }), 0);
    ValueRange percentages;
    EXPECT_EQ(alarms_of(percentages, 20'000, [&](int) { return std::floor(40 + 15 * random.unit()); }), 0);
    ValueRange sizes;  // Pareto, of infinite mean
    EXPECT_EQ(alarms_of(sizes, 20'000, [&](int) { return std::floor(100 / (1 - random.unit())); }), 0);
    ValueRange ids;
    EXPECT_EQ(alarms_of(ids, 20'000, [&](int) { return std::floor(1e9 * random.unit()); }), 0);
    ValueRange errors;  // nearly always nothing
    EXPECT_EQ(alarms_of(errors, 20'000,
                        [&](int) {
                          return random.unit() < 0.01 ? 1 + std::floor(-2 * std::log(1 - random.unit())) : 0;
                        }),
              0);
  }
}

TEST(ValueRange, SeesADurationFarAboveTheUsual) {
  Random random(2);
  ValueRange range;
  alarms_of(range, 5'000, [&](int) { return 40 * std::exp(0.5 * normal(random)); });
  EXPECT_EQ(range.examine(60).nats, 0);
  const ValueFinding far = range.examine(30'000);
  EXPECT_TRUE(far.is_above);
  EXPECT_GT(far.nats, kAlarmNats);
  EXPECT_EQ(far.bound, range.high.front().value);
}

TEST(ValueRange, SeesAPercentageAboveAndBelow) {
  Random random(3);
  ValueRange range;
  alarms_of(range, 2'000, [&](int) { return std::floor(40 + 15 * random.unit()); });
  EXPECT_GT(range.examine(97).nats, kAlarmNats);
  EXPECT_GT(range.examine(0).nats, kAlarmNats);
  EXPECT_FALSE(range.examine(0).is_above);
  EXPECT_EQ(range.examine(57).nats, 0);
}

TEST(ValueRange, HasNoRangeForACounter) {
  ValueRange range;
  EXPECT_EQ(alarms_of(range, 5'000, [](int i) { return i * i; }), 0);
  EXPECT_EQ(range.examine(1e12).nats, 0);
}

TEST(ValueRange, HasNoRangeYetForFewValuesAndNoneForNegativeOnes) {
  Random random(5);
  ValueRange few;
  for (std::uint32_t i = 0; i + 1 < ValueRange::kLeastCount; ++i)
    few.learn(5 + std::floor(3 * random.unit()));
  EXPECT_EQ(few.examine(1e9).nats, 0);
  few.learn(5);
  EXPECT_GT(few.examine(1e9).nats, kAlarmNats);
  few.learn(-1);
  EXPECT_EQ(few.examine(1e9).nats, 0);
}

TEST(ValueRange, WantsMoreOfANumberThatNeverVaried) {
  ValueRange range;
  for (int i = 0; i < 1'000; ++i) range.learn(22);
  EXPECT_LT(range.examine(2'222).nats, kAlarmNats);
  for (int i = 0; i < 1'000'000; ++i) range.learn(22);
  EXPECT_GT(range.examine(2'222).nats, kAlarmNats);
}

// Oracle: all distinct values sorted, with their counts.
TEST(ValueRange, KeepsTheHighestAndTheLowest) {
  Random random(4);
  ValueRange range;
  std::map<float, std::uint32_t> all;
  for (int i = 0; i < 1'000; ++i) {
    const double value = std::floor(200 * random.unit());
    ++all[static_cast<float>(value)];
    range.learn(value);
  }
  auto least = all.begin();
  for (const ValueRange::Extreme& some : range.low) {
    EXPECT_EQ(some.value, least->first);
    EXPECT_EQ(some.count, (least++)->second);
  }
  auto most = all.rbegin();
  for (const ValueRange::Extreme& some : range.high) {
    EXPECT_EQ(some.value, most->first);
    EXPECT_EQ(some.count, (most++)->second);
  }
}

}  // namespace
}  // namespace logsieve
