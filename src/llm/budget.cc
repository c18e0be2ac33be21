#include "llm/budget.h"

#include <array>
#include <cmath>
#include <utility>

namespace logsieve {
namespace {

constexpr std::int64_t kMinuteMs = 60'000;
constexpr std::int64_t kDayMs = 86'400'000;
constexpr double kNanoUsdPerMicro =
    1'000;  // USD a million tokens = micro-USD a token = 1,000 nano-USD a token

struct KnownPrice {
  std::string_view model;
  Price price;
};
constexpr std::array<KnownPrice, 2> kKnownPrices = {{
    {"openai/gpt-oss-120b", {0.15, 0.075, 0.60}},
    {"llama-3.3-70b-versatile", {0.59, 0.59, 0.79}},
}};

Admission spent_on(std::string_view what) {
  return {Permit::kSpent, 0, "today's budget of " + std::string(what) + " is used up", 0};
}

}  // namespace

std::int64_t nano_usd(const TokenCount& tokens, const Price& price) {
  const std::uint64_t cached = tokens.cached < tokens.input ? tokens.cached : tokens.input;
  const double micro = static_cast<double>(tokens.input - cached) * price.input +
                       static_cast<double>(cached) * price.cached_input +
                       static_cast<double>(tokens.output) * price.output;
  return std::llround(micro * kNanoUsdPerMicro);
}

std::optional<Price> price_of(std::string_view model,
                              const std::map<std::string, Price, std::less<>>& prices) {
  if (const auto said = prices.find(model); said != prices.end()) return said->second;
  for (const KnownPrice& known : kKnownPrices)
    if (known.model == model) return known.price;
  return std::nullopt;
}

std::uint64_t estimated_tokens(std::size_t bytes) {
  return bytes / 3 + 1;
}

Admission admit(const BudgetLimits& limits, const Spending& spent, std::uint64_t tokens,
                std::int64_t cost_nano_usd, std::int64_t now_ms) {
  if (limits.requests_per_day > 0 && spent.requests_day + 1 > limits.requests_per_day)
    return spent_on("requests");
  if (limits.tokens_per_day > 0 && spent.tokens_day + tokens > limits.tokens_per_day)
    return spent_on("tokens");
  if (limits.usd_per_day > 0 &&
      static_cast<double>(spent.nano_usd_day + cost_nano_usd) > limits.usd_per_day * 1e9)
    return spent_on("money");
  if (limits.tokens_per_minute > 0 && tokens > limits.tokens_per_minute)
    return {Permit::kTooLarge, 0, "the request is larger than the budget of tokens a minute", 0};
  const bool has_requests =
      limits.requests_per_minute == 0 || spent.requests_minute < limits.requests_per_minute;
  const bool has_tokens =
      limits.tokens_per_minute == 0 || spent.tokens_minute + tokens <= limits.tokens_per_minute;
  if (has_requests && has_tokens) return {};
  // A clock that was set back leaves calls of the future: they count, but nobody waits longer than a minute for them.
  const std::int64_t free_ms = spent.oldest_in_minute_ms + kMinuteMs;
  const std::int64_t until = free_ms <= now_ms ? now_ms + 1 : std::min(free_ms, now_ms + kMinuteMs);
  return {Permit::kWait, until,
          has_requests ? "the minute's budget of tokens is used up"
                       : "the minute's budget of requests is used up",
          0};
}

std::int64_t day_start_ms(std::int64_t now_ms) {
  const std::int64_t rest = now_ms % kDayMs;
  return now_ms - (rest < 0 ? rest + kDayMs : rest);
}

}  // namespace logsieve
