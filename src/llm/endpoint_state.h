// What a client has learned about its endpoint: which models are gone, which reply style each takes, when it
// asked for a pause, and whether it is worth asking at all.
#ifndef LOGSIEVE_LLM_ENDPOINT_STATE_H_
#define LOGSIEVE_LLM_ENDPOINT_STATE_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "base/random.h"
#include "llm/model_traits.h"

namespace logsieve {

using TimePoint = std::chrono::steady_clock::time_point;

class EndpointState {
 public:
  static constexpr std::uint32_t kFailuresToStop = 5;  // questions in a row

  struct Model {
    std::string name;
    ModelTraits traits;
    AnswerStyle style;
    bool is_style_proven = false;  // a reply in this style was accepted
    bool is_gone = false;
  };

  // `models` is not empty.
  EndpointState(const std::vector<std::string>& models, std::uint64_t jitter_seed);

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

  // Nobody sends before the latest such time.
  void pause_until(TimePoint time);
  TimePoint paused_until() const { return paused_until_; }

  // How a question ended. kFailuresToStop failures without a success between them stop the endpoint.
  void record_success() { failures_in_a_row_ = 0; }
  void record_failure(const std::string& reason);

  Random& random() { return random_; }
  std::vector<std::string> take_notices();

 private:
  std::vector<Model> models_;
  std::size_t current_ = 0;
  bool is_stopped_ = false;
  std::string stop_reason_;
  TimePoint paused_until_{};
  std::uint32_t failures_in_a_row_ = 0;
  Random random_;
  std::vector<std::string> notices_;
};

}  // namespace logsieve

#endif  // LOGSIEVE_LLM_ENDPOINT_STATE_H_
