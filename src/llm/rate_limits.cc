#include "llm/rate_limits.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <utility>

#include "llm/ascii.h"

namespace logsieve {
namespace {

using std::chrono::milliseconds;

constexpr std::size_t kMaxText = 64;

struct Unit {
  std::string_view name;
  double milliseconds;
};
// In the order in which they may stand.
constexpr std::array<Unit, 5> kUnits = {
    {{"d", 86'400'000}, {"h", 3'600'000}, {"m", 60'000}, {"s", 1'000}, {"ms", 1}}};

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

// The number at the start of `text`, which it takes away. Digits with at most one point; no sign, no exponent.
std::optional<double> take_number(std::string_view& text) {
  const std::size_t length = std::min(text.find_first_not_of("0123456789."), text.size());
  if (length == 0 || !is_digit(text[0])) return std::nullopt;
  double value = 0;
  const auto [end, error] =
      std::from_chars(text.data(), text.data() + length, value, std::chars_format::fixed);
  if (error != std::errc() || end != text.data() + length) return std::nullopt;
  text.remove_prefix(length);
  return value;
}

std::string_view take_unit(std::string_view& text) {
  std::size_t length = 0;
  while (length < text.size() && text[length] >= 'a' && text[length] <= 'z') ++length;
  const std::string_view unit = text.substr(0, length);
  text.remove_prefix(length);
  return unit;
}

milliseconds clamped(double value) {
  return milliseconds(
      static_cast<std::int64_t>(std::ceil(std::clamp(value, 0.0, static_cast<double>(kMaxReset.count())))));
}

std::optional<std::uint64_t> parse_count(std::string_view text) {
  text = trim_space(text);
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

}  // namespace

bool RateLimitHeaders::keep(std::string_view name, std::string_view value) {
  constexpr std::string_view kPrefix = "x-ratelimit-";
  if (!name.starts_with(kPrefix)) return false;
  name.remove_prefix(kPrefix.size());
  const std::array<std::pair<std::string_view, std::string*>, 6> known = {
      {{"limit-requests", &limit_requests},
       {"remaining-requests", &remaining_requests},
       {"reset-requests", &reset_requests},
       {"limit-tokens", &limit_tokens},
       {"remaining-tokens", &remaining_tokens},
       {"reset-tokens", &reset_tokens}}};
  for (const auto& [known_name, target] : known) {
    if (name != known_name) continue;
    *target = value.substr(0, kMaxText);
    return true;
  }
  return false;
}

std::optional<milliseconds> parse_duration(std::string_view text) {
  text = trim_space(text);
  if (text.empty() || text.size() > kMaxText) return std::nullopt;
  double total = 0;
  std::size_t next_unit = 0;
  for (bool is_first = true; !text.empty(); is_first = false) {
    const auto number = take_number(text);
    if (!number) return std::nullopt;
    const std::string_view name = take_unit(text);
    if (name.empty()) {  // only a number alone
      if (!is_first || !text.empty()) return std::nullopt;
      return clamped(*number * 1'000);
    }
    while (next_unit < kUnits.size() && kUnits[next_unit].name != name) ++next_unit;
    if (next_unit == kUnits.size()) return std::nullopt;
    total += *number * kUnits[next_unit++].milliseconds;
  }
  return clamped(total);
}

RateLimits parse_rate_limits(const RateLimitHeaders& headers) {
  return {parse_count(headers.limit_requests),    parse_count(headers.remaining_requests),
          parse_duration(headers.reset_requests), parse_count(headers.limit_tokens),
          parse_count(headers.remaining_tokens),  parse_duration(headers.reset_tokens)};
}

}  // namespace logsieve
