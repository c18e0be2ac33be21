// Decisions of one question against a clock that the test sets.
#include "llm/question_flight.h"

#include <algorithm>
#include <gtest/gtest.h>
#include <memory>
#include <nlohmann/json.hpp>

#include "llm/llm_test_support.h"

namespace logsieve {
namespace {

using nlohmann::json;
using std::chrono::milliseconds;
using std::chrono::seconds;

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

class QuestionFlightTest : public ::testing::Test {
 protected:
  QuestionFlightTest() {
    options_.models = {"llama-3.3-70b-versatile", "openai/gpt-oss-120b", "some-model"};
    options_.jitter_seed = 1;
    reset();
  }

  // A fresh endpoint with the present options.
  void reset() {
    endpoint_ = std::make_unique<EndpointState>(options_.models, options_.jitter_seed);
    counters_ = {};
  }

  void reset_with_seed(std::uint64_t seed) {
    options_.jitter_seed = seed;
    reset();
  }

  QuestionFlight take_off() { return {question_, {options_, labels_, prompt_, *endpoint_, counters_}, now_}; }

  // Sends at once what the flight has to send.
  json send(QuestionFlight& flight) {
    EXPECT_TRUE(flight.wants_to_send(now_)) << flight.answer().reason;
    return json::parse(flight.take_request());
  }

  void reply(QuestionFlight& flight, const HttpReply& reply) { flight.on_reply(reply, now_, 1'000'000); }

  // Sends, gets `reply`.
  json exchange(QuestionFlight& flight, const HttpReply& reply_given) {
    json body = send(flight);
    reply(flight, reply_given);
    return body;
  }

  // Advances the clock to when the flight wants to go on; gives the time waited.
  milliseconds wait(QuestionFlight& flight) {
    const TimePoint before = now_;
    while (flight.step() == QuestionFlight::Step::kWaiting && !flight.wants_to_send(now_)) {
      if (flight.step() == QuestionFlight::Step::kWaiting) now_ = std::max(flight.wake_at(), now_);
    }
    return std::chrono::duration_cast<milliseconds>(now_ - before);
  }

  bool is_done(const QuestionFlight& flight) { return flight.step() == QuestionFlight::Step::kDone; }

  LlmOptions options_;
  LabelSet labels_ = test_labels();
  Prompt prompt_{labels_, {}};
  LlmQuestion question_ = question("the form");
  std::unique_ptr<EndpointState> endpoint_;
  LlmCounters counters_;
  TimePoint now_ = TimePoint() + std::chrono::hours(1);
};

TEST_F(QuestionFlightTest, AnswersAtTheFirstGoodReply) {
  QuestionFlight flight = take_off();
  exchange(flight, reply_of(fake::label_reply("Error")));
  ASSERT_TRUE(is_done(flight));
  EXPECT_EQ(flight.answer().status, LlmStatus::kAnswered);
  EXPECT_EQ(flight.answer().label, labels_.find("Error"));
  EXPECT_EQ(counters_.requests, 1U);
}

TEST_F(QuestionFlightTest, SendsNothingBeforeTheTimeTheServerAskedFor) {
  QuestionFlight flight = take_off();
  exchange(flight, error_with_wait(429, "2"));
  now_ += milliseconds(1'999);
  EXPECT_FALSE(flight.wants_to_send(now_));
  EXPECT_LT(wait(flight), seconds(1));
  EXPECT_TRUE(flight.wants_to_send(now_));
}

TEST_F(QuestionFlightTest, HoldsBackTheOtherQuestionsWhileTheServerWantsAPause) {
  QuestionFlight first = take_off();
  QuestionFlight second = take_off();
  exchange(first, error_with_wait(429, "3"));
  EXPECT_FALSE(second.wants_to_send(now_));
  EXPECT_GE(wait(second), seconds(3));
  EXPECT_TRUE(second.wants_to_send(now_));
}

TEST_F(QuestionFlightTest, SpreadsThoseWhoWaitedForTheSamePause) {
  QuestionFlight first = take_off();
  exchange(first, error_with_wait(429, "3"));
  std::vector<TimePoint> wakes;
  for (int i = 0; i < 8; ++i) {
    QuestionFlight other = take_off();
    EXPECT_FALSE(other.wants_to_send(now_));
    wakes.push_back(other.wake_at());
  }
  std::sort(wakes.begin(), wakes.end());
  EXPECT_GT(wakes.back() - wakes.front(), milliseconds(100));
}

TEST_F(QuestionFlightTest, GivesUpAtOnceWhenTheWaitWouldEndAfterTheDeadline) {
  QuestionFlight flight = take_off();
  exchange(flight, error_with_wait(429, "578.016"));
  ASSERT_TRUE(is_done(flight));
  EXPECT_EQ(flight.answer().status, LlmStatus::kUnavailable);
  EXPECT_NE(flight.answer().reason.find("HTTP 429"), std::string::npos);
  // All others as well, without a request, until the pause (clamped to 300 s) is over; none of it is a failure.
  for (int i = 0; i < 20; ++i) {
    QuestionFlight other = take_off();
    EXPECT_FALSE(other.wants_to_send(now_));
    EXPECT_TRUE(is_done(other));
  }
  EXPECT_EQ(counters_.requests, 1U);
  EXPECT_FALSE(endpoint_->is_stopped());
  now_ += seconds(300);
  QuestionFlight later = take_off();
  EXPECT_LT(wait(later), seconds(1));
  exchange(later, reply_of(fake::label_reply("Error")));
  EXPECT_EQ(later.answer().status, LlmStatus::kAnswered);
}

TEST_F(QuestionFlightTest, RetriesTwiceWithGrowingRandomWaitsAndNoMore) {
  milliseconds longest_first{0};
  milliseconds longest_second{0};
  for (int i = 0; i < 200; ++i) {
    reset_with_seed(static_cast<std::uint64_t>(i) + 1);
    QuestionFlight flight = take_off();
    exchange(flight, error_with_wait(500, ""));
    longest_first = std::max(longest_first, wait(flight));
    exchange(flight, error_with_wait(503, ""));
    longest_second = std::max(longest_second, wait(flight));
    exchange(flight, error_with_wait(502, ""));
    ASSERT_TRUE(is_done(flight));
    EXPECT_EQ(flight.answer().status, LlmStatus::kUnavailable);
    EXPECT_EQ(counters_.requests, 3U);
    EXPECT_EQ(counters_.retries, 2U);
  }
  EXPECT_LE(longest_first, milliseconds(500));
  EXPECT_GT(longest_first, milliseconds(400));
  EXPECT_LE(longest_second, milliseconds(1'000));
  EXPECT_GT(longest_second, milliseconds(800));
}

TEST_F(QuestionFlightTest, EndsAtTheDeadlineHoweverManyRetriesAreLeft) {
  options_.max_retries = 1'000;
  options_.backoff_base_ms = 1'000;
  reset();
  const TimePoint start = now_;
  QuestionFlight flight = take_off();
  while (!is_done(flight)) {
    exchange(flight, error_with_wait(500, ""));
    now_ += milliseconds(100);
    wait(flight);
  }
  EXPECT_LE(now_ - start, milliseconds(options_.total_timeout_ms + 100));
  EXPECT_GT(counters_.requests, 3U);
}

TEST_F(QuestionFlightTest, GivesARequestOnlyTheTimeThatIsLeft) {
  QuestionFlight flight = take_off();
  send(flight);
  EXPECT_EQ(flight.request_timeout_ms(now_), 20'000U);
  EXPECT_EQ(flight.request_timeout_ms(now_ + milliseconds(19'999)), 1U);
  EXPECT_EQ(flight.request_timeout_ms(now_ + seconds(40)), 1U);
}

TEST_F(QuestionFlightTest, DoesNotRepeatARequestThatWillNotDoBetter) {
  for (const int status : {400, 413, 422, 424, 302}) {
    reset();
    QuestionFlight flight = take_off();
    exchange(flight, error_with_wait(status, "1"));
    ASSERT_TRUE(is_done(flight)) << status;
    EXPECT_EQ(flight.answer().status, LlmStatus::kUnavailable);
    EXPECT_NE(flight.answer().reason.find(std::to_string(status)), std::string::npos);
  }
}

TEST_F(QuestionFlightTest, StopsForGoodAtARefusedKey) {
  QuestionFlight flight = take_off();
  QuestionFlight other = take_off();
  exchange(flight, reply_of(fake::error_reply(401, "Invalid API Key", "invalid_api_key")));
  EXPECT_EQ(flight.answer().status, LlmStatus::kUnavailable);
  EXPECT_FALSE(other.wants_to_send(now_));
  EXPECT_TRUE(is_done(other));
  EXPECT_NE(other.answer().reason.find("refused the key"), std::string::npos) << other.answer().reason;
  const auto notices = endpoint_->take_notices();
  ASSERT_EQ(notices.size(), 1U);
  EXPECT_NE(notices[0].find("LOGSIEVE_LLM_API_KEY"), std::string::npos);
  EXPECT_TRUE(endpoint_->take_notices().empty());
}

TEST_F(QuestionFlightTest, GoesToTheNextModelAndTellsOnce) {
  const HttpReply gone = reply_of(fake::error_reply(404, "no such model", "model_not_found"));
  QuestionFlight flight = take_off();
  QuestionFlight beside = take_off();
  EXPECT_EQ(send(beside)["model"], "llama-3.3-70b-versatile");
  EXPECT_EQ(exchange(flight, gone)["model"], "llama-3.3-70b-versatile");
  reply(beside, gone);  // sent before the first 404 came: must not skip a model
  EXPECT_EQ(exchange(flight, reply_of(fake::label_reply("Error")))["model"], "openai/gpt-oss-120b");
  EXPECT_EQ(exchange(beside, reply_of(fake::label_reply("Error")))["model"], "openai/gpt-oss-120b");
  EXPECT_EQ(endpoint_->take_notices().size(), 1U);
  EXPECT_EQ(counters_.retries, 0U);
}

TEST_F(QuestionFlightTest, StopsWhenEveryModelIsGone) {
  const HttpReply gone = reply_of(fake::error_reply(400, "has been decommissioned", "model_decommissioned"));
  QuestionFlight flight = take_off();
  for (int i = 0; i < 3; ++i) exchange(flight, gone);
  EXPECT_FALSE(flight.wants_to_send(now_));
  EXPECT_EQ(flight.answer().status, LlmStatus::kUnavailable);
  EXPECT_TRUE(endpoint_->is_stopped());
  EXPECT_EQ(counters_.requests, 3U);
}

TEST_F(QuestionFlightTest, WeakensTheStyleStepByStepAndRemembers) {
  options_.models = {"some-model"};
  reset();
  QuestionFlight flight = take_off();
  const HttpReply no_schema =
      reply_of(fake::error_reply(400, "response format `json_schema` is not supported"));
  const HttpReply no_object = reply_of(fake::error_reply(500, "unknown response_format json_object"));
  EXPECT_EQ(exchange(flight, no_schema)["response_format"]["type"], "json_schema");
  EXPECT_EQ(exchange(flight, no_object)["response_format"]["type"], "json_object");
  EXPECT_FALSE(exchange(flight, reply_of(fake::label_reply("Error"))).contains("response_format"));
  EXPECT_EQ(flight.answer().status, LlmStatus::kAnswered);
  QuestionFlight next = take_off();
  EXPECT_FALSE(send(next).contains("response_format"));
}

TEST_F(QuestionFlightTest, DoesNotWeakenAStyleThatHasWorked) {
  options_.models = {"some-model"};
  reset();
  QuestionFlight flight = take_off();
  exchange(flight, reply_of(fake::label_reply("Error")));
  QuestionFlight next = take_off();
  exchange(next, reply_of(fake::error_reply(400, "json_schema: the log line said so")));
  EXPECT_EQ(next.answer().status, LlmStatus::kUnavailable);
  QuestionFlight third = take_off();
  EXPECT_EQ(send(third)["response_format"]["type"], "json_schema");
}

TEST_F(QuestionFlightTest, AsksOnceMoreAfterAnAnswerThatIsNotValid) {
  QuestionFlight flight = take_off();
  const json first = exchange(flight, reply_of(fake::label_reply("error")));
  const json second = exchange(flight, reply_of(fake::label_reply("ERROR")));
  ASSERT_TRUE(is_done(flight));
  EXPECT_EQ(flight.answer().status, LlmStatus::kAbstained);
  EXPECT_EQ(flight.answer().label, kNoLabel);
  EXPECT_NE(flight.answer().reason.find("\"ERROR\" is not one of the labels"), std::string::npos);
  EXPECT_NE(first["messages"][1], second["messages"][1]);
  EXPECT_EQ(first["messages"][0], second["messages"][0]);
  EXPECT_EQ(counters_.re_asks, 1U);
  EXPECT_EQ(counters_.invalid_replies, 2U);
  EXPECT_EQ(counters_.retries, 0U);
}

TEST_F(QuestionFlightTest, GivesACutAnswerMoreRoom) {
  QuestionFlight flight = take_off();
  const json first = exchange(flight, reply_of(fake::chat_reply("{\"lab", "length")));
  const json second = exchange(flight, reply_of(fake::label_reply("Error")));
  EXPECT_EQ(second["max_completion_tokens"].get<int>(), first["max_completion_tokens"].get<int>() * 4);
  EXPECT_EQ(flight.answer().status, LlmStatus::kAnswered);
}

TEST_F(QuestionFlightTest, AsksOnceMoreWhenTheProviderSaysThatTheFormatWasNotKept) {
  const HttpReply failed =
      reply_of(fake::error_reply(400, "Failed to validate JSON", "json_validate_failed"));
  QuestionFlight flight = take_off();
  exchange(flight, failed);
  exchange(flight, failed);
  EXPECT_EQ(flight.answer().status, LlmStatus::kAbstained);
}

TEST_F(QuestionFlightTest, StopsAfterFiveFailedQuestionsInARow) {
  const HttpReply bad = reply_of(fake::error_reply(400, "no"));
  const auto fail_once = [&] {
    QuestionFlight flight = take_off();
    exchange(flight, bad);
  };
  for (int i = 0; i < 4; ++i) fail_once();
  QuestionFlight good = take_off();
  exchange(good, reply_of(fake::label_reply("Error")));
  for (int i = 0; i < 4; ++i) fail_once();
  EXPECT_FALSE(endpoint_->is_stopped());
  fail_once();
  EXPECT_TRUE(endpoint_->is_stopped());
  QuestionFlight late = take_off();
  EXPECT_FALSE(late.wants_to_send(now_));
  EXPECT_EQ(late.answer().status, LlmStatus::kUnavailable);
}

TEST_F(QuestionFlightTest, DoesNotLetLogLinesCloseTheEndpointByWhatTheyMakeTheModelSay) {
  for (int i = 0; i < 20; ++i) {
    QuestionFlight flight = take_off();
    exchange(flight, reply_of(fake::label_reply("injected")));
    exchange(flight, reply_of(fake::chat_reply("", "stop")));
    EXPECT_EQ(flight.answer().status, LlmStatus::kAbstained);
  }
  EXPECT_FALSE(endpoint_->is_stopped());
}

TEST_F(QuestionFlightTest, ClosesAnEndpointThatSpeaksSomethingElse) {
  HttpReply other = reply_of(fake::label_reply("Error"));
  other.body = R"({"hello":"I am a captive portal"})";
  for (int i = 0; i < 5; ++i) {
    QuestionFlight flight = take_off();
    exchange(flight, other);
    exchange(flight, other);
    EXPECT_EQ(flight.answer().status, LlmStatus::kAbstained);
  }
  EXPECT_TRUE(endpoint_->is_stopped());
}

}  // namespace
}  // namespace logsieve
