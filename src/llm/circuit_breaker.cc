#include "llm/circuit_breaker.h"

#include <algorithm>

namespace logsieve {

void CircuitBreaker::open(TimePoint now) {
  is_open_ = true;
  is_probing_ = false;
  open_until_ = now + pause_;
  pause_ = std::min(pause_ * 2, kMaxPause);
}

void CircuitBreaker::on_success() {
  failures_ = 0;
  is_open_ = false;
  is_probing_ = false;
  pause_ = first_pause_;
}

bool CircuitBreaker::on_failure(TimePoint now) {
  if (is_open_) {
    // Requests that were sent before it opened fail later; only the probe says something new.
    if (!is_probing_) return false;
    open(now);
    return true;
  }
  if (++failures_ < kFailures) return false;
  failures_ = 0;
  open(now);
  return true;
}

}  // namespace logsieve
