#include "llm/batch_flight.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "llm/retry_wait.h"

namespace logsieve {
namespace {

using std::chrono::milliseconds;

// A single answer that was cut short is asked for once more with this many times the tokens.
constexpr std::uint32_t kTokenFactorAfterCut = 4;
constexpr milliseconds kReserveRecheck{50};

std::string seconds_text(milliseconds time) {
  const auto tenths = (time.count() + 99) / 100;
  return std::to_string(tenths / 10) + "." + std::to_string(tenths % 10) + " s";
}

milliseconds between(TimePoint from, TimePoint to) {
  return std::chrono::ceil<milliseconds>(to - from);
}

// It did not reach the provider, so it was not paid for.
bool was_never_sent(const HttpReply& reply) {
  if (reply.status != 0) return false;
  return reply.fault == HttpFault::kResolve || reply.fault == HttpFault::kConnect ||
         reply.fault == HttpFault::kTls || reply.fault == HttpFault::kAddressRefused;
}

}  // namespace

BatchFlight::BatchFlight(BatchPlan plan, std::span<const LlmQuestion> questions, FlightContext context,
                         Moment now)
    : plan_(std::move(plan)),
      questions_(questions),
      context_(context),
      deadline_(now.steady + milliseconds(context.options.total_timeout_ms)),
      wake_at_(now.steady) {}

// The request as the endpoint takes it today; made anew for each try, so that each has its own nonce and ids.
void BatchFlight::prepare() {
  const EndpointState& endpoint = context_.endpoint;
  const EndpointState::Model& model = endpoint.model(endpoint.current_model());
  if (!body_.empty() && model_ == endpoint.current_model() && traits_ == model.traits) return;
  model_ = endpoint.current_model();
  traits_ = model.traits;
  ids_ = random_ids(plan_.questions.size());
  const std::string nonce = random_nonce();
  std::vector<PromptItem> items;
  std::vector<const LlmQuestion*> asked;
  for (std::size_t i = 0; i < ids_.size(); ++i) {
    asked.push_back(&questions_[plan_.questions[i]]);
    items.push_back({ids_[i], asked.back()->form});
  }
  const auto forms = static_cast<std::uint32_t>(items.size());
  RequestShape shape;
  shape.model = model.name;
  shape.style = traits_.style;
  shape.has_reasoning_effort = traits_.has_reasoning_effort;
  shape.has_temperature = traits_.has_temperature;
  shape.has_completion_tokens = traits_.has_completion_tokens;
  shape.answer_tokens = (traits_.base_tokens + forms * traits_.item_tokens) * plan_.token_factor;
  shape.is_re_ask = plan_.is_re_ask;
  shape.nonce = nonce;
  shape.variant = asked.front()->variant;
  body_ = context_.prompt.request_body(items, shared_examples(asked), shape);
  most_ = {estimated_tokens(body_.size()), 0, shape.answer_tokens};
  most_nano_usd_ = nano_usd(most_, price_of(model.name, context_.options.prices).value_or(Price{}));
}

bool BatchFlight::wants_to_send(Moment now) {
  if (step_ != Step::kWaiting) return false;
  EndpointState& endpoint = context_.endpoint;
  if (endpoint.is_stopped()) {
    end_all(LlmStatus::kUnavailable, endpoint.stop_reason());
    return false;
  }
  prepare();
  const TimePoint allowed =
      std::max(endpoint.paused_until(), endpoint.allowed_from(most_.total(), now.steady));
  if (allowed > now.steady && allowed > wake_at_) return wait_for(allowed, now, true);
  if (now.steady >= deadline_) {
    end_all(LlmStatus::kUnavailable,
            "no valid reply within " + seconds_text(milliseconds(context_.options.total_timeout_ms)));
    return false;
  }
  if (wake_at_ > now.steady) return false;
  if (!endpoint.breaker().may_send(now.steady)) {
    end_all(LlmStatus::kUnavailable, endpoint.breaker_reason());
    return false;
  }
  return admit(now);
}

// Never true. `has_spread`: those who wait for the same pause must not all start at its end.
bool BatchFlight::wait_for(TimePoint time, Moment now, bool has_spread) {
  const LlmOptions& options = context_.options;
  const bool is_late = time >= deadline_;
  if (is_late && between(now.steady, time) > milliseconds(options.patience_ms)) {
    end_all(LlmStatus::kUnavailable, "the endpoint or the budget asks for a pause of " +
                                         seconds_text(between(now.steady, time)) +
                                         ", longer than a batch may wait");
    return false;
  }
  wake_at_ = time;
  if (has_spread)
    wake_at_ += full_jitter(options.backoff_base_ms, options.backoff_cap_ms, 0, context_.endpoint.random());
  if (wake_at_ >= deadline_) deadline_ = wake_at_ + milliseconds(options.total_timeout_ms);
  return false;
}

bool BatchFlight::admit(Moment now) {
  EndpointState& endpoint = context_.endpoint;
  if (endpoint.token_limit() > 0 && most_.total() > endpoint.token_limit()) {
    split("the request is larger than the endpoint's limit of tokens");
    return false;
  }
  const auto admission = context_.store.reserve(
      context_.options.budget,
      {endpoint.model(model_).name, plan_.questions.size(), most_, most_nano_usd_, body_}, now.wall_ms);
  if (!admission) {
    endpoint.stop("the store of answers cannot be written: " + admission.error().message);
    end_all(LlmStatus::kUnavailable, endpoint.stop_reason());
    return false;
  }
  call_ = admission->call;
  switch (admission->permit) {
    case Permit::kGo:
      return true;
    case Permit::kWait:
      return wait_for(now.steady + milliseconds(admission->wait_until_ms - now.wall_ms), now, false);
    case Permit::kTooLarge:
      split(admission->reason);
      return false;
    case Permit::kSpent:
      break;
  }
  // What is under way has reserved the most that it can cost, and will give most of it back.
  if (endpoint.requests_under_way() > 0) {
    wake_at_ = now.steady + kReserveRecheck;
    deadline_ = std::max(deadline_, wake_at_ + milliseconds(context_.options.total_timeout_ms));
    return false;
  }
  context_.counters.over_budget += plan_.questions.size();
  endpoint.tell_once("no further questions to the LLM today: " + admission->reason);
  end_all(LlmStatus::kUnavailable, admission->reason);
  return false;
}

std::string BatchFlight::take_request() {
  ++context_.counters.requests;
  if (is_retry_) ++context_.counters.retries;
  is_retry_ = false;
  context_.endpoint.record_sent(most_.total());
  step_ = Step::kInFlight;
  return std::exchange(body_, {});
}

std::uint32_t BatchFlight::request_timeout_ms(TimePoint now) const {
  return static_cast<std::uint32_t>(
      std::clamp<std::int64_t>(between(now, deadline_).count(), 1, context_.options.total_timeout_ms));
}

// Costs and answers are on disk before anybody sees them.
void BatchFlight::settle(std::string_view outcome, const TokenCount& tokens,
                         std::span<const NewAnswer> answers) {
  EndpointState& endpoint = context_.endpoint;
  const Price price = price_of(endpoint.model(model_).name, context_.options.prices).value_or(Price{});
  auto settled = context_.store.settle(call_, {outcome, tokens, nano_usd(tokens, price)}, answers);
  if (!settled) endpoint.stop("the store of answers cannot be written: " + settled.error().message);
}

// What a request without a readable reply may have cost: nothing if the server refused it, else the most.
TokenCount BatchFlight::lost_tokens(const HttpReply& reply) const {
  if (reply.status >= 300 || was_never_sent(reply)) return {};
  return most_;
}

void BatchFlight::on_reply(const HttpReply& reply, Moment now) {
  EndpointState& endpoint = context_.endpoint;
  endpoint.record_back(most_.total(), parse_rate_limits(reply.rate_limits), now.steady);
  const ReplyClass kind = classify_reply(reply);
  if (kind == ReplyClass::kOk) return read_answers(reply, now);
  settle(was_never_sent(reply) ? "not sent" : "HTTP " + std::to_string(reply.status), lost_tokens(reply), {});
  if (kind != ReplyClass::kRetry && kind != ReplyClass::kPermanent) endpoint.record_neutral();
  switch (kind) {
    case ReplyClass::kOk:
      return;
    case ReplyClass::kRetry:
      return retry_later(reply, now);
    case ReplyClass::kPermanent:
      return fail(describe_reply(reply), now.steady);
    case ReplyClass::kUnprocessable:
      if (plan_.is_re_ask) return lose(describe_reply(reply));
      return ask_again(describe_reply(reply), false);
    case ReplyClass::kRequestTooLarge:
      return split(describe_reply(reply));
    case ReplyClass::kKeyRefused:
      endpoint.stop("the endpoint refused the key: " + describe_reply(reply) +
                    "; check LOGSIEVE_LLM_API_KEY or GROQ_API_KEY");
      return end_all(LlmStatus::kUnavailable, endpoint.stop_reason());
    case ReplyClass::kModelGone:
      endpoint.drop_model(model_);
      return send_again(now.steady);
    case ReplyClass::kStyleRefused:
      return after_refusal(endpoint.weaken_style(model_, traits_.style), reply, now);
    case ReplyClass::kParameterRefused:
      return after_refusal(endpoint.drop_parameter(model_, refused_parameter(reply), traits_), reply, now);
    case ReplyClass::kBadGeneration:
      ++context_.counters.invalid_replies;
      return ask_again("the model did not keep to the format", true);
  }
}

void BatchFlight::after_refusal(bool has_changed, const HttpReply& reply, Moment now) {
  if (has_changed) return send_again(now.steady);
  fail(describe_reply(reply), now.steady);
}

void BatchFlight::read_answers(const HttpReply& reply, Moment now) {
  ParsedReply parsed = parse_reply(reply.body, ids_, context_.labels);
  const TokenCount tokens = parsed.usage.value_or(
      TokenCount{most_.input, 0, std::min(most_.output, estimated_tokens(reply.body.size()))});
  if (parsed.kind == ReplyKind::kAnswers) {
    context_.endpoint.record_success();
    context_.endpoint.prove_style(model_, traits_.style);
    return take_answers(parsed, tokens);
  }
  ++context_.counters.invalid_replies;
  settle("not valid", tokens, {});
  // What the model writes can be steered by a log line; only the endpoint's own faults may close it for all.
  if (parsed.kind == ReplyKind::kMalformed) {
    context_.endpoint.record_failure(parsed.problem, now.steady);
    if (plan_.is_re_ask) return lose(parsed.problem);
    return ask_again(parsed.problem, false);
  }
  context_.endpoint.record_success();
  context_.endpoint.prove_style(model_, traits_.style);
  if (parsed.kind == ReplyKind::kCut) return after_cut(parsed.problem);
  ask_again(parsed.problem, true);
}

// An answer that is no label at all says nothing: such replies are asked again, or end without an answer.
bool BatchFlight::has_wrong_control(const ParsedReply& parsed) const {
  for (std::size_t i = 0; i < parsed.items.size(); ++i) {
    const std::string& known = questions_[plan_.questions[i]].control_label;
    const ItemAnswer& item = parsed.items[i];
    if (known.empty() || (item.kind != AnswerKind::kLabel && item.kind != AnswerKind::kNoneFits)) continue;
    if (context_.labels.name(item.label) != known) return true;
  }
  return false;
}

void BatchFlight::take_answers(const ParsedReply& parsed, const TokenCount& tokens) {
  const std::string& model = context_.endpoint.model(model_).name;
  context_.counters.strangers += parsed.strangers;
  const bool is_doubted = has_wrong_control(parsed);
  std::vector<NewAnswer> stored;
  BatchPlan again = plan_;
  again.questions.clear();
  again.is_re_ask = true;
  for (std::size_t i = 0; i < parsed.items.size(); ++i) {
    const ItemAnswer& item = parsed.items[i];
    const std::size_t index = plan_.questions[i];
    if (!questions_[index].control_label.empty()) {
      answers_.emplace_back(index, LlmAnswer{LlmStatus::kAbstained, kNoLabel, "a control line"});
      continue;
    }
    const bool is_valid = item.kind == AnswerKind::kLabel || item.kind == AnswerKind::kNoneFits;
    if (is_valid) {
      const LlmQuestion& question = questions_[index];
      NewAnswer answer{answer_key(model, context_.labels_hash, question), question.form, std::nullopt,
                       is_doubted};
      const bool has_label = item.kind == AnswerKind::kLabel;
      if (has_label) answer.label = context_.labels.name(item.label);
      answers_.emplace_back(
          index, LlmAnswer{has_label ? LlmStatus::kAnswered : LlmStatus::kAbstained, item.label,
                           has_label ? "" : "the model found no label that fits", answer.key, is_doubted});
      stored.push_back(std::move(answer));
      continue;
    }
    ++context_.counters.invalid_items;
    if (plan_.is_re_ask)
      answers_.emplace_back(index, LlmAnswer{LlmStatus::kAbstained, kNoLabel, item.problem});
    else
      again.questions.push_back(index);
  }
  settle("answered", tokens, stored);
  if (!again.questions.empty()) {
    ++context_.counters.re_asks;
    follow_ups_.push_back(std::move(again));
  }
  step_ = Step::kDone;
}

void BatchFlight::retry_later(const HttpReply& reply, Moment now) {
  const LlmOptions& options = context_.options;
  EndpointState& endpoint = context_.endpoint;
  const auto asked = parse_retry_after(reply.retry_after, reply.retry_after_ms, now.wall_ms / 1000);
  if (asked) endpoint.pause_until(now.steady + *asked);
  // A server that says "later" is well.
  const bool is_busy = reply.status == 429 || reply.status == 498;
  is_busy ? endpoint.record_neutral() : endpoint.record_failure(describe_reply(reply), now.steady);
  const milliseconds backoff =
      full_jitter(options.backoff_base_ms, options.backoff_cap_ms, retries_, endpoint.random());
  const TimePoint next = now.steady + backoff;
  if (asked && *asked > milliseconds(options.patience_ms) && now.steady + *asked >= deadline_)
    return lose(describe_reply(reply) + "; the next try would come too late (in " + seconds_text(*asked) +
                ")");
  // Nobody listens there: to try again in a moment would hold up the output of a run without an endpoint.
  const bool is_dead = reply.fault == HttpFault::kConnect;
  if (is_dead || retries_ >= options.max_retries || next >= deadline_ || !endpoint.take_retry()) {
    return lose(describe_reply(reply) + ", after " + std::to_string(retries_) + " retries");
  }
  ++retries_;
  is_retry_ = true;
  send_again(next);
}

std::vector<BatchPlan> BatchFlight::halves() const {
  BatchPlan first = plan_;
  const auto middle = static_cast<std::ptrdiff_t>((plan_.questions.size() + 1) / 2);
  BatchPlan second = plan_;
  first.questions.assign(plan_.questions.begin(), plan_.questions.begin() + middle);
  second.questions.assign(plan_.questions.begin() + middle, plan_.questions.end());
  return {std::move(first), std::move(second)};
}

// Too large as it is: two smaller ones, or nothing where it is one already.
void BatchFlight::split(const std::string& problem) {
  if (plan_.questions.size() == 1 || plan_.splits_left == 0) return lose(problem);
  ++context_.counters.splits;
  follow_ups_ = halves();
  for (BatchPlan& half : follow_ups_) --half.splits_left;
  step_ = Step::kDone;
}

void BatchFlight::after_cut(const std::string& problem) {
  if (plan_.questions.size() > 1 && plan_.splits_left > 0) return split(problem);
  plan_.token_factor = kTokenFactorAfterCut;
  ask_again(problem, false);
}

// `in_halves`: one line may have spoiled the reply for all; the other half is then rid of it.
void BatchFlight::ask_again(const std::string& problem, bool in_halves) {
  if (plan_.is_re_ask) return end_all(LlmStatus::kAbstained, problem);
  plan_.is_re_ask = true;
  follow_ups_ = in_halves && plan_.questions.size() > 1 ? halves() : std::vector<BatchPlan>{plan_};
  context_.counters.re_asks += follow_ups_.size();
  step_ = Step::kDone;
}

void BatchFlight::send_again(TimePoint time) {
  wake_at_ = time;
  step_ = Step::kWaiting;
}

void BatchFlight::cancel(const std::string& reason) {
  if (step_ == Step::kWaiting) end_all(LlmStatus::kUnavailable, reason);
}

void BatchFlight::end_all(LlmStatus status, const std::string& reason) {
  for (const std::size_t index : plan_.questions)
    answers_.emplace_back(index, LlmAnswer{status, kNoLabel, reason});
  step_ = Step::kDone;
}

void BatchFlight::fail(const std::string& reason, TimePoint now) {
  context_.endpoint.record_failure(reason, now);
  lose(reason);
}

void BatchFlight::lose(const std::string& reason) {
  context_.endpoint.tell_lost(reason);
  end_all(LlmStatus::kUnavailable, reason);
}

}  // namespace logsieve
