#include "anomaly/hour_of_week.h"

#include <gtest/gtest.h>

namespace logsieve {
namespace {

void learn_weeks(HourOfWeek& season, int weeks, double usual, double eight) {
  for (int week = 0; week < weeks; ++week)
    for (std::size_t hour = 0; hour < HourOfWeek::kHours; ++hour)
      season.learn(hour, hour % 24 == 8 ? eight : usual);
}

TEST(HourOfWeek, KnowsAnHourAfterTwoWeeks) {
  HourOfWeek season;
  learn_weeks(season, 1, 1'000, 6'000);
  EXPECT_FALSE(season.factor(8));
  learn_weeks(season, 1, 1'000, 6'000);
  const double mean = (23 * 1'000 + 6'000) / 24.0;
  ASSERT_TRUE(season.factor(8));
  EXPECT_NEAR(*season.factor(8), 6'000 / mean, 0.05);
  EXPECT_NEAR(*season.factor(9), 1'000 / mean, 0.01);
}

TEST(HourOfWeek, DrawsFewLinesToTheAverage) {
  HourOfWeek season;
  learn_weeks(season, 2, 0.1, 5);
  EXPECT_LT(*season.factor(8), 1.6);
  EXPECT_GT(*season.factor(9), 0.95);
}

TEST(HourOfWeek, FollowsAHabitThatChanges) {
  HourOfWeek season;
  learn_weeks(season, 4, 1'000, 6'000);
  learn_weeks(season, 2, 1'000, 1'000);
  EXPECT_LT(*season.factor(8), 1.1);
}

TEST(HourOfWeek, MakesNoHabitOfOneIncident) {
  for (const int incident : {0, 1, 2, 3}) {
    HourOfWeek season;
    for (int week = 0; week < 4; ++week)
      for (std::size_t hour = 0; hour < HourOfWeek::kHours; ++hour)
        season.learn(hour, hour == 50 && week == incident   ? 20'000
                           : hour == 60 && week == incident ? 0
                                                            : 1'000);
    EXPECT_NEAR(*season.factor(50), 1, 0.02);
    EXPECT_NEAR(*season.factor(60), 1, 0.02);
  }
}

TEST(HourOfWeek, CountsHoursOfUtc) {
  EXPECT_EQ(HourOfWeek::index_of(0), 0U);
  EXPECT_EQ(HourOfWeek::index_of(kHourMs - 1), 0U);
  EXPECT_EQ(HourOfWeek::index_of(25 * kHourMs), 25U);
  EXPECT_EQ(HourOfWeek::index_of(7 * kDayMs), 0U);
}

}  // namespace
}  // namespace logsieve
