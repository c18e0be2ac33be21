// How long to wait before the next try: what the server asks for, else full-jitter exponential backoff.
// Sources: RFC 9110 section 10.2.3 (Retry-After); Brooker, "Exponential Backoff And Jitter" (2015).
#ifndef LOGSIEVE_LLM_RETRY_WAIT_H_
#define LOGSIEVE_LLM_RETRY_WAIT_H_

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/random.h"

namespace logsieve {

inline constexpr std::chrono::milliseconds kMaxRetryAfter = std::chrono::seconds(300);

// The wait asked for by `retry-after-ms` (milliseconds), else by `retry-after` (seconds or an HTTP date, which
// is taken against `wall_seconds`, the Unix time now), clamped to [0, kMaxRetryAfter]. Fractions are allowed.
// Nothing if neither is there or can be read.
std::optional<std::chrono::milliseconds> parse_retry_after(std::string_view retry_after,
                                                           std::string_view retry_after_ms,
                                                           std::int64_t wall_seconds);

// Uniform in [0, min(cap, base * 2^tries)); tries is 0 before the first retry.
std::chrono::milliseconds full_jitter(std::uint32_t base_ms, std::uint32_t cap_ms, std::uint32_t tries,
                                      Random& random);

}  // namespace logsieve

#endif  // LOGSIEVE_LLM_RETRY_WAIT_H_
