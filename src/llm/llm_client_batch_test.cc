// Batches, budgets and outages over real sockets, with a clock that jumps where the client would wait. Each test
// asserts the answers and the number of requests. "RowN" is row N of the fault matrix that the LLM tier is held to.
#include <algorithm>
#include <atomic>
#include <gtest/gtest.h>
#include <mutex>
#include <nlohmann/json.hpp>
#include <set>
#include <thread>

#include "llm/llm_client.h"
#include "llm/llm_test_support.h"

namespace logsieve {
namespace {

using fake::Behaviour;
using fake::FakeLlmServer;
using fake::ReceivedRequest;
using std::chrono::minutes;
using std::chrono::seconds;

LlmOptions batch_options(const std::string& base_url) {
  LlmOptions options = quick_options(base_url);
  options.batch_forms = 40;
  return options;
}

std::size_t forms_in(const ReceivedRequest& request) {
  return fake::asked_lines(request.body).lines.size();
}

void expect_all(const std::vector<LlmAnswer>& answers, const std::string& label) {
  const LabelSet labels = test_labels();
  for (std::size_t i = 0; i < answers.size(); ++i)
    ASSERT_EQ(labels.name(answers[i].label), label) << i << ": " << answers[i].reason;
}

TEST(LlmBatches, AskThreeHundredFormsInEightRequestsAndThenInNone) {
  FakeLlmServer server([](const ReceivedRequest& request) { return fake::answer_all(request, "Error"); });
  AnswerStore store = must_open_store();
  LlmOptions options = batch_options(server.base_url());
  options.parallel_requests = 4;
  for (int run = 0; run < 2; ++run) {
    LlmClient client = must_create(options, {&store, nullptr});
    expect_all(client.ask(questions(300)), "Error");
    EXPECT_EQ(client.counters().stored, run == 0 ? 0U : 300U);
  }
  EXPECT_EQ(server.request_count(), 8U);
}

TEST(LlmBatches, AskEqualQuestionsOnce) {
  FakeLlmServer server([](const ReceivedRequest& request) { return fake::answer_all(request, "Error"); });
  LlmClient client = must_create(batch_options(server.base_url()));
  expect_all(client.ask(std::vector<LlmQuestion>(30, question("the same"))), "Error");
  ASSERT_EQ(server.request_count(), 1U);
  EXPECT_EQ(forms_in(server.requests()[0]), 1U);
}

TEST(LlmBatches, AnotherModelOrLabelSetIsAskedAnew) {
  FakeLlmServer server([](const ReceivedRequest& request) { return fake::answer_all(request, "Error"); });
  AnswerStore store = must_open_store();
  LlmOptions options = batch_options(server.base_url());
  ask_one(*std::make_unique<LlmClient>(must_create(options, {&store, nullptr})));
  options.models = {"another"};
  ask_one(*std::make_unique<LlmClient>(must_create(options, {&store, nullptr})));
  options.label_descriptions = {"a", "b", "c", "d"};
  ask_one(*std::make_unique<LlmClient>(must_create(options, {&store, nullptr})));
  EXPECT_EQ(server.request_count(), 3U);
}

TEST(LlmBatches, BoundARequestByBytesToo) {
  FakeLlmServer server([](const ReceivedRequest& request) { return fake::answer_all(request, "Error"); });
  LlmClient client = must_create(batch_options(server.base_url()));
  std::vector<LlmQuestion> all;
  for (int i = 0; i < 40; ++i) all.push_back(question(std::to_string(i) + std::string(100'000, 'x')));
  expect_all(client.ask(all), "Error");
  for (const ReceivedRequest& request : server.requests()) EXPECT_LT(request.body.size(), 40'000U);
}

// What a model may do with the ids of a batch: each line's answer is "form N" -> label N % 4.
class Row12Ids : public ::testing::Test {
 protected:
  static std::string right(const std::string& form) {
    return std::string(test_labels().names()[std::stoul(form.substr(5)) % 4]);
  }
  // `spoil` is given the right answers of the first request; the later ones are answered rightly.
  std::vector<LlmAnswer> ask(const std::function<void(fake::Answers&)>& spoil) {
    server_ = std::make_unique<FakeLlmServer>([this, spoil](const ReceivedRequest& request) {
      fake::Answers answers;
      for (const auto& line : fake::asked_lines(request.body).lines)
        answers.emplace_back(line.id, right(line.form));
      if (count_++ == 0) spoil(answers);
      return fake::answers_reply(answers);
    });
    LlmClient client = must_create(batch_options(server_->base_url()));
    auto answers = client.ask(questions(40));
    counters_ = client.counters();
    return answers;
  }
  void expect_right(const std::vector<LlmAnswer>& answers) {
    const LabelSet labels = test_labels();
    for (std::size_t i = 0; i < answers.size(); ++i)
      ASSERT_EQ(answers[i].label, static_cast<LabelId>(i % 4)) << i;
  }

  std::atomic<int> count_{0};
  std::unique_ptr<FakeLlmServer> server_;
  LlmCounters counters_;
};

TEST_F(Row12Ids, InAnotherOrderAreMatched) {
  expect_right(ask([](fake::Answers& answers) { std::reverse(answers.begin(), answers.end()); }));
  EXPECT_EQ(server_->request_count(), 1U);
}

TEST_F(Row12Ids, ThatAreMissingAreAskedOnceMoreAlone) {
  expect_right(ask([](fake::Answers& answers) { answers.erase(answers.begin() + 7, answers.begin() + 10); }));
  ASSERT_EQ(server_->request_count(), 2U);
  EXPECT_EQ(forms_in(server_->requests()[1]), 3U);
}

TEST_F(Row12Ids, OfStrangersAreIgnored) {
  expect_right(ask([](fake::Answers& answers) { answers.insert(answers.begin(), 5, {"zzzz", "Error"}); }));
  EXPECT_EQ(server_->request_count(), 1U);
  EXPECT_EQ(counters_.strangers, 5U);
}

TEST_F(Row12Ids, ThatContradictThemselvesAreAskedOnceMore) {
  expect_right(ask([](fake::Answers& answers) {
    answers.emplace_back(answers[0].first, answers[1].second);
    answers.push_back(answers[5]);
  }));
  ASSERT_EQ(server_->request_count(), 2U);
  EXPECT_EQ(forms_in(server_->requests()[1]), 1U);
}

TEST_F(Row12Ids, AllTheSameGiveOneAnswerAndTheRestIsAskedAgain) {
  expect_right(ask([](fake::Answers& answers) {
    for (auto& [id, label] : answers) id = answers[0].first;
    for (auto& [id, label] : answers) label = answers[0].second;
  }));
  ASSERT_EQ(server_->request_count(), 2U);
  EXPECT_EQ(forms_in(server_->requests()[1]), 39U);
}

TEST_F(Row12Ids, WithBadLabelsAreAskedOnceMoreThenAbstain) {
  server_ = std::make_unique<FakeLlmServer>([](const ReceivedRequest& request) {
    return fake::answer_each(request, [](const std::string& form) {
      return form == "form 3" ? "error" : form == "form 8" ? "\xD0\x95rror" : right(form);
    });
  });
  LlmClient client = must_create(batch_options(server_->base_url()));
  const auto answers = client.ask(questions(40));
  for (std::size_t i = 0; i < answers.size(); ++i) {
    const bool is_bad = i == 3 || i == 8;
    EXPECT_EQ(answers[i].status, is_bad ? LlmStatus::kAbstained : LlmStatus::kAnswered) << i;
    EXPECT_EQ(answers[i].label, is_bad ? kNoLabel : static_cast<LabelId>(i % 4)) << i;
  }
  EXPECT_EQ(server_->request_count(), 2U);
  EXPECT_EQ(client.counters().invalid_items, 4U);
}

TEST(LlmBatches, Row13CutAnswersAreSplitUntilTheyFit) {
  const Within limit(std::chrono::seconds(5));
  FakeLlmServer server([](const ReceivedRequest& request) {
    return forms_in(request) > 6 ? fake::chat_reply("{\"answers\": [{", "length")
                                 : fake::answer_all(request, "Error");
  });
  LlmClient client = must_create(batch_options(server.base_url()));
  expect_all(client.ask(questions(40)), "Error");
  EXPECT_EQ(server.request_count(), 15U) << "1 + 2 + 4 that are too large, 8 of five";
  EXPECT_EQ(client.counters().splits, 7U);
}

TEST(LlmBatches, Row14AFailedGenerationIsAskedInHalvesOnce) {
  const Within limit(std::chrono::seconds(5));
  FakeLlmServer server([](const ReceivedRequest& request) {
    const auto lines = fake::asked_lines(request.body).lines;
    const bool is_poisoned =
        std::any_of(lines.begin(), lines.end(), [](const auto& line) { return line.form == "form 13"; });
    return is_poisoned ? fake::error_reply(400, "Failed to validate JSON", "json_validate_failed")
                       : fake::answer_all(request, "Error");
  });
  LlmClient client = must_create(batch_options(server.base_url()));
  const auto answers = client.ask(questions(40));
  EXPECT_EQ(server.request_count(), 3U);
  for (std::size_t i = 0; i < 40; ++i)
    EXPECT_EQ(answers[i].status, i < 20 ? LlmStatus::kAbstained : LlmStatus::kAnswered) << i;
}

TEST(LlmBatches, Row17WhatIsTooLargeIsNeverSentAgainUnchanged) {
  const Within limit(std::chrono::seconds(5));
  FakeLlmServer server([](const ReceivedRequest& request) {
    Behaviour refusal =
        fake::error_reply(413, "Request too large for model: tokens per minute", "rate_limit_exceeded");
    return forms_in(request) > 10 ? refusal : fake::answer_all(request, "Error");
  });
  LlmClient client = must_create(batch_options(server.base_url()));
  expect_all(client.ask(questions(40)), "Error");
  std::set<std::string> bodies;
  for (const ReceivedRequest& request : server.requests()) bodies.insert(request.body);
  EXPECT_EQ(bodies.size(), 7U);
  EXPECT_EQ(server.request_count(), 7U);
}

// A server that takes only one way of asking for the answer's shape, in the words of those that do so.
class Styles : public ::testing::TestWithParam<AnswerStyle> {
 protected:
  static AnswerStyle style_of(const ReceivedRequest& request) {
    const auto body = nlohmann::json::parse(request.body);
    if (!body.contains("response_format")) return AnswerStyle::kPlain;
    if (body["response_format"]["type"] == "json_schema") return AnswerStyle::kJsonSchema;
    return body["response_format"].contains("schema") ? AnswerStyle::kObjectSchema : AnswerStyle::kJsonObject;
  }
  static Behaviour refuse(AnswerStyle style) {
    if (style == AnswerStyle::kJsonSchema)
      return fake::error_reply(500, "response_format type must be one of \"text\" and \"json_object\"");
    return fake::error_reply(400, "response_format is not supported");
  }
};

TEST_P(Styles, GiveTheSameAnswersWhateverTheServerTakes) {
  FakeLlmServer server([](const ReceivedRequest& request) {
    const AnswerStyle asked = style_of(request);
    if (asked != GetParam()) return refuse(asked);
    return fake::answer_each(request, [](const std::string& form) {
      return form == "form 5" ? std::string("nonsense") : std::string("User Action");
    });
  });
  LlmOptions options = batch_options(server.base_url());
  options.provider = Provider::kOther;
  options.models = {"home-grown"};
  LlmClient client = must_create(options);
  const auto answers = client.ask(questions(80));
  for (std::size_t i = 0; i < answers.size(); ++i)
    EXPECT_EQ(answers[i].status, i == 5 ? LlmStatus::kAbstained : LlmStatus::kAnswered) << answers[i].reason;
  EXPECT_EQ(server.request_count(), 3U + static_cast<std::size_t>(GetParam()))
      << "each refused way is tried once";
  EXPECT_EQ(client.counters().retries, 0U);
}

INSTANTIATE_TEST_SUITE_P(All, Styles,
                         ::testing::Values(AnswerStyle::kJsonSchema, AnswerStyle::kObjectSchema,
                                           AnswerStyle::kJsonObject, AnswerStyle::kPlain));

TEST(LlmBudgets, Row19ARetryAfterOfTwoSecondsIsWaitedOut) {
  FakeLlmServer server([](const ReceivedRequest& request) { return fake::answer_all(request, "Error"); });
  Behaviour busy = fake::error_reply(429, "slow down", "rate_limit_exceeded");
  busy.headers.emplace_back("retry-after", "2");
  server.push(busy);
  JumpingClock clock;
  const TimePoint start = clock.now().steady;
  LlmClient client = must_create(batch_options(server.base_url()), {nullptr, &clock});
  expect_all(client.ask(questions(40)), "Error");
  EXPECT_GE(clock.now().steady - start, seconds(2));
  EXPECT_LT(clock.now().steady - start, seconds(4));
  EXPECT_EQ(server.request_count(), 2U);
}

TEST(LlmBudgets, Row20ADayThatIsUsedUpIsNotWaitedForAndComesBack) {
  const Within limit(std::chrono::seconds(5));
  std::atomic<bool> is_new_day{false};
  FakeLlmServer server([&](const ReceivedRequest& request) {
    if (is_new_day) return fake::answer_all(request, "Error");
    Behaviour over =
        fake::error_reply(429, "Rate limit reached ... Please try again in 9m38.016s", "rate_limit_exceeded");
    over.headers = {{"retry-after", "578"},
                    {"x-ratelimit-remaining-requests", "0"},
                    {"x-ratelimit-reset-requests", "9m38.016s"}};
    return over;
  });
  JumpingClock clock;
  const TimePoint start = clock.now().steady;
  LlmClient client = must_create(batch_options(server.base_url()), {nullptr, &clock});
  for (const LlmAnswer& answer : client.ask(questions(400)))
    EXPECT_EQ(answer.status, LlmStatus::kUnavailable);
  EXPECT_EQ(clock.now().steady - start, seconds(0)) << "nobody waited";
  EXPECT_EQ(server.request_count(), 1U);
  clock.advance(minutes(5));
  client.ask(questions(40));
  EXPECT_EQ(server.request_count(), 1U) << "the header's reset is longer than the clamped retry-after";
  is_new_day = true;
  clock.advance(minutes(5));
  expect_all(client.ask(questions(40)), "Error");
}

TEST(LlmBudgets, Row23AnOutageOfTenMinutesCostsAProbeAtATime) {
  const Within limit(std::chrono::seconds(60));
  std::atomic<bool> is_up{false};
  FakeLlmServer server([&](const ReceivedRequest& request) {
    return is_up ? fake::answer_all(request, "Error") : fake::error_reply(503, "down");
  });
  JumpingClock clock;
  LlmOptions options = batch_options(server.base_url());
  options.parallel_requests = 4;
  options.max_retries = 0;
  LlmClient client = must_create(options, {nullptr, &clock});
  const TimePoint start = clock.now().steady;
  std::size_t asked = 0;
  while (clock.now().steady - start < minutes(10)) {  // a stream that asks for new forms each second
    std::vector<LlmQuestion> more;
    for (int i = 0; i < 100; ++i) more.push_back(question("new " + std::to_string(asked++)));
    for (const LlmAnswer& answer : client.ask(more)) EXPECT_EQ(answer.status, LlmStatus::kUnavailable);
    clock.advance(seconds(1));
  }
  EXPECT_LE(server.request_count(), 12U) << "some to open it, then probes after 30, 60, 120, 240 s";
  EXPECT_GE(server.request_count(), 8U);
  is_up = true;
  clock.advance(minutes(5));
  const std::size_t before = server.request_count();
  expect_all(client.ask(questions(40)), "Error");
  EXPECT_EQ(server.request_count(), before + 1);
  expect_all(client.ask(questions(200)), "Error");
}

TEST(LlmBudgets, Row24NothingIsSentOnceTheMoneyIsSpent) {
  const Within limit(std::chrono::seconds(60));
  FakeLlmServer server([](const ReceivedRequest& request) { return fake::answer_all(request, "Error"); });
  JumpingClock clock;
  AnswerStore store = must_open_store();
  LlmOptions options = batch_options(server.base_url());
  options.budget.usd_per_day = 0.1;
  options.prices["openai/gpt-oss-120b"] = {
      1, 1, 10};  // the fake's 300 tokens in and 10 out: 0.0004, reserved 0.024
  options.parallel_requests = 4;
  for (int run = 0; run < 20; ++run) {
    LlmClient client = must_create(options, {&store, &clock});
    std::vector<LlmQuestion> more;
    for (int i = 0; i < 800; ++i)
      more.push_back(question("run " + std::to_string(run) + " form " + std::to_string(i)));
    const auto answers = client.ask(more);
    EXPECT_EQ(client.counters().answered + client.counters().failed, 800U);
    EXPECT_TRUE(run < 19 || client.counters().over_budget == 800U);
  }
  const auto totals = store.totals(0);
  EXPECT_LE(totals->nano_usd, 100'000'000);
  EXPECT_GT(totals->nano_usd, 0);
  EXPECT_EQ(totals->calls, server.request_count());
}

TEST(LlmBudgets, RequestsAMinuteAreSpacedOutWithoutLosingAny) {
  FakeLlmServer server([](const ReceivedRequest& request) { return fake::answer_all(request, "Error"); });
  JumpingClock clock;
  LlmOptions options = batch_options(server.base_url());
  options.budget.requests_per_minute = 2;
  options.parallel_requests = 4;
  const TimePoint start = clock.now().steady;
  LlmClient client = must_create(options, {nullptr, &clock});
  expect_all(client.ask(questions(400)), "Error");
  EXPECT_EQ(server.request_count(), 10U);
  EXPECT_GE(clock.now().steady - start, minutes(4));
  EXPECT_LT(clock.now().steady - start, minutes(6));
}

TEST(LlmBudgets, AStopEndsTheWaitForABudget) {
  FakeLlmServer server([](const ReceivedRequest& request) { return fake::answer_all(request, "Error"); });
  LlmOptions options = batch_options(server.base_url());
  options.budget.requests_per_minute = 1;
  LlmClient client = must_create(options);
  std::stop_source stop;
  std::jthread stopper([&] {
    while (server.request_count() == 0) std::this_thread::yield();
    stop.request_stop();
  });
  const auto answers = client.ask(questions(400), stop.get_token());
  EXPECT_LE(server.request_count(), 1U);
  EXPECT_EQ(answers.back().status, LlmStatus::kUnavailable);
}

}  // namespace
}  // namespace logsieve
