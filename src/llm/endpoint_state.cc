#include "llm/endpoint_state.h"

#include <algorithm>
#include <random>
#include <utility>

#include "base/utf8.h"

namespace logsieve {
namespace {

std::uint64_t seed_or_system(std::uint64_t seed) {
  if (seed != 0) return seed;
  std::random_device device;
  return (std::uint64_t{device()} << 32U) | device();
}

}  // namespace

EndpointState::EndpointState(const std::vector<std::string>& models, std::uint64_t jitter_seed)
    : random_(seed_or_system(jitter_seed)) {
  for (const std::string& name : models) {
    const ModelTraits traits = traits_of_model(name);
    models_.push_back({name, traits, traits.style});
  }
}

void EndpointState::stop(std::string reason) {
  if (is_stopped_) return;
  is_stopped_ = true;
  stop_reason_ = std::move(reason);
  notices_.push_back("no further questions to the LLM: " + stop_reason_);
}

void EndpointState::drop_model(std::size_t index) {
  Model& dropped = models_[index];
  if (dropped.is_gone) return;
  dropped.is_gone = true;
  const auto next =
      std::find_if(models_.begin(), models_.end(), [](const Model& model) { return !model.is_gone; });
  if (next == models_.end()) {
    stop("the endpoint has none of the models that are configured (the last was " + printable(dropped.name) +
         ")");
    return;
  }
  current_ = static_cast<std::size_t>(next - models_.begin());
  notices_.push_back("the LLM endpoint does not have the model " + printable(dropped.name) + "; using " +
                     printable(next->name));
}

bool EndpointState::weaken_style(std::size_t index, AnswerStyle refused) {
  Model& model = models_[index];
  if (model.style != refused) return true;
  if (model.is_style_proven || refused == AnswerStyle::kPlain) return false;
  model.style = refused == AnswerStyle::kJsonSchema ? AnswerStyle::kJsonObject : AnswerStyle::kPlain;
  return true;
}

void EndpointState::prove_style(std::size_t index, AnswerStyle used) {
  if (models_[index].style == used) models_[index].is_style_proven = true;
}

void EndpointState::pause_until(TimePoint time) {
  paused_until_ = std::max(paused_until_, time);
}

void EndpointState::record_failure(const std::string& reason) {
  if (++failures_in_a_row_ < kFailuresToStop) return;
  stop(std::to_string(kFailuresToStop) + " in a row failed, the last because: " + reason);
}

std::vector<std::string> EndpointState::take_notices() {
  return std::exchange(notices_, {});
}

}  // namespace logsieve
