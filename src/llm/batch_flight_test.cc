// Decisions of one batch against a clock that the test sets.
#include "llm/batch_flight.h"

#include <algorithm>
#include <gtest/gtest.h>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>

#include "llm/llm_test_support.h"

namespace logsieve {
namespace {

using nlohmann::json;
using std::chrono::milliseconds;
using std::chrono::seconds;
using Step = BatchFlight::Step;

HttpReply reply_of(const fake::Behaviour& behaviour) {
  HttpReply reply;
  reply.status = behaviour.status;
  reply.content_type = behaviour.content_type;
  reply.body = behaviour.body;
  return reply;
}

HttpReply error_with_wait(int status, const std::string& retry_after) {
  HttpReply reply = reply_of(fake::error_reply(status, "busy"));
  reply.retry_after = retry_after;
  return reply;
}

const HttpReply kGood = reply_of(fake::label_reply("Error"));

class BatchFlightTest : public ::testing::Test {
 protected:
  BatchFlightTest() {
    options_.models = {"llama-3.3-70b-versatile", "openai/gpt-oss-120b", "some-model"};
    options_.jitter_seed = 1;
    questions_ = questions(40);
    reset();
  }

  // A fresh endpoint and store with the present options.
  void reset() {
    endpoint_ = std::make_unique<EndpointState>(options_);
    store_.emplace(must_open_store());
    counters_ = {};
  }

  BatchFlight take_off(BatchPlan plan) {
    return {std::move(plan),
            questions_,
            {options_, labels_, labels_hash_, prompt_, *endpoint_, *store_, counters_},
            clock_.now()};
  }
  BatchFlight take_off(std::size_t questions = 1) {
    BatchPlan plan;
    for (std::size_t i = 0; i < questions; ++i) plan.questions.push_back(i);
    return take_off(std::move(plan));
  }

  // Sends at once what the flight has to send.
  json send(BatchFlight& flight) {
    EXPECT_TRUE(flight.wants_to_send(clock_.now()));
    last_body_ = flight.take_request();
    return json::parse(last_body_);
  }
  json exchange(BatchFlight& flight, const HttpReply& reply) {
    json body = send(flight);
    flight.on_reply(reply, clock_.now());
    return body;
  }
  // A reply that gives each form of the last request this label.
  HttpReply all(const std::string& label) {
    fake::Answers answers;
    for (const auto& line : fake::asked_lines(last_body_).lines) answers.emplace_back(line.id, label);
    return reply_of(fake::answers_reply(answers));
  }

  // Advances the clock to when the flight wants to go on (its cost is then reserved); gives the time waited.
  milliseconds wait(BatchFlight& flight) {
    const TimePoint before = clock_.now().steady;
    while (flight.step() == Step::kWaiting && !flight.wants_to_send(clock_.now()))
      if (flight.step() == Step::kWaiting) clock_.sleep_until(flight.wake_at(), {});
    return std::chrono::duration_cast<milliseconds>(clock_.now().steady - before);
  }

  static LlmAnswer answer(const BatchFlight& flight) {
    EXPECT_EQ(flight.step(), Step::kDone);
    return flight.answers().empty() ? LlmAnswer{} : flight.answers()[0].second;
  }
  static LlmStatus status(const BatchFlight& flight) { return answer(flight).status; }

  LlmOptions options_ = quick_options("https://api.groq.com/openai/v1");
  LabelSet labels_ = test_labels();
  std::string labels_hash_ = hash_of_labels(labels_, {});
  Prompt prompt_{labels_, {}};
  std::vector<LlmQuestion> questions_;
  std::unique_ptr<EndpointState> endpoint_;
  std::optional<AnswerStore> store_;
  LlmCounters counters_;
  JumpingClock clock_;
  std::string last_body_;
};

TEST_F(BatchFlightTest, AnswersAtTheFirstGoodReplyAndStoresIt) {
  BatchFlight flight = take_off();
  exchange(flight, kGood);
  EXPECT_EQ(status(flight), LlmStatus::kAnswered);
  EXPECT_EQ(answer(flight).label, labels_.find("Error"));
  EXPECT_EQ(counters_.requests, 1U);
  const auto stored = store_->find(answer_key(options_.models[0], labels_hash_, questions_[0]));
  ASSERT_TRUE(stored && stored->has_value());
  EXPECT_EQ((*stored)->label, "Error");
}

TEST_F(BatchFlightTest, AsksFortyFormsInOneRequest) {
  BatchFlight flight = take_off(40);
  const json body = send(flight);
  EXPECT_EQ(fake::asked_lines(body.dump()).lines.size(), 40U);
  flight.on_reply(all("User Action"), clock_.now());
  ASSERT_EQ(flight.answers().size(), 40U);
  for (const auto& [index, given] : flight.answers())
    EXPECT_EQ(given.label, labels_.find("User Action")) << index;
  EXPECT_TRUE(flight.take_follow_ups().empty());
}

TEST_F(BatchFlightTest, AsksOnceMoreForWhatIsMissingOrNotValidAndForNothingElse) {
  BatchFlight flight = take_off(4);
  send(flight);
  const auto lines = fake::asked_lines(last_body_).lines;
  flight.on_reply(
      reply_of(fake::answers_reply({{lines[2].id, "Error"}, {lines[0].id, "error"}, {"zzzz", "Error"}})),
      clock_.now());
  ASSERT_EQ(flight.answers().size(), 1U);
  EXPECT_EQ(flight.answers()[0].first, 2U);
  auto again = flight.take_follow_ups();
  ASSERT_EQ(again.size(), 1U);
  EXPECT_EQ(again[0].questions, (std::vector<std::size_t>{0, 1, 3}));
  BatchFlight second = take_off(std::move(again[0]));
  send(second);
  EXPECT_NE(last_body_.find("not valid"), std::string::npos);
  second.on_reply(reply_of(fake::answers_reply({{fake::asked_lines(last_body_).lines[1].id, "Error"}})),
                  clock_.now());
  ASSERT_EQ(second.answers().size(), 3U);
  EXPECT_TRUE(second.take_follow_ups().empty()) << "once";
  EXPECT_EQ(second.answers()[0].second.status, LlmStatus::kAbstained);
  EXPECT_EQ(second.answers()[1].second.status, LlmStatus::kAnswered);
  EXPECT_EQ(counters_.re_asks, 1U);
  EXPECT_EQ(counters_.strangers, 1U);
  EXPECT_EQ(counters_.invalid_items, 5U);
}

TEST_F(BatchFlightTest, SplitsWhatIsTooLargeDownToOneForm) {
  std::vector<BatchPlan> plans(1);
  for (std::size_t i = 0; i < 40; ++i) plans[0].questions.push_back(i);
  std::size_t singles = 0;
  while (!plans.empty()) {
    BatchFlight flight = take_off(plans.back());
    plans.pop_back();
    const json body = exchange(flight, reply_of(fake::error_reply(413, "too large", "rate_limit_exceeded")));
    for (BatchPlan& plan : flight.take_follow_ups()) plans.push_back(std::move(plan));
    if (fake::asked_lines(body.dump()).lines.size() == 1) {
      ++singles;
      EXPECT_EQ(status(flight), LlmStatus::kUnavailable);
    }
  }
  EXPECT_EQ(singles, 40U);
  EXPECT_EQ(counters_.requests, 79U) << "a binary tree of 40 leaves";
  EXPECT_FALSE(endpoint_->breaker().is_open());
}

TEST_F(BatchFlightTest, SplitsACutAnswerAndGivesASingleOneMoreRoom) {
  const HttpReply cut = reply_of(fake::chat_reply("{\"ans", "length"));
  BatchFlight flight = take_off(3);
  exchange(flight, cut);
  auto halves = flight.take_follow_ups();
  ASSERT_EQ(halves.size(), 2U);
  EXPECT_EQ(halves[0].questions.size(), 2U);
  EXPECT_FALSE(halves[1].is_re_ask);
  BatchFlight single = take_off(std::move(halves[1]));
  const json first = exchange(single, cut);
  auto again = single.take_follow_ups();
  ASSERT_EQ(again.size(), 1U);
  BatchFlight roomier = take_off(std::move(again[0]));
  const json second = exchange(roomier, cut);
  EXPECT_EQ(second["max_completion_tokens"].get<int>(), 4 * first["max_completion_tokens"].get<int>());
  EXPECT_EQ(status(roomier), LlmStatus::kAbstained);
}

TEST_F(BatchFlightTest, HalvesABatchWhoseFormatWasNotKeptOnce) {
  for (const HttpReply& bad :
       {reply_of(fake::error_reply(400, "Failed to validate JSON", "json_validate_failed")),
        reply_of(fake::chat_reply("Sure! Here are the labels"))}) {
    reset();
    BatchFlight flight = take_off(4);
    exchange(flight, bad);
    auto halves = flight.take_follow_ups();
    ASSERT_EQ(halves.size(), 2U);
    for (BatchPlan& half : halves) {
      BatchFlight second = take_off(std::move(half));
      exchange(second, bad);
      EXPECT_TRUE(second.take_follow_ups().empty());
      EXPECT_EQ(status(second), LlmStatus::kAbstained);
    }
    EXPECT_EQ(counters_.requests, 3U);
  }
}

TEST_F(BatchFlightTest, SendsNothingBeforeTheTimeTheServerAskedFor) {
  BatchFlight flight = take_off();
  exchange(flight, error_with_wait(429, "2"));
  clock_.advance(milliseconds(1'999));
  EXPECT_FALSE(flight.wants_to_send(clock_.now()));
  EXPECT_LT(wait(flight), seconds(1));
  EXPECT_EQ(flight.step(), Step::kWaiting) << "it may send now";
}

TEST_F(BatchFlightTest, HoldsBackTheOthersWhileTheServerWantsAPauseAndSpreadsThem) {
  options_.backoff_base_ms = 500;
  options_.backoff_cap_ms = 8'000;
  BatchFlight first = take_off();
  exchange(first, error_with_wait(429, "3"));
  std::vector<TimePoint> wakes;
  for (int i = 0; i < 8; ++i) {
    BatchFlight other = take_off();
    EXPECT_FALSE(other.wants_to_send(clock_.now()));
    EXPECT_GE(other.wake_at() - clock_.now().steady, seconds(3));
    wakes.push_back(other.wake_at());
  }
  std::sort(wakes.begin(), wakes.end());
  EXPECT_GT(wakes.back() - wakes.front(), milliseconds(100));
}

TEST_F(BatchFlightTest, WaitsOutAPauseOfAMinuteButNotOneThatIsLongerThanItsPatience) {
  options_.total_timeout_ms = 20'000;
  BatchFlight flight = take_off();
  exchange(flight, error_with_wait(429, "60"));
  EXPECT_GE(wait(flight), seconds(60));
  flight.take_request();
  flight.on_reply(kGood, clock_.now());
  EXPECT_EQ(status(flight), LlmStatus::kAnswered);

  BatchFlight hopeless = take_off();
  exchange(hopeless, error_with_wait(429, "578.016"));
  EXPECT_NE(answer(hopeless).reason.find("HTTP 429"), std::string::npos);
  // All others as well, without a request, until the pause (clamped to 300 s) is over; none of it is a failure.
  for (int i = 0; i < 20; ++i) {
    BatchFlight other = take_off();
    EXPECT_FALSE(other.wants_to_send(clock_.now()));
    EXPECT_EQ(status(other), LlmStatus::kUnavailable);
  }
  EXPECT_FALSE(endpoint_->breaker().is_open());
  clock_.advance(seconds(300));
  BatchFlight later = take_off();
  EXPECT_LT(wait(later), seconds(1));
  EXPECT_EQ(counters_.requests, 3U);
}

TEST_F(BatchFlightTest, RetriesTwiceWithGrowingRandomWaitsAndNoMore) {
  options_.backoff_base_ms = 500;
  options_.backoff_cap_ms = 8'000;
  milliseconds longest_first{0};
  milliseconds longest_second{0};
  for (std::uint64_t seed = 1; seed <= 100; ++seed) {
    options_.jitter_seed = seed;
    reset();
    BatchFlight flight = take_off();
    exchange(flight, error_with_wait(500, ""));
    longest_first = std::max(longest_first, wait(flight));
    flight.take_request();
    flight.on_reply(error_with_wait(503, ""), clock_.now());
    longest_second = std::max(longest_second, wait(flight));
    flight.take_request();
    flight.on_reply(error_with_wait(502, ""), clock_.now());
    ASSERT_EQ(status(flight), LlmStatus::kUnavailable);
    EXPECT_EQ(counters_.retries, 2U);
  }
  EXPECT_LE(longest_first, milliseconds(500));
  EXPECT_GT(longest_first, milliseconds(400));
  EXPECT_LE(longest_second, milliseconds(1'000));
  EXPECT_GT(longest_second, milliseconds(800));
}

TEST_F(BatchFlightTest, EndsAtItsDeadlineAndGivesARequestOnlyTheTimeThatIsLeft) {
  options_.total_timeout_ms = 20'000;
  BatchFlight flight = take_off();
  send(flight);
  const TimePoint now = clock_.now().steady;
  EXPECT_EQ(flight.request_timeout_ms(now), 20'000U);
  EXPECT_EQ(flight.request_timeout_ms(now + milliseconds(19'999)), 1U);
  EXPECT_EQ(flight.request_timeout_ms(now + seconds(40)), 1U);
  clock_.advance(milliseconds(19'999));
  HttpReply reset_by_peer;
  reset_by_peer.fault = HttpFault::kBroken;
  flight.on_reply(reset_by_peer, clock_.now());
  wait(flight);
  EXPECT_EQ(status(flight), LlmStatus::kUnavailable);
  EXPECT_LE(clock_.now().steady - now, seconds(20));
}

TEST_F(BatchFlightTest, StopsForGoodAtARefusedKey) {
  BatchFlight flight = take_off();
  BatchFlight other = take_off();
  exchange(flight, reply_of(fake::error_reply(401, "Invalid API Key", "invalid_api_key")));
  EXPECT_EQ(status(flight), LlmStatus::kUnavailable);
  EXPECT_FALSE(other.wants_to_send(clock_.now()));
  EXPECT_NE(answer(other).reason.find("refused the key"), std::string::npos);
  const auto notices = endpoint_->take_notices();
  ASSERT_EQ(notices.size(), 1U);
  EXPECT_NE(notices[0].find("LOGSIEVE_LLM_API_KEY"), std::string::npos);
}

TEST_F(BatchFlightTest, GoesToTheNextModelAndTellsOnceAndStopsAfterTheLast) {
  const HttpReply gone = reply_of(fake::error_reply(404, "no such model", "model_not_found"));
  BatchFlight flight = take_off();
  BatchFlight beside = take_off();
  EXPECT_EQ(send(beside)["model"], "llama-3.3-70b-versatile");
  EXPECT_EQ(exchange(flight, gone)["model"], "llama-3.3-70b-versatile");
  beside.on_reply(gone, clock_.now());  // sent before the first 404 came: must not skip a model
  EXPECT_EQ(exchange(flight, kGood)["model"], "openai/gpt-oss-120b");
  EXPECT_EQ(exchange(beside, gone)["model"], "openai/gpt-oss-120b");
  EXPECT_EQ(endpoint_->take_notices().size(), 2U);
  EXPECT_EQ(exchange(beside, gone)["model"], "some-model");
  EXPECT_FALSE(beside.wants_to_send(clock_.now()));
  EXPECT_EQ(status(beside), LlmStatus::kUnavailable);
  EXPECT_TRUE(endpoint_->is_stopped());
  EXPECT_EQ(counters_.retries, 0U);
}

TEST_F(BatchFlightTest, WeakensTheStyleStepByStepAndRemembers) {
  options_.models = {"some-model"};
  reset();
  BatchFlight flight = take_off();
  EXPECT_EQ(exchange(flight, reply_of(fake::error_reply(
                                 500, "json_schema is not supported")))["response_format"]["type"],
            "json_schema");
  EXPECT_TRUE(exchange(flight, reply_of(fake::error_reply(
                                   400, "response_format: unknown field schema")))["response_format"]
                  .contains("schema"));
  EXPECT_EQ(exchange(flight, reply_of(fake::error_reply(
                                 500, "unknown response_format json_object")))["response_format"],
            json::object({{"type", "json_object"}}));
  EXPECT_FALSE(exchange(flight, kGood).contains("response_format"));
  EXPECT_EQ(status(flight), LlmStatus::kAnswered);
  BatchFlight next = take_off();
  EXPECT_FALSE(exchange(next, reply_of(fake::error_reply(400, "json_schema: the log line said so")))
                   .contains("response_format"));
  EXPECT_EQ(status(next), LlmStatus::kUnavailable) << "what has worked is not weakened";
}

TEST_F(BatchFlightTest, LeavesOutAParameterThatTheServerDoesNotTake) {
  options_.models = {"openai/gpt-oss-120b"};
  reset();
  BatchFlight flight = take_off();
  exchange(flight, reply_of(fake::error_reply(400, "Unsupported parameter: 'temperature'")));
  EXPECT_FALSE(exchange(flight, reply_of(fake::error_reply(400, "Unknown argument: reasoning_effort")))
                   .contains("temperature"));
  EXPECT_FALSE(exchange(flight, reply_of(fake::error_reply(422, "extra field max_completion_tokens")))
                   .contains("reasoning_effort"));
  const json last =
      exchange(flight, reply_of(fake::error_reply(400, "Unsupported parameter: 'temperature'")));
  EXPECT_TRUE(last.contains("max_tokens"));
  EXPECT_EQ(status(flight), LlmStatus::kUnavailable) << "it was not sent any more";
}

TEST_F(BatchFlightTest, OpensAfterFiveFailuresThenLetsOneProbeThrough) {
  const HttpReply broken = reply_of(fake::error_reply(500, "down"));
  options_.max_retries = 0;
  options_.breaker_pause_ms = 30'000;
  reset();
  const auto fails_without_request = [&] {
    BatchFlight flight = take_off();
    return !flight.wants_to_send(clock_.now()) && flight.step() == Step::kDone;
  };
  for (int i = 0; i < 5; ++i) {
    BatchFlight flight = take_off();
    exchange(flight, broken);
  }
  EXPECT_TRUE(fails_without_request());
  clock_.advance(milliseconds(29'999));
  EXPECT_TRUE(fails_without_request());
  clock_.advance(milliseconds(1));
  BatchFlight probe = take_off();
  send(probe);
  EXPECT_TRUE(fails_without_request()) << "one probe alone";
  probe.on_reply(broken, clock_.now());
  clock_.advance(seconds(30));
  EXPECT_TRUE(fails_without_request()) << "the second pause is longer";
  clock_.advance(seconds(30));
  BatchFlight second = take_off();
  exchange(second, kGood);
  BatchFlight after = take_off();
  EXPECT_TRUE(after.wants_to_send(clock_.now()));
  EXPECT_EQ(endpoint_->take_notices().size(), 2U) << "gone and back";
  EXPECT_EQ(counters_.requests, 7U);
}

TEST_F(BatchFlightTest, DoesNotLetLogLinesCloseTheEndpointByWhatTheyMakeTheModelSay) {
  for (int i = 0; i < 20; ++i) {
    BatchFlight flight = take_off();
    exchange(flight, reply_of(fake::chat_reply("injected")));
  }
  EXPECT_FALSE(endpoint_->breaker().is_open());
  HttpReply portal = kGood;
  portal.body = R"({"hello":"I am a captive portal"})";
  for (int i = 0; i < 5; ++i) {
    BatchFlight flight = take_off();
    exchange(flight, portal);
  }
  EXPECT_TRUE(endpoint_->breaker().is_open());
}

TEST_F(BatchFlightTest, StaysWithinTheBudgetOfAMinute) {
  options_.budget.requests_per_minute = 3;
  options_.total_timeout_ms = 20'000;
  for (int i = 0; i < 3; ++i) {
    BatchFlight flight = take_off();
    exchange(flight, kGood);
    clock_.advance(seconds(10));
  }
  BatchFlight fourth = take_off();
  EXPECT_FALSE(fourth.wants_to_send(clock_.now()));
  EXPECT_EQ(fourth.step(), Step::kWaiting);
  EXPECT_GE(wait(fourth), seconds(30));
  EXPECT_EQ(fourth.step(), Step::kWaiting) << "it may send now";
  options_.patience_ms = 0;
  options_.total_timeout_ms = 5'000;
  while (take_off().wants_to_send(clock_.now())) {
  }  // takes what the minute has left
  BatchFlight hasty = take_off();
  EXPECT_FALSE(hasty.wants_to_send(clock_.now()));
  EXPECT_EQ(status(hasty), LlmStatus::kUnavailable)
      << "without patience it does not wait for the next minute";
}

TEST_F(BatchFlightTest, SpendsNoMoreThanTheBudgetOfADay) {
  options_.models = {"openai/gpt-oss-120b"};
  options_.budget.usd_per_day = 0.002;
  reset();
  std::size_t sent = 0;
  for (int i = 0; i < 50; ++i) {
    BatchFlight flight = take_off();
    if (!flight.wants_to_send(clock_.now())) {
      EXPECT_EQ(status(flight), LlmStatus::kUnavailable);
      EXPECT_NE(answer(flight).reason.find("money"), std::string::npos);
      continue;
    }
    ++sent;
    flight.take_request();
    flight.on_reply(kGood, clock_.now());
  }
  const auto spent = store_->totals(0);
  ASSERT_TRUE(spent);
  EXPECT_GT(sent, 2U);
  EXPECT_LT(sent, 50U);
  EXPECT_LE(spent->nano_usd, 2'000'000);
  EXPECT_EQ(counters_.over_budget, 50 - sent);
  EXPECT_EQ(endpoint_->take_notices().size(), 1U);
  clock_.advance(std::chrono::hours(24));
  BatchFlight tomorrow = take_off();
  EXPECT_TRUE(tomorrow.wants_to_send(clock_.now()));
}

TEST_F(BatchFlightTest, CountsWhatALostReplyMayHaveCost) {
  BatchFlight flight = take_off();
  send(flight);
  HttpReply lost;
  lost.fault = HttpFault::kTimedOut;
  flight.on_reply(lost, clock_.now());
  BatchFlight refused = take_off(1);
  HttpReply no_connection;
  no_connection.fault = HttpFault::kConnect;
  exchange(refused, no_connection);
  const auto totals = store_->totals(0);
  EXPECT_EQ(totals->calls, 2U);
  EXPECT_GT(totals->tokens.output, 0U);
  EXPECT_GT(totals->tokens.input, last_body_.size() / 4);
  EXPECT_LT(totals->tokens.input, last_body_.size() / 2);
}

TEST_F(BatchFlightTest, ObeysTheLimitsThatTheEndpointTells) {
  options_.total_timeout_ms = 20'000;
  HttpReply last_one = kGood;
  last_one.rate_limits = {"1000", "0", "3m0s", "8000", "7000", "7.66s"};
  BatchFlight flight = take_off();
  exchange(flight, last_one);
  BatchFlight next = take_off();
  EXPECT_FALSE(next.wants_to_send(clock_.now())) << "no requests left for three minutes";
  EXPECT_EQ(status(next), LlmStatus::kUnavailable);
  clock_.advance(seconds(180));
  HttpReply few_tokens = kGood;
  few_tokens.rate_limits = {"1000", "999", "24h0m0s", "8000", "10", "42.5s"};
  BatchFlight after = take_off();
  exchange(after, few_tokens);
  BatchFlight waits = take_off();
  EXPECT_FALSE(waits.wants_to_send(clock_.now()));
  EXPECT_GE(wait(waits), milliseconds(42'500));
}

TEST_F(BatchFlightTest, SplitsARequestThatNoMinuteHasTokensFor) {
  options_.budget.tokens_per_minute = 1'500;
  reset();
  BatchFlight flight = take_off(40);
  EXPECT_FALSE(flight.wants_to_send(clock_.now()));
  EXPECT_EQ(flight.take_follow_ups().size(), 2U);
  options_.budget = {};
  HttpReply told = kGood;
  told.rate_limits = {"1000", "999", "24h0m0s", "1500", "1500", "1s"};
  BatchFlight single = take_off();
  exchange(single, told);
  BatchFlight large = take_off(40);
  wait(large);
  EXPECT_EQ(large.take_follow_ups().size(), 2U);
  EXPECT_EQ(counters_.requests, 1U);
}

}  // namespace
}  // namespace logsieve
