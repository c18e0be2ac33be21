#include "llm/llm_client.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdlib>
#include <deque>
#include <list>
#include <unordered_map>
#include <utility>

#include "base/hash.h"
#include "base/utf8.h"
#include "llm/api_key.h"
#include "llm/batch_flight.h"
#include "llm/endpoint_state.h"
#include "llm/endpoint_url.h"
#include "llm/http_transport.h"
#include "llm/probe.h"
#include "llm/prompt.h"

namespace logsieve {
namespace {

using std::chrono::milliseconds;

Error bad_config(std::string message, std::string help) {
  return Error{ErrorCode::kBadConfig, std::move(message)}.with_help(std::move(help));
}

Result<void> check_limits(const LlmOptions& options) {
  const std::array<std::pair<const char*, std::size_t>, 5> limits = {{
      {"connect timeout", options.connect_timeout_ms},
      {"total timeout", options.total_timeout_ms},
      {"number of parallel requests", options.parallel_requests},
      {"largest reply", options.max_reply_bytes},
      {"number of forms a request", options.batch_forms},
  }};
  for (const auto& [name, value] : limits) {
    if (value == 0) return bad_config("the LLM's " + std::string(name) + " is 0", "give at least 1");
  }
  if (options.batch_forms <= kMaxBatchForms) return ok();
  return bad_config("the LLM's number of forms a request is above " + std::to_string(kMaxBatchForms),
                    "larger batches are answered worse: give 1 to " + std::to_string(kMaxBatchForms));
}

// A budget of money that cannot be kept is worse than none.
Result<void> check_prices(const LlmOptions& options) {
  if (options.budget.usd_per_day <= 0) return ok();
  for (const std::string& model : options.models)
    if (!price_of(model, options.prices))
      return bad_config("there is a budget of money, but no price for the model " + printable(model),
                        "give its price under llm.prices, see docs/llm.md");
  return ok();
}

Result<void> check_models(const std::vector<std::string>& models) {
  const bool has_empty =
      std::any_of(models.begin(), models.end(), [](const auto& name) { return name.empty(); });
  if (!models.empty() && !has_empty) return ok();
  return bad_config("no LLM model is named", "name one or more in LOGSIEVE_LLM_MODELS, separated by commas");
}

Result<void> check_labels(const LlmOptions& options, const LabelSet& labels) {
  if (labels.size() == 0) return Error{ErrorCode::kInvalidArgument, "there are no labels to ask the LLM for"};
  if (options.label_descriptions.empty() || options.label_descriptions.size() == labels.size()) return ok();
  return Error{ErrorCode::kInvalidArgument, std::to_string(options.label_descriptions.size()) +
                                                " label descriptions for " + std::to_string(labels.size()) +
                                                " labels"};
}

Result<void> check_key(const LlmOptions& options, const EndpointUrl& url) {
  if (auto checked = check_api_key(options.api_key, "options"); !checked) return checked;
  if (!options.api_key.empty() || url.is_loopback) return ok();
  return bad_config("no API key for the LLM endpoint " + printable(url.host),
                    "set LOGSIEVE_LLM_API_KEY (or GROQ_API_KEY), name a key file, or run with --llm off");
}

bool uses_proxy() {
  for (const char* name : {"https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"}) {
    const char* value = std::getenv(name);
    if (value != nullptr && *value != '\0') return true;
  }
  return false;
}

AddressPolicy policy_for(const LlmOptions& options, const EndpointUrl& url) {
  if (url.is_loopback) return AddressPolicy::kLoopbackOnly;
  if (uses_proxy()) return AddressPolicy::kAny;
  if (options.allow_private_addresses) return AddressPolicy::kNotLinkLocal;
  return AddressPolicy::kPublicOnly;
}

HttpTransportOptions transport_options(const LlmOptions& options, const EndpointUrl& url) {
  HttpTransportOptions transport;
  transport.api_key = options.api_key;
  transport.ca_file = options.ca_file;
  transport.resolve = options.resolve;
  transport.address_policy = policy_for(options, url);
  transport.connect_timeout_ms = options.connect_timeout_ms;
  transport.max_reply_bytes = options.max_reply_bytes;
  transport.max_connections = options.parallel_requests;
  return transport;
}

constexpr std::size_t kMaxBatchBytes = 24'000;  // of forms: some 6,000 tokens

// How soon a wait for replies notices that the run is to end.
constexpr std::uint32_t kStopCheckMs = 100;

// Until `time`, in whole milliseconds, rounded up so that the time has come when the wait is over.
std::uint32_t wait_ms(TimePoint now, TimePoint time) {
  const auto left = std::chrono::ceil<milliseconds>(time - now).count();
  return static_cast<std::uint32_t>(std::clamp<std::int64_t>(left, 0, 60'000));
}

}  // namespace

struct LlmClient::Impl {
  Impl(LlmOptions given, EndpointUrl endpoint_url, const LabelSet& label_set, HttpTransport http)
      : options(std::move(given)),
        url(std::move(endpoint_url)),
        labels(label_set),
        labels_hash(hash_of_labels(labels, options.label_descriptions)),
        prompt(labels, options.label_descriptions),
        endpoint(options),
        transport(std::move(http)) {}
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  // One batch under way. The ticket is that of its request.
  struct Seat {
    std::size_t ticket;
    BatchFlight flight;
  };

  FlightContext context() { return {options, labels, labels_hash, prompt, endpoint, *store, counters}; }
  std::string for_people(std::string_view text) const {
    return without_key(printable(text), options.api_key);
  }
  std::vector<BatchPlan> plan(std::span<const LlmQuestion> questions,
                              std::span<const std::size_t> open) const;
  void fill_seats(std::span<const LlmQuestion> questions);
  void send_ready(const std::stop_token& stop);
  bool clear_seats(std::vector<LlmAnswer>& answers);
  void deliver_replies(const std::stop_token& stop);
  void count(LlmStatus status);
  std::string fact_key(std::string_view name) const;
  void tell();

  LlmOptions options;
  EndpointUrl url;
  LabelSet labels;
  std::string labels_hash;
  Prompt prompt;
  EndpointState endpoint;
  LlmCounters counters;
  HttpTransport transport;
  std::optional<AnswerStore> own_store;
  AnswerStore* store = nullptr;
  LlmClock* clock = nullptr;
  std::function<void(const std::string&)> on_notice;
  std::deque<BatchPlan> waiting;
  std::list<Seat> seats;  // at most parallel_requests
  std::size_t next_ticket = 0;
};

std::vector<BatchPlan> LlmClient::Impl::plan(std::span<const LlmQuestion> questions,
                                             std::span<const std::size_t> open) const {
  std::vector<BatchPlan> plans;
  std::size_t bytes = 0;
  for (const std::size_t index : open) {
    const LlmQuestion& question = questions[index];
    const std::size_t size = std::min(question.form.size(), kMaxFormBytes);
    const bool fits = !plans.empty() && plans.back().questions.size() < options.batch_forms &&
                      bytes + size <= kMaxBatchBytes &&
                      questions[plans.back().questions.front()].variant == question.variant &&
                      questions[plans.back().questions.front()].group == question.group;
    if (!fits) {
      plans.emplace_back();
      bytes = 0;
    }
    plans.back().questions.push_back(index);
    bytes += size;
  }
  return plans;
}

void LlmClient::Impl::fill_seats(std::span<const LlmQuestion> questions) {
  while (!waiting.empty() && seats.size() < options.parallel_requests) {
    seats.push_back(
        {next_ticket++, BatchFlight(std::move(waiting.front()), questions, context(), clock->now())});
    waiting.pop_front();
  }
}

void LlmClient::Impl::send_ready(const std::stop_token& stop) {
  if (stop.stop_requested() && endpoint.breaker().is_failing()) transport.abandon();
  for (Seat& seat : seats) {
    if (stop.stop_requested()) seat.flight.cancel("it was not asked any more: the run was ended");
    const Moment now = clock->now();
    if (!seat.flight.wants_to_send(now)) continue;
    std::string body = seat.flight.take_request();
    transport.start(seat.ticket, {url.chat_url, std::move(body)}, seat.flight.request_timeout_ms(now.steady));
  }
}

// True: some batch has ended.
bool LlmClient::Impl::clear_seats(std::vector<LlmAnswer>& answers) {
  bool has_ended = false;
  for (Seat& seat : seats) {
    if (seat.flight.step() != BatchFlight::Step::kDone) continue;
    has_ended = true;
    for (const auto& [index, answer] : seat.flight.answers()) {
      LlmAnswer& place = answers[index];
      place = answer;
      place.reason = for_people(answer.reason);
    }
    // What follows from a batch goes first: its lines have waited longest.
    std::vector<BatchPlan> next = seat.flight.take_follow_ups();
    waiting.insert(waiting.begin(), std::make_move_iterator(next.begin()),
                   std::make_move_iterator(next.end()));
  }
  std::erase_if(seats, [](const Seat& seat) { return seat.flight.step() == BatchFlight::Step::kDone; });
  return has_ended;
}

void LlmClient::Impl::deliver_replies(const std::stop_token& stop) {
  const TimePoint now = clock->now().steady;
  TimePoint wake = now + std::chrono::seconds(60);
  bool is_any_in_flight = false;
  for (const Seat& seat : seats) {
    const bool is_waiting = seat.flight.step() == BatchFlight::Step::kWaiting;
    is_any_in_flight |= !is_waiting;
    if (is_waiting) wake = std::min(wake, seat.flight.wake_at());
  }
  if (!is_any_in_flight) return clock->sleep_until(wake, stop);
  for (const HttpTransport::Completion& completion :
       transport.wait(std::min(wait_ms(now, wake), kStopCheckMs))) {
    const auto seat = std::find_if(seats.begin(), seats.end(),
                                   [&](const Seat& other) { return other.ticket == completion.ticket; });
    if (seat != seats.end()) seat->flight.on_reply(completion.reply, clock->now());
  }
}

void LlmClient::Impl::count(LlmStatus status) {
  switch (status) {
    case LlmStatus::kAnswered:
      ++counters.answered;
      break;
    case LlmStatus::kAbstained:
      ++counters.abstained;
      break;
    case LlmStatus::kUnavailable:
      ++counters.failed;
      break;
  }
}

// By what the answers' keys depend on as well.
std::string LlmClient::Impl::fact_key(std::string_view name) const {
  LlmQuestion question;
  question.form = name;
  std::string key = "fact";
  for (const std::string& model : options.models) key += ' ' + answer_key(model, labels_hash, question);
  return sha256_hex(key);
}

void LlmClient::Impl::tell() {
  if (!on_notice) return;
  for (const std::string& notice : endpoint.take_notices()) on_notice(for_people(notice));
}

LlmClient::LlmClient(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
LlmClient::LlmClient(LlmClient&&) noexcept = default;
LlmClient& LlmClient::operator=(LlmClient&&) noexcept = default;
LlmClient::~LlmClient() = default;

Result<LlmClient> LlmClient::create(LlmOptions options, const LabelSet& labels, LlmEnvironment environment) {
  auto url = parse_base_url(options.base_url);
  if (!url) return url.error();
  for (const auto& checked : {check_limits(options), check_models(options.models), check_prices(options),
                              check_labels(options, labels), check_key(options, *url)}) {
    if (!checked) return checked.error();
  }
  auto transport = HttpTransport::create(transport_options(options, *url));
  if (!transport) return transport.error();
  auto impl = std::make_unique<Impl>(std::move(options), std::move(*url), labels, std::move(*transport));
  if (environment.store == nullptr) {
    auto store = AnswerStore::in_memory();
    if (!store) return std::move(store).error();
    impl->own_store.emplace(std::move(*store));
  }
  impl->store = environment.store != nullptr ? environment.store : &*impl->own_store;
  impl->on_notice = std::move(environment.on_notice);
  impl->clock = environment.clock != nullptr ? environment.clock : &system_clock();
  return LlmClient(std::move(impl));
}

std::optional<LlmAnswer> LlmClient::find_stored(const LlmQuestion& question) {
  for (const std::string& model : impl_->options.models) {
    const std::string key = answer_key(model, impl_->labels_hash, question);
    const auto found = impl_->store->find(key);
    if (!found || !found->has_value()) continue;
    LlmAnswer answer{LlmStatus::kAbstained, kNoLabel, "the model found no label that fits", key};
    if ((*found)->has_label) {
      answer = {LlmStatus::kAnswered, impl_->labels.find((*found)->label), {}, key, false};
      if (answer.label == kNoLabel) continue;  // the file was changed by someone: ask again
    }
    answer.is_doubted = (*found)->is_doubted;
    static_cast<void>(impl_->store->count_hit(key));  // a ledger that misses a hit does no harm
    return answer;
  }
  return std::nullopt;
}

std::vector<LlmAnswer> LlmClient::ask(std::span<const LlmQuestion> questions, const std::stop_token& stop) {
  std::vector<LlmAnswer> answers(questions.size());
  std::vector<std::size_t> open;
  std::unordered_map<std::string, std::size_t> first_of;  // by key
  std::vector<std::pair<std::size_t, std::size_t>> repeats;
  for (std::size_t i = 0; i < questions.size(); ++i) {
    if (!questions[i].control_label.empty()) {
      open.push_back(i);
      continue;
    }
    const std::string key = answer_key({}, {}, questions[i]);
    const auto [first, is_new] = first_of.try_emplace(key, i);
    if (!is_new) {
      repeats.emplace_back(i, first->second);
    } else if (auto stored = find_stored(questions[i])) {
      answers[i] = std::move(*stored);
      ++impl_->counters.stored;
    } else {
      open.push_back(i);
    }
  }
  for (BatchPlan& plan : impl_->plan(questions, open)) impl_->waiting.push_back(std::move(plan));
  while (!impl_->waiting.empty() || !impl_->seats.empty()) {
    impl_->fill_seats(questions);
    impl_->send_ready(stop);
    if (!impl_->clear_seats(answers)) {  // some end without sending
      impl_->deliver_replies(stop);
      impl_->clear_seats(answers);
    }
    impl_->tell();
  }
  for (const auto& [repeat, first] : repeats) answers[repeat] = answers[first];
  for (std::size_t i = 0; i < answers.size(); ++i)
    if (questions[i].control_label.empty()) impl_->count(answers[i].status);
  return answers;
}

std::optional<std::string> LlmClient::fact(std::string_view name) const {
  auto found = impl_->store->fact(impl_->fact_key(name));
  return found ? std::move(*found) : std::nullopt;
}

void LlmClient::keep_fact(std::string_view name, std::string_view value) {
  static_cast<void>(impl_->store->keep_fact(impl_->fact_key(name), value));
}

bool LlmClient::is_failing() const {
  return impl_->endpoint.breaker().is_failing();
}

TimePoint LlmClient::closed_until() const {
  if (impl_->endpoint.is_stopped()) return TimePoint::max();
  return impl_->endpoint.breaker().is_open() ? impl_->endpoint.breaker().open_until() : TimePoint();
}

Result<std::string> LlmClient::probe() {
  const TimePoint deadline = std::chrono::steady_clock::now() + milliseconds(impl_->options.total_timeout_ms);
  impl_->transport.start(0, {impl_->url.models_url, {}}, impl_->options.total_timeout_ms);
  std::vector<HttpTransport::Completion> done;
  while (done.empty()) done = impl_->transport.wait(wait_ms(std::chrono::steady_clock::now(), deadline));
  auto said = describe_probe(done.front().reply, impl_->options.models);
  if (said) return impl_->for_people(*said);
  Error error = std::move(said).error();
  error.message = impl_->for_people(error.message);
  return error;
}

LlmCounters LlmClient::counters() const {
  return impl_->counters;
}

std::vector<std::string> LlmClient::take_notices() {
  std::vector<std::string> notices = impl_->endpoint.take_notices();
  for (std::string& notice : notices) notice = impl_->for_people(notice);
  return notices;
}

}  // namespace logsieve
