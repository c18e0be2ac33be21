// What a client has learned about its endpoint: which models are gone, what each takes, when it asked for a pause,
// what its limits are, and whether it is worth asking at all.
#ifndef LOGSIEVE_LLM_ENDPOINT_STATE_H_
#define LOGSIEVE_LLM_ENDPOINT_STATE_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/random.h"
#include "llm/circuit_breaker.h"
#include "llm/http_reply.h"
#include "llm/llm_options.h"
#include "llm/model_traits.h"
#include "llm/rate_limits.h"

namespace logsieve {

class EndpointState {
 public:
  // Retries of all batches together: a tenth of the requests, and these in any case.
  static constexpr std::uint64_t kFreeRetries = 2;

  struct Model {
    std::string name;
    ModelTraits traits;            // what it takes, as far as is known
    bool is_style_proven = false;  // a reply in this style was accepted
    bool is_gone = false;
  };

  // `options.models` is not empty.
  explicit EndpointState(const LlmOptions& options);

  // For the rest of the client's life. `reason` is for people and becomes a notice.
  void stop(std::string reason);
  bool is_stopped() const { return is_stopped_; }
  const std::string& stop_reason() const { return stop_reason_; }

  // Index of the first model that is not gone. Valid unless stopped.
  std::size_t current_model() const { return current_; }
  const Model& model(std::size_t index) const { return models_[index]; }
  // The endpoint does not have it. Without another one the endpoint is stopped. No effect if known.
  void drop_model(std::size_t index);
  // Goes to the next weaker style unless somebody has already. False: none is weaker, or `refused` has worked
  // before, so that the complaint must be about something else.
  bool weaken_style(std::size_t index, AnswerStyle refused);
  void prove_style(std::size_t index, AnswerStyle used);
  // Sends the parameter no more (or by its other name), given what `sent` said. False: it was not sent so, then.
  bool drop_parameter(std::size_t index, RequestParameter refused, const ModelTraits& sent);

  // Nobody sends before the latest such time.
  void pause_until(TimePoint time);
  TimePoint paused_until() const { return paused_until_; }

  // What the endpoint's headers allow: the time from which `tokens` may be sent; `now` or earlier: at once.
  TimePoint allowed_from(std::uint64_t tokens, TimePoint now) const;
  // Tokens that no request may exceed; 0: not known.
  std::uint64_t token_limit() const { return token_limit_; }

  // A request leaves that may cost so many tokens; it comes back, with these headers.
  void record_sent(std::uint64_t tokens);
  void record_back(std::uint64_t tokens, const RateLimits& limits, TimePoint now);

  std::uint64_t requests_under_way() const { return requests_under_way_; }

  // How a request ended; one of these after each record_back. A breaker that opens is told once an outage.
  void record_success();
  void record_failure(const std::string& reason, TimePoint now);
  void record_neutral() { breaker_.on_neutral(); }
  const CircuitBreaker& breaker() const { return breaker_; }
  std::string breaker_reason() const;

  // A batch ends without an answer, by the endpoint's fault. The first one of a client's life is told at once, and
  // is the notice of the outage that it may be the beginning of.
  void tell_lost(const std::string& reason);

  // True: one more retry is within the budget of retries, and is taken.
  bool take_retry();

  void tell_once(const std::string& notice);
  Random& random() { return random_; }
  std::vector<std::string> take_notices();

 private:
  struct Window {
    std::optional<std::uint64_t> remaining;
    TimePoint until{};  // then the provider's counter starts afresh
  };
  static void note(std::optional<std::uint64_t> remaining, std::optional<std::chrono::milliseconds> reset,
                   std::uint64_t under_way, TimePoint now, Window& window);

  std::vector<Model> models_;
  std::size_t current_ = 0;
  bool is_stopped_ = false;
  std::string stop_reason_;
  TimePoint paused_until_{};
  Window request_window_;
  Window token_window_;
  std::uint64_t token_limit_ = 0;
  std::uint64_t requests_under_way_ = 0;
  std::uint64_t tokens_under_way_ = 0;
  std::uint64_t requests_sent_ = 0;
  std::uint64_t retries_ = 0;
  CircuitBreaker breaker_;
  std::string last_failure_;
  bool is_outage_told_ = false;  // since the last success
  bool is_loss_told_ = false;
  Random random_;
  std::vector<std::string> told_;
  std::vector<std::string> notices_;
};

}  // namespace logsieve

#endif  // LOGSIEVE_LLM_ENDPOINT_STATE_H_
