#include "llm/endpoint_state.h"

#include <algorithm>
#include <random>
#include <utility>

#include "base/utf8.h"

namespace logsieve {
namespace {

using std::chrono::milliseconds;

std::uint64_t seed_or_system(std::uint64_t seed) {
  if (seed != 0) return seed;
  std::random_device device;
  return (std::uint64_t{device()} << 32U) | device();
}

}  // namespace

EndpointState::EndpointState(const LlmOptions& options)
    : breaker_(milliseconds(options.breaker_pause_ms)), random_(seed_or_system(options.jitter_seed)) {
  const Provider provider =
      options.provider == Provider::kFromUrl ? provider_of_url(options.base_url) : options.provider;
  for (const std::string& name : options.models) models_.push_back({name, traits_of_model(name, provider)});
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
  if (model.traits.style != refused) return true;
  if (model.is_style_proven || refused == AnswerStyle::kPlain) return false;
  model.traits.style = static_cast<AnswerStyle>(static_cast<std::uint8_t>(refused) + 1);
  return true;
}

void EndpointState::prove_style(std::size_t index, AnswerStyle used) {
  if (models_[index].traits.style == used) models_[index].is_style_proven = true;
}

bool EndpointState::drop_parameter(std::size_t index, RequestParameter refused, const ModelTraits& sent) {
  ModelTraits& traits = models_[index].traits;
  switch (refused) {
    case RequestParameter::kTemperature:
      traits.has_temperature = false;
      return sent.has_temperature;
    case RequestParameter::kReasoningEffort:
      traits.has_reasoning_effort = false;
      return sent.has_reasoning_effort;
    case RequestParameter::kTokenLimit:
      if (models_[index].is_style_proven) return false;  // it has worked under this name
      traits.has_completion_tokens = !sent.has_completion_tokens;
      return true;
    case RequestParameter::kNone:
      break;
  }
  return false;
}

void EndpointState::pause_until(TimePoint time) {
  paused_until_ = std::max(paused_until_, time);
}

TimePoint EndpointState::allowed_from(std::uint64_t tokens, TimePoint now) const {
  TimePoint from = now;
  if (request_window_.remaining && *request_window_.remaining == 0)
    from = std::max(from, request_window_.until);
  if (token_window_.remaining && *token_window_.remaining < tokens)
    from = std::max(from, token_window_.until);
  return from;
}

void EndpointState::record_sent(std::uint64_t tokens) {
  ++requests_sent_;
  ++requests_under_way_;
  tokens_under_way_ += tokens;
  if (request_window_.remaining && *request_window_.remaining > 0) --*request_window_.remaining;
  if (token_window_.remaining) *token_window_.remaining -= std::min(*token_window_.remaining, tokens);
  breaker_.on_send();
}

// What is still under way may or may not be in the provider's count: it is taken off to be safe.
void EndpointState::note(std::optional<std::uint64_t> remaining, std::optional<milliseconds> reset,
                         std::uint64_t under_way, TimePoint now, Window& window) {
  if (!remaining || !reset) return;
  window.remaining = *remaining - std::min(*remaining, under_way);
  window.until = now + *reset;
}

void EndpointState::record_back(std::uint64_t tokens, const RateLimits& limits, TimePoint now) {
  requests_under_way_ -= std::min<std::uint64_t>(requests_under_way_, 1);
  tokens_under_way_ -= std::min(tokens_under_way_, tokens);
  note(limits.remaining_requests, limits.reset_requests, requests_under_way_, now, request_window_);
  note(limits.remaining_tokens, limits.reset_tokens, tokens_under_way_, now, token_window_);
  if (limits.limit_tokens && *limits.limit_tokens > 0) token_limit_ = *limits.limit_tokens;
}

void EndpointState::record_success() {
  if (is_outage_told_ && breaker_.is_open()) notices_.emplace_back("the LLM endpoint answers again");
  is_outage_told_ = false;
  breaker_.on_success();
}

void EndpointState::record_failure(const std::string& reason, TimePoint now) {
  last_failure_ = reason;
  if (!breaker_.on_failure(now) || is_outage_told_) return;
  is_outage_told_ = true;
  notices_.push_back("no questions to the LLM for now: " + breaker_reason());
}

void EndpointState::tell_lost(const std::string& reason) {
  if (!is_loss_told_ && !is_outage_told_) {
    is_outage_told_ = true;
    notices_.push_back("a question to the LLM got no answer, and its lines go on without one: " + reason);
  }
  is_loss_told_ = true;
}

std::string EndpointState::breaker_reason() const {
  return std::to_string(CircuitBreaker::kFailures) +
         " requests in a row failed, the last because: " + last_failure_;
}

bool EndpointState::take_retry() {
  if (retries_ + 1 > std::max(kFreeRetries, (requests_sent_ + 1) / 10)) return false;
  ++retries_;
  return true;
}

void EndpointState::tell_once(const std::string& notice) {
  if (std::find(told_.begin(), told_.end(), notice) != told_.end()) return;
  told_.push_back(notice);
  notices_.push_back(notice);
}

std::vector<std::string> EndpointState::take_notices() {
  return std::exchange(notices_, {});
}

}  // namespace logsieve
