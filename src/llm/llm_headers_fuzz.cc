// Headers of a hostile endpoint: retry-after, retry-after-ms, x-ratelimit-*.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "llm/rate_limits.h"
#include "llm/retry_wait.h"

namespace {

using namespace logsieve;

void must(bool is_right) {
  if (!is_right) std::abort();
}

void check_wait(std::string_view text) {
  for (const auto& wait : {parse_retry_after(text, "", 1'700'000'000), parse_retry_after("", text, 0)})
    must(!wait || (wait->count() >= 0 && *wait <= kMaxRetryAfter));
}

void check_duration(std::string_view text) {
  const auto duration = parse_duration(text);
  must(!duration || (duration->count() >= 0 && *duration <= kMaxReset));
}

void check_limits(std::string_view text) {
  const std::size_t half = text.size() / 2;
  RateLimitHeaders headers;
  headers.keep(text.substr(0, half), text.substr(half));
  for (const char* name :
       {"x-ratelimit-limit-tokens", "x-ratelimit-remaining-requests", "x-ratelimit-reset-tokens"})
    must(headers.keep(name, text));
  const RateLimits limits = parse_rate_limits(headers);
  must(!limits.reset_tokens || *limits.reset_tokens <= kMaxReset);
  must(headers.reset_tokens.size() <= 64);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  check_wait(text);
  check_duration(text);
  check_limits(text);
  return 0;
}
