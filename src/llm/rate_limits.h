// What an endpoint says of its limits with each reply: x-ratelimit-* headers, as OpenAI and Groq send them.
//   x-ratelimit-limit-requests, -remaining-requests, -reset-requests   Groq: a day
//   x-ratelimit-limit-tokens,   -remaining-tokens,   -reset-tokens     Groq: a minute
// Resets are durations such as 2m59.56s, 7.66s, 20ms, 6m0s, 1h2m. Source: console.groq.com/docs/rate-limits.
#ifndef LOGSIEVE_LLM_RATE_LIMITS_H_
#define LOGSIEVE_LLM_RATE_LIMITS_H_

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace logsieve {

// The headers' values as they came; empty: none.
struct RateLimitHeaders {
  std::string limit_requests = {};
  std::string remaining_requests = {};
  std::string reset_requests = {};
  std::string limit_tokens = {};
  std::string remaining_tokens = {};
  std::string reset_tokens = {};

  // Keeps `value` if `name` (lower case) is one of them. True: it is.
  bool keep(std::string_view name, std::string_view value);
};

// Nothing where a header is missing or garbage.
struct RateLimits {
  std::optional<std::uint64_t> limit_requests = {};
  std::optional<std::uint64_t> remaining_requests = {};
  std::optional<std::chrono::milliseconds> reset_requests = {};
  std::optional<std::uint64_t> limit_tokens = {};
  std::optional<std::uint64_t> remaining_tokens = {};
  std::optional<std::chrono::milliseconds> reset_tokens = {};
};

inline constexpr std::chrono::milliseconds kMaxReset = std::chrono::hours(48);

// "2m59.56s": numbers with units d, h, m, s, ms in falling order, each once; a number alone is seconds. Rounded up
// to a millisecond, clamped to [0, kMaxReset]. Nothing for anything else.
std::optional<std::chrono::milliseconds> parse_duration(std::string_view text);

RateLimits parse_rate_limits(const RateLimitHeaders& headers);

}  // namespace logsieve

#endif  // LOGSIEVE_LLM_RATE_LIMITS_H_
