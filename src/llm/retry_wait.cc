#include "llm/retry_wait.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <curl/curl.h>
#include <string>

#include "llm/ascii.h"

namespace logsieve {
namespace {

using std::chrono::milliseconds;

milliseconds clamped(double wait_ms) {
  const auto limit = static_cast<double>(kMaxRetryAfter.count());
  return milliseconds(static_cast<std::int64_t>(std::ceil(std::clamp(wait_ms, 0.0, limit))));
}

// The whole of `text` as a decimal number times `unit_ms`.
std::optional<milliseconds> parse_number(std::string_view text, double unit_ms) {
  text = trim_space(text);
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error == std::errc::invalid_argument || end != text.data() + text.size()) return std::nullopt;
  if (error == std::errc::result_out_of_range) {
    const bool is_tiny = text.starts_with('-') || text.find_first_of("eE") == std::string_view::npos ||
                         text.find("e-") != std::string_view::npos ||
                         text.find("E-") != std::string_view::npos;
    return is_tiny ? milliseconds(0) : kMaxRetryAfter;
  }
  if (!std::isfinite(value)) return std::nullopt;  // from_chars reads "inf" and "nan"
  return clamped(value * unit_ms);
}

std::optional<milliseconds> parse_date(std::string_view text, std::int64_t wall_seconds) {
  // curl_getdate makes a date of nearly anything; a real HTTP date has a clock time in it.
  if (text.find(':') == std::string_view::npos || text.size() > 64) return std::nullopt;
  const std::time_t when = curl_getdate(std::string(text).c_str(), nullptr);
  if (when < 0) return std::nullopt;
  return clamped((static_cast<double>(when) - static_cast<double>(wall_seconds)) * 1000.0);
}

}  // namespace

std::optional<milliseconds> parse_retry_after(std::string_view retry_after, std::string_view retry_after_ms,
                                              std::int64_t wall_seconds) {
  if (const auto wait = parse_number(retry_after_ms, 1.0)) return wait;
  if (const auto wait = parse_number(retry_after, 1000.0)) return wait;
  return parse_date(retry_after, wall_seconds);
}

milliseconds full_jitter(std::uint32_t base_ms, std::uint32_t cap_ms, std::uint32_t tries, Random& random) {
  const std::uint64_t doubled = std::uint64_t{base_ms} << std::min(tries, 20U);
  const auto bound = static_cast<double>(std::min<std::uint64_t>(cap_ms, doubled));
  return milliseconds(static_cast<std::int64_t>(random.unit() * bound));
}

}  // namespace logsieve
