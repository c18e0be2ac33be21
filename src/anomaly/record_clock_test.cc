#include "anomaly/record_clock.h"

#include <gtest/gtest.h>

namespace logsieve {
namespace {

constexpr TimeMs kStart = 1'000 * kDayMs;

TEST(RecordClock, NeverRunsBackwards) {
  RecordClock clock;
  EXPECT_FALSE(clock.has_time());
  EXPECT_EQ(clock.advance(kStart), kStart);
  EXPECT_EQ(clock.advance(kStart + 5), kStart + 5);
  EXPECT_EQ(clock.advance(kStart + 2), kStart + 5);
  EXPECT_EQ(clock.advance(std::nullopt), kStart + 5);
}

TEST(RecordClock, IgnoresSingleWrongDates) {
  RecordClock clock;
  clock.advance(kStart);
  EXPECT_EQ(clock.advance(kStart + 900 * kDayMs), kStart);
  EXPECT_EQ(clock.advance(kStart + 1), kStart + 1);
  EXPECT_EQ(clock.advance(kStart + 900 * kDayMs), kStart + 1);
  EXPECT_EQ(clock.advance(kStart + 800 * kDayMs), kStart + 1);  // out of order: no witness for the one before
  EXPECT_EQ(clock.advance(kStart + 2), kStart + 2);
}

TEST(RecordClock, FollowsALeapThatThreeRecordsAgreeOn) {
  RecordClock clock;
  clock.advance(kStart);
  EXPECT_EQ(clock.advance(kStart + kDayMs), kStart);
  EXPECT_EQ(clock.advance(kStart + kDayMs + 7), kStart);
  EXPECT_EQ(clock.advance(kStart + kDayMs + 9), kStart + kDayMs + 9);
}

TEST(RecordClock, GoesBackOnlyForAnotherInput) {
  RecordClock clock;
  clock.advance(kStart);
  for (int i = 0; i < 1'000; ++i) EXPECT_EQ(clock.advance(kStart - kDayMs + i), kStart);
  clock.rebase();
  EXPECT_EQ(clock.advance(kStart - kDayMs), kStart - kDayMs);
}

}  // namespace
}  // namespace logsieve
