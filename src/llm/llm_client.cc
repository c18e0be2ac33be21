#include "llm/llm_client.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdlib>
#include <ctime>
#include <list>
#include <utility>

#include "base/utf8.h"
#include "llm/api_key.h"
#include "llm/endpoint_state.h"
#include "llm/endpoint_url.h"
#include "llm/http_transport.h"
#include "llm/probe.h"
#include "llm/prompt.h"
#include "llm/question_flight.h"

namespace logsieve {
namespace {

using std::chrono::milliseconds;

Error bad_config(std::string message, std::string help) {
  return Error{ErrorCode::kBadConfig, std::move(message)}.with_help(std::move(help));
}

Result<void> check_limits(const LlmOptions& options) {
  const std::array<std::pair<const char*, std::size_t>, 4> limits = {{
      {"connect timeout", options.connect_timeout_ms},
      {"total timeout", options.total_timeout_ms},
      {"number of parallel requests", options.parallel_requests},
      {"largest reply", options.max_reply_bytes},
  }};
  for (const auto& [name, value] : limits) {
    if (value == 0) return bad_config("the LLM's " + std::string(name) + " is 0", "give at least 1");
  }
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
  if (url.is_address || options.allow_private_addresses) return AddressPolicy::kNotLinkLocal;
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
        prompt(labels, options.label_descriptions),
        endpoint(options.models, options.jitter_seed),
        transport(std::move(http)) {}
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  // One question under way, and its place among the answers.
  struct Seat {
    std::size_t index;
    QuestionFlight flight;
  };

  void fill_seats(std::span<const LlmQuestion> questions);
  void send_ready();
  void clear_seats(std::vector<LlmAnswer>& answers);
  void deliver_replies();
  void count(LlmStatus status);
  std::string for_people(std::string_view text) const {
    return without_key(printable(text), options.api_key);
  }

  LlmOptions options;
  EndpointUrl url;
  LabelSet labels;
  Prompt prompt;
  EndpointState endpoint;
  LlmCounters counters;
  HttpTransport transport;
  std::list<Seat> seats;  // at most parallel_requests
  std::size_t next_question = 0;
};

void LlmClient::Impl::fill_seats(std::span<const LlmQuestion> questions) {
  while (next_question < questions.size() && seats.size() < options.parallel_requests) {
    seats.push_back({next_question,
                     QuestionFlight(questions[next_question], {options, labels, prompt, endpoint, counters},
                                    std::chrono::steady_clock::now())});
    ++next_question;
  }
}

void LlmClient::Impl::send_ready() {
  for (Seat& seat : seats) {
    const TimePoint now = std::chrono::steady_clock::now();
    if (!seat.flight.wants_to_send(now)) continue;
    std::string body = seat.flight.take_request();
    transport.start(seat.index, {url.chat_url, std::move(body)}, seat.flight.request_timeout_ms(now));
  }
}

void LlmClient::Impl::clear_seats(std::vector<LlmAnswer>& answers) {
  for (const Seat& seat : seats) {
    if (seat.flight.step() != QuestionFlight::Step::kDone) continue;
    LlmAnswer answer = seat.flight.answer();
    answer.reason = for_people(answer.reason);
    count(answer.status);
    answers[seat.index] = std::move(answer);
  }
  std::erase_if(seats, [](const Seat& seat) { return seat.flight.step() == QuestionFlight::Step::kDone; });
}

void LlmClient::Impl::deliver_replies() {
  const TimePoint now = std::chrono::steady_clock::now();
  TimePoint wake = now + std::chrono::seconds(60);
  for (const Seat& seat : seats) {
    if (seat.flight.step() == QuestionFlight::Step::kWaiting) wake = std::min(wake, seat.flight.wake_at());
  }
  for (const HttpTransport::Completion& completion : transport.wait(wait_ms(now, wake))) {
    const auto seat = std::find_if(seats.begin(), seats.end(),
                                   [&](const Seat& other) { return other.index == completion.ticket; });
    seat->flight.on_reply(completion.reply, std::chrono::steady_clock::now(), std::time(nullptr));
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

LlmClient::LlmClient(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
LlmClient::LlmClient(LlmClient&&) noexcept = default;
LlmClient& LlmClient::operator=(LlmClient&&) noexcept = default;
LlmClient::~LlmClient() = default;

Result<LlmClient> LlmClient::create(LlmOptions options, const LabelSet& labels) {
  auto url = parse_base_url(options.base_url);
  if (!url) return url.error();
  for (const auto& checked : {check_limits(options), check_models(options.models),
                              check_labels(options, labels), check_key(options, *url)}) {
    if (!checked) return checked.error();
  }
  auto transport = HttpTransport::create(transport_options(options, *url));
  if (!transport) return transport.error();
  return LlmClient(
      std::make_unique<Impl>(std::move(options), std::move(*url), labels, std::move(*transport)));
}

std::vector<LlmAnswer> LlmClient::ask(std::span<const LlmQuestion> questions) {
  std::vector<LlmAnswer> answers(questions.size());
  impl_->next_question = 0;
  while (true) {
    impl_->fill_seats(questions);
    impl_->send_ready();
    const std::size_t taken = impl_->seats.size();
    impl_->clear_seats(answers);  // some end without sending: the endpoint may be stopped
    if (impl_->seats.empty() && impl_->next_question == questions.size()) return answers;
    if (impl_->seats.size() < taken) continue;
    impl_->deliver_replies();
    impl_->clear_seats(answers);
  }
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
