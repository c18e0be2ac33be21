#include "llm/question_flight.h"

#include <algorithm>
#include <utility>

#include "llm/retry_wait.h"

namespace logsieve {
namespace {

using std::chrono::milliseconds;

// A reply that was cut short is asked for once more with this many times the tokens.
constexpr std::uint32_t kTokenFactorAfterCut = 4;

std::string seconds_text(milliseconds time) {
  const auto tenths = (time.count() + 99) / 100;
  return std::to_string(tenths / 10) + "." + std::to_string(tenths % 10) + " s";
}

}  // namespace

QuestionFlight::QuestionFlight(const LlmQuestion& question, FlightContext context, TimePoint now)
    : question_(question),
      context_(context),
      deadline_(now + milliseconds(context.options.total_timeout_ms)),
      wake_at_(now) {}

bool QuestionFlight::wants_to_send(TimePoint now) {
  if (step_ != Step::kWaiting) return false;
  EndpointState& endpoint = context_.endpoint;
  if (endpoint.is_stopped()) {
    fail(endpoint.stop_reason(), Blame::kNobody);
    return false;
  }
  if (endpoint.paused_until() >= deadline_) {
    fail("the endpoint asked for a pause that is longer than a question may take", Blame::kNobody);
    return false;
  }
  if (now >= deadline_) {
    fail("no valid reply within " + seconds_text(milliseconds(context_.options.total_timeout_ms)),
         Blame::kEndpoint);
    return false;
  }
  if (wake_at_ < endpoint.paused_until()) {
    // Those who waited for the same pause must not all start at its end.
    const milliseconds spread =
        full_jitter(context_.options.backoff_base_ms, context_.options.backoff_cap_ms, 0, endpoint.random());
    wake_at_ = std::min(endpoint.paused_until() + spread, deadline_);
  }
  return now >= wake_at_;
}

std::string QuestionFlight::take_request() {
  EndpointState& endpoint = context_.endpoint;
  model_ = endpoint.current_model();
  const EndpointState::Model& model = endpoint.model(model_);
  style_ = model.style;
  const std::string nonce = random_nonce();
  const RequestShape shape{
      model.name, style_, model.traits.has_reasoning_effort, model.traits.answer_tokens * token_factor_,
      is_re_ask_, nonce};
  ++context_.counters.requests;
  if (is_retry_) ++context_.counters.retries;
  is_retry_ = false;
  step_ = Step::kInFlight;
  return context_.prompt.request_body(question_, shape);
}

std::uint32_t QuestionFlight::request_timeout_ms(TimePoint now) const {
  const auto left = std::chrono::ceil<milliseconds>(deadline_ - now).count();
  return static_cast<std::uint32_t>(std::clamp<std::int64_t>(left, 1, context_.options.total_timeout_ms));
}

void QuestionFlight::on_reply(const HttpReply& reply, TimePoint now, std::int64_t wall_seconds) {
  switch (classify_reply(reply)) {
    case ReplyClass::kOk:
      return read_answer(reply, now);
    case ReplyClass::kRetry:
      return retry_later(reply, now, wall_seconds);
    case ReplyClass::kPermanent:
      return fail(describe_reply(reply), Blame::kEndpoint);
    case ReplyClass::kKeyRefused:
      context_.endpoint.stop("the endpoint refused the key: " + describe_reply(reply) +
                             "; check LOGSIEVE_LLM_API_KEY or GROQ_API_KEY");
      return fail(context_.endpoint.stop_reason(), Blame::kNobody);
    case ReplyClass::kModelGone:
      context_.endpoint.drop_model(model_);
      return send_at(now);
    case ReplyClass::kStyleRefused:
      return refuse_style(reply, now);
    case ReplyClass::kBadGeneration:
      ++context_.counters.invalid_replies;
      return ask_again(now, "the model did not keep to the format", Blame::kNobody);
  }
}

void QuestionFlight::read_answer(const HttpReply& reply, TimePoint now) {
  ParsedAnswer parsed = parse_answer(reply.body, context_.labels);
  if (parsed.kind != AnswerKind::kMalformed) context_.endpoint.prove_style(model_, style_);
  switch (parsed.kind) {
    case AnswerKind::kLabel:
      context_.endpoint.record_success();
      return finish(LlmStatus::kAnswered, parsed.label, {});
    case AnswerKind::kNoneFits:
      context_.endpoint.record_success();
      return finish(LlmStatus::kAbstained, kNoLabel, "the model found no label that fits");
    default:
      break;
  }
  ++context_.counters.invalid_replies;
  if (parsed.kind == AnswerKind::kCut) token_factor_ = kTokenFactorAfterCut;
  // What the model writes can be steered by a log line; only the endpoint's own faults may close it for all.
  const bool is_endpoint_fault = parsed.kind == AnswerKind::kMalformed;
  ask_again(now, std::move(parsed.problem), is_endpoint_fault ? Blame::kEndpoint : Blame::kNobody);
}

void QuestionFlight::retry_later(const HttpReply& reply, TimePoint now, std::int64_t wall_seconds) {
  const LlmOptions& options = context_.options;
  const auto asked = parse_retry_after(reply.retry_after, reply.retry_after_ms, wall_seconds);
  if (asked) context_.endpoint.pause_until(now + *asked);
  const milliseconds backoff =
      full_jitter(options.backoff_base_ms, options.backoff_cap_ms, retries_, context_.endpoint.random());
  const milliseconds wait = std::max(asked.value_or(milliseconds(0)), backoff);
  if (now + wait >= deadline_) {
    const bool is_pause = asked && now + *asked >= deadline_;
    return fail(describe_reply(reply) + "; the next try would come too late (in " + seconds_text(wait) + ")",
                is_pause ? Blame::kNobody : Blame::kEndpoint);
  }
  if (retries_ >= options.max_retries) {
    return fail(describe_reply(reply) + ", after " + std::to_string(retries_) + " retries", Blame::kEndpoint);
  }
  ++retries_;
  is_retry_ = true;
  send_at(now + wait);
}

void QuestionFlight::refuse_style(const HttpReply& reply, TimePoint now) {
  if (context_.endpoint.weaken_style(model_, style_)) return send_at(now);
  fail(describe_reply(reply), Blame::kEndpoint);
}

void QuestionFlight::ask_again(TimePoint now, std::string problem, Blame blame) {
  if (!is_re_ask_) {
    is_re_ask_ = true;
    ++context_.counters.re_asks;
    return send_at(now);
  }
  if (blame == Blame::kEndpoint) {
    context_.endpoint.record_failure(problem);
  } else {
    context_.endpoint.record_success();
  }
  finish(LlmStatus::kAbstained, kNoLabel, std::move(problem));
}

void QuestionFlight::send_at(TimePoint time) {
  wake_at_ = time;
  step_ = Step::kWaiting;
}

void QuestionFlight::finish(LlmStatus status, LabelId label, std::string reason) {
  answer_ = {status, label, std::move(reason)};
  step_ = Step::kDone;
}

void QuestionFlight::fail(std::string reason, Blame blame) {
  if (blame == Blame::kEndpoint) context_.endpoint.record_failure(reason);
  finish(LlmStatus::kUnavailable, kNoLabel, std::move(reason));
}

}  // namespace logsieve
