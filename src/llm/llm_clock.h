// The time that the LLM tier lives by, so that tests can let an hour pass at once.
#ifndef LOGSIEVE_LLM_LLM_CLOCK_H_
#define LOGSIEVE_LLM_LLM_CLOCK_H_

#include <chrono>
#include <cstdint>
#include <stop_token>

#include "llm/circuit_breaker.h"

namespace logsieve {

struct Moment {
  TimePoint steady;          // for waits and deadlines
  std::int64_t wall_ms = 0;  // Unix time, for dates and budgets of a day
};

class LlmClock {
 public:
  virtual ~LlmClock() = default;
  virtual Moment now() = 0;
  // Ends sooner where `stop` is requested.
  virtual void sleep_until(TimePoint time, const std::stop_token& stop) = 0;
};

// The machine's. Lives as long as the program.
LlmClock& system_clock();

}  // namespace logsieve

#endif  // LOGSIEVE_LLM_LLM_CLOCK_H_
