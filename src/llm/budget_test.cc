#include "llm/budget.h"

#include <gtest/gtest.h>

#include "base/random.h"

namespace logsieve {
namespace {

constexpr std::int64_t kNow = 1'800'000'000'000;

TEST(NanoUsd, CountsEachKindOfTokenAtItsPrice) {
  const Price price{0.15, 0.075, 0.60};
  EXPECT_EQ(nano_usd({1'000'000, 0, 0}, price), 150'000'000);
  EXPECT_EQ(nano_usd({1'000'000, 400'000, 500'000}, price), 90'000'000 + 30'000'000 + 300'000'000);
  EXPECT_EQ(nano_usd({10, 20, 0}, price), 750) << "no more is cached than was sent";
  EXPECT_EQ(nano_usd({}, price), 0);
}

TEST(PriceOf, PrefersWhatTheUserSays) {
  EXPECT_TRUE(price_of("openai/gpt-oss-120b", {}));
  EXPECT_FALSE(price_of("mine", {}));
  EXPECT_EQ(price_of("openai/gpt-oss-120b", {{"openai/gpt-oss-120b", {9, 9, 9}}})->input, 9);
}

TEST(DayStart, IsMidnightInUtc) {
  EXPECT_EQ(day_start_ms(kNow) % 86'400'000, 0);
  EXPECT_LE(day_start_ms(kNow), kNow);
  EXPECT_GT(day_start_ms(kNow) + 86'400'000, kNow);
  EXPECT_EQ(day_start_ms(-1), -86'400'000);
}

TEST(Admit, LetsEverythingThroughWithoutLimits) {
  EXPECT_EQ(
      admit({}, {1'000'000, 1'000'000'000, kNow, 1'000'000, 1'000'000'000, 1}, 1'000'000, 1, kNow).permit,
      Permit::kGo);
}

TEST(Admit, TellsAMinuteFromADay) {
  BudgetLimits limits;
  limits.requests_per_minute = 3;
  const Admission wait = admit(limits, {3, 0, kNow - 20'000, 3, 0, 0}, 10, 0, kNow);
  EXPECT_EQ(wait.permit, Permit::kWait);
  EXPECT_EQ(wait.wait_until_ms, kNow + 40'000);
  limits.requests_per_day = 3;
  EXPECT_EQ(admit(limits, {3, 0, kNow, 3, 0, 0}, 10, 0, kNow).permit, Permit::kSpent);
  limits = {};
  limits.tokens_per_minute = 100;
  EXPECT_EQ(admit(limits, {1, 91, kNow, 1, 91, 0}, 10, 0, kNow).permit, Permit::kWait);
  EXPECT_EQ(admit(limits, {1, 90, kNow, 1, 90, 0}, 10, 0, kNow).permit, Permit::kGo);
  EXPECT_EQ(admit(limits, {}, 101, 0, kNow).permit, Permit::kTooLarge);
}

TEST(Admit, WaitsNoLongerThanAMinuteWhateverTheClockDid) {
  BudgetLimits limits;
  limits.requests_per_minute = 1;
  for (const std::int64_t oldest : {kNow - 86'400'000, kNow - 59'999, kNow, kNow + 86'400'000}) {
    const Admission wait = admit(limits, {1, 0, oldest, 1, 0, 0}, 1, 0, kNow);
    EXPECT_GT(wait.wait_until_ms, kNow) << oldest;
    EXPECT_LE(wait.wait_until_ms, kNow + 60'000) << oldest;
  }
}

// Whatever the limits and costs: what is admitted one after the other never adds up to more than a limit.
TEST(Admit, NeverGoesOver) {
  Random random(11);
  for (int round = 0; round < 300; ++round) {
    BudgetLimits limits;
    if (random.below(2) == 0) limits.requests_per_day = random.below(50) + 1;
    if (random.below(2) == 0) limits.tokens_per_day = random.below(50'000) + 1;
    if (random.below(2) == 0) limits.usd_per_day = random.unit() / 100 + 1e-6;
    Spending spent;
    for (int i = 0; i < 200; ++i) {
      const std::uint64_t tokens = random.below(3'000);
      const auto cost = static_cast<std::int64_t>(random.below(1'000'000));
      if (admit(limits, spent, tokens, cost, kNow).permit != Permit::kGo) continue;
      ++spent.requests_day;
      spent.tokens_day += tokens;
      spent.nano_usd_day += cost;
    }
    ASSERT_TRUE(limits.requests_per_day == 0 || spent.requests_day <= limits.requests_per_day);
    ASSERT_TRUE(limits.tokens_per_day == 0 || spent.tokens_day <= limits.tokens_per_day);
    ASSERT_TRUE(limits.usd_per_day == 0 ||
                static_cast<double>(spent.nano_usd_day) <= limits.usd_per_day * 1e9);
  }
}

}  // namespace
}  // namespace logsieve
