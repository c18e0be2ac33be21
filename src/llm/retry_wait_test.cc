#include "llm/retry_wait.h"

#include <gtest/gtest.h>
#include <string>

namespace logsieve {
namespace {

using std::chrono::milliseconds;

constexpr std::int64_t kWall = 784'111'777;  // Sun, 06 Nov 1994 08:49:37 GMT, the date of RFC 9110's examples

struct Case {
  const char* retry_after;
  const char* retry_after_ms;
  std::int64_t expected_ms;  // -1: nothing
};

TEST(ParseRetryAfter, ReadsSecondsMillisecondsAndDatesAndClampsThem) {
  const Case cases[] = {
      {"2", "", 2'000},
      {" 2 ", "", 2'000},
      {"0", "", 0},
      {"1.5", "", 1'500},
      {"7.66", "", 7'660},
      {"-1", "", 0},
      {"300", "", 300'000},
      {"578.016", "", 300'000},
      {"99999999999999999999", "", 300'000},
      {"1e309", "", 300'000},
      {"-1e309", "", 0},
      {"1e-400", "", 0},
      {"9", "250", 250},
      {"9", "0.2", 1},
      {"9", "garbage", 9'000},
      {"", "1e12", 300'000},
      {"", "-5", 0},
      {"Sun, 06 Nov 1994 08:49:47 GMT", "", 10'000},
      {"Sunday, 06-Nov-94 08:49:47 GMT", "", 10'000},
      {"Sun Nov  6 08:49:47 1994", "", 10'000},
      {"Sun, 06 Nov 1994 08:49:07 GMT", "", 0},
      {"Wed, 01 Jan 2098 00:00:00 GMT", "", 300'000},
      {"", "", -1},
      {"soon", "", -1},
      {"2 s", "", -1},
      {"2m59.56s", "", -1},
      {"inf", "", -1},
      {"nan", "", -1},
      {"0x10", "", -1},
      {"1,5", "", -1},
      {"+2", "", -1},
      {"::::", "", -1},
      {"\xFF\xFE", "\xFF", -1},
  };
  for (const Case& c : cases) {
    const auto wait = parse_retry_after(c.retry_after, c.retry_after_ms, kWall);
    EXPECT_EQ(wait ? wait->count() : -1, c.expected_ms)
        << "[" << c.retry_after << "] [" << c.retry_after_ms << "]";
  }
}

TEST(ParseRetryAfter, StaysInRangeForAnyText) {
  Random random(5);
  const std::string alphabet = "0123456789.-+eE: ,SunGMTNov";
  for (int round = 0; round < 100'000; ++round) {
    std::string text;
    for (std::size_t length = random.below(30); length > 0; --length)
      text += alphabet[random.below(alphabet.size())];
    const auto wait = parse_retry_after(text, "", kWall);
    if (wait) {
      ASSERT_GE(wait->count(), 0) << text;
      ASSERT_LE(*wait, kMaxRetryAfter) << text;
    }
  }
}

TEST(FullJitter, IsUniformBelowADoublingBoundUpToTheCap) {
  Random random(1);
  for (const auto& [tries, bound] :
       {std::pair{0U, 500}, {1U, 1'000}, {4U, 8'000}, {5U, 8'000}, {4'000'000'000U, 8'000}}) {
    std::int64_t least = 1'000'000;
    std::int64_t most = -1;
    for (int i = 0; i < 10'000; ++i) {
      const std::int64_t wait = full_jitter(500, 8'000, tries, random).count();
      least = std::min(least, wait);
      most = std::max(most, wait);
    }
    EXPECT_LE(least, bound / 100) << tries;
    EXPECT_LT(most, bound) << tries;
    EXPECT_GE(most, bound * 98 / 100) << tries;
  }
  EXPECT_EQ(full_jitter(0, 8'000, 3, random).count(), 0);
}

}  // namespace
}  // namespace logsieve
