#include "llm/llm_clock.h"

#include <condition_variable>
#include <mutex>

namespace logsieve {
namespace {

class SystemClock final : public LlmClock {
 public:
  Moment now() override {
    using std::chrono::duration_cast;
    const auto wall = std::chrono::system_clock::now().time_since_epoch();
    return {std::chrono::steady_clock::now(), duration_cast<std::chrono::milliseconds>(wall).count()};
  }

  void sleep_until(TimePoint time, const std::stop_token& stop) override {
    std::mutex mutex;
    std::condition_variable_any woken;
    std::unique_lock lock(mutex);
    woken.wait_until(lock, stop, time, [] { return false; });
  }
};

}  // namespace

LlmClock& system_clock() {
  static SystemClock clock;
  return clock;
}

}  // namespace logsieve
