#include "llm/rate_limits.h"

#include <gtest/gtest.h>

#include "base/random.h"

namespace logsieve {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

TEST(ParseDuration, ReadsWhatProvidersSend) {
  EXPECT_EQ(parse_duration("2m59.56s"), minutes(2) + milliseconds(59'560));
  EXPECT_EQ(parse_duration("7.66s"), milliseconds(7'660));
  EXPECT_EQ(parse_duration("20ms"), milliseconds(20));
  EXPECT_EQ(parse_duration("6m0s"), minutes(6));
  EXPECT_EQ(parse_duration("1h2m3s"), hours(1) + minutes(2) + seconds(3));
  EXPECT_EQ(parse_duration("1s500ms"), milliseconds(1'500));
  EXPECT_EQ(parse_duration("1d"), hours(24));
  EXPECT_EQ(parse_duration(" 12.5 "), milliseconds(12'500));
  EXPECT_EQ(parse_duration("0s"), milliseconds(0));
  EXPECT_EQ(parse_duration("0.0001s"), milliseconds(1)) << "rounded up: never too early";
}

TEST(ParseDuration, ClampsWhatIsTooLong) {
  EXPECT_EQ(parse_duration("99999999999d"), kMaxReset);
  EXPECT_EQ(parse_duration("49h"), kMaxReset);
  EXPECT_EQ(parse_duration(std::string(60, '9')), kMaxReset);
}

TEST(ParseDuration, IgnoresGarbage) {
  for (const char* text :
       {"",      " ",   "s",   "m5",   "-1s", "+1s", "1e3s",  "1.2.3s", "1x",   "1s2m",     "1s1s",
        "5s 3m", "inf", "nan", "1m30", "1 s", "1S",  "0x10s", ".5s",    "1,5s", "2m59.56s;"})
    EXPECT_FALSE(parse_duration(text)) << text;
  EXPECT_FALSE(parse_duration(std::string(65, '1')));
}

TEST(ParseDuration, NeverLeavesItsRangeWhateverTheBytes) {
  Random random(5);
  constexpr std::string_view kSigns = "0123456789.dhmsx- e";
  std::size_t read = 0;
  for (int round = 0; round < 200'000; ++round) {
    std::string text;
    for (std::size_t i = random.below(9); i > 0; --i) text += kSigns[random.below(kSigns.size())];
    const auto duration = parse_duration(text);
    if (!duration) continue;
    ++read;
    ASSERT_GE(*duration, milliseconds(0)) << text;
    ASSERT_LE(*duration, kMaxReset) << text;
  }
  EXPECT_GT(read, 1'000U);
}

TEST(RateLimits, TakesEachHeaderByItself) {
  RateLimitHeaders headers;
  EXPECT_TRUE(headers.keep("x-ratelimit-limit-requests", "14400"));
  EXPECT_TRUE(headers.keep("x-ratelimit-remaining-requests", " 14370 "));
  EXPECT_TRUE(headers.keep("x-ratelimit-reset-requests", "2m59.56s"));
  EXPECT_TRUE(headers.keep("x-ratelimit-limit-tokens", "-5"));
  EXPECT_TRUE(headers.keep("x-ratelimit-remaining-tokens", "18446744073709551616"));
  EXPECT_TRUE(headers.keep("x-ratelimit-reset-tokens", std::string(1'000'000, '1')));
  EXPECT_FALSE(headers.keep("x-ratelimit-limit-images", "1"));
  EXPECT_FALSE(headers.keep("retry-after", "1"));
  EXPECT_LE(headers.reset_tokens.size(), 64U);
  const RateLimits limits = parse_rate_limits(headers);
  EXPECT_EQ(limits.limit_requests, 14'400U);
  EXPECT_EQ(limits.remaining_requests, 14'370U);
  EXPECT_EQ(limits.reset_requests, milliseconds(179'560));
  EXPECT_FALSE(limits.limit_tokens);
  EXPECT_FALSE(limits.remaining_tokens) << "more than 64 bits";
}

}  // namespace
}  // namespace logsieve
