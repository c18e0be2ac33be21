// Whether an endpoint is worth asking: after kFailures requests in a row have failed nothing is sent for a pause,
// then one request alone (the probe) finds out. Source: Nygard, "Release It!", circuit breaker.
#ifndef LOGSIEVE_LLM_CIRCUIT_BREAKER_H_
#define LOGSIEVE_LLM_CIRCUIT_BREAKER_H_

#include <chrono>
#include <cstdint>

namespace logsieve {

using TimePoint = std::chrono::steady_clock::time_point;

class CircuitBreaker {
 public:
  static constexpr std::uint32_t kFailures = 5;
  static constexpr std::chrono::milliseconds kMaxPause = std::chrono::seconds(300);

  explicit CircuitBreaker(std::chrono::milliseconds pause) : first_pause_(pause), pause_(pause) {}

  // Closed, or the pause is over and no probe is under way.
  bool may_send(TimePoint now) const { return !is_open_ || (now >= open_until_ && !is_probing_); }
  bool is_open() const { return is_open_; }
  // The last request that said anything about the endpoint has failed.
  bool is_failing() const { return is_open_ || failures_ > 0; }
  TimePoint open_until() const { return open_until_; }

  // A request was sent; each is followed by one of the three below.
  void on_send() { is_probing_ = is_open_; }
  void on_success();
  // True: this one opened it (again). Each time the pause is twice as long, up to kMaxPause.
  bool on_failure(TimePoint now);
  // It says nothing about the endpoint. A probe may be sent again at once.
  void on_neutral() { is_probing_ = false; }

 private:
  void open(TimePoint now);

  std::chrono::milliseconds first_pause_;
  std::chrono::milliseconds pause_;
  std::uint32_t failures_ = 0;  // in a row, while closed
  bool is_open_ = false;
  bool is_probing_ = false;
  TimePoint open_until_{};
};

}  // namespace logsieve

#endif  // LOGSIEVE_LLM_CIRCUIT_BREAKER_H_
