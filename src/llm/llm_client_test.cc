// The client against a well-behaved endpoint, over real sockets.
#include "llm/llm_client.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <set>

#include "llm/llm_test_support.h"

namespace logsieve {
namespace {

using fake::Behaviour;
using fake::FakeLlmServer;
using fake::ReceivedRequest;
using nlohmann::json;
using std::chrono::milliseconds;

json body_of(const ReceivedRequest& request) {
  return json::parse(request.body);
}

TEST(LlmClientCreate, NeedsAKeyForARemoteEndpointAndSaysWhereToPutIt) {
  LlmOptions options;
  const auto client = LlmClient::create(options, test_labels());
  ASSERT_FALSE(client);
  EXPECT_EQ(client.error().code, ErrorCode::kBadConfig);
  EXPECT_NE(client.error().help.find("LOGSIEVE_LLM_API_KEY"), std::string::npos);
  options.base_url = "http://127.0.0.1:1/v1";
  EXPECT_TRUE(LlmClient::create(options, test_labels()));
  options.base_url = "https://localhost:1/v1";
  EXPECT_TRUE(LlmClient::create(options, test_labels()));
}

TEST(LlmClientCreate, RefusesOptionsThatCannotWork) {
  const auto code_for = [](const std::function<void(LlmOptions&)>& change) {
    LlmOptions options;
    options.api_key = kTestKey;
    change(options);
    const auto client = LlmClient::create(options, test_labels());
    return client ? -1 : static_cast<int>(client.error().code);
  };
  const int bad_config = static_cast<int>(ErrorCode::kBadConfig);
  EXPECT_EQ(code_for([](LlmOptions&) {}), -1);
  EXPECT_EQ(code_for([](LlmOptions& o) { o.base_url = "http://api.groq.com/openai/v1"; }), bad_config);
  EXPECT_EQ(code_for([](LlmOptions& o) { o.base_url = "https://me:pw@api.groq.com/v1"; }), bad_config);
  EXPECT_EQ(code_for([](LlmOptions& o) { o.base_url = "nonsense"; }), bad_config);
  EXPECT_EQ(code_for([](LlmOptions& o) { o.models.clear(); }), bad_config);
  EXPECT_EQ(code_for([](LlmOptions& o) { o.models = {"a", ""}; }), bad_config);
  EXPECT_EQ(code_for([](LlmOptions& o) { o.api_key = "a\r\nX-Evil: 1"; }), bad_config);
  EXPECT_EQ(code_for([](LlmOptions& o) { o.total_timeout_ms = 0; }), bad_config);
  EXPECT_EQ(code_for([](LlmOptions& o) { o.connect_timeout_ms = 0; }), bad_config);
  EXPECT_EQ(code_for([](LlmOptions& o) { o.parallel_requests = 0; }), bad_config);
  EXPECT_EQ(code_for([](LlmOptions& o) { o.max_reply_bytes = 0; }), bad_config);
  EXPECT_EQ(code_for([](LlmOptions& o) { o.batch_forms = 0; }), bad_config);
  EXPECT_EQ(code_for([](LlmOptions& o) { o.batch_forms = 41; }), bad_config);
  EXPECT_EQ(code_for([](LlmOptions& o) { o.budget.usd_per_day = 1; }), -1);
  EXPECT_EQ(code_for([](LlmOptions& o) {
              o.budget.usd_per_day = 1;
              o.models = {"a-model-without-a-price"};
            }),
            bad_config);
  EXPECT_EQ(code_for([](LlmOptions& o) { o.ca_file = "/nonexistent/ca.pem"; }), bad_config);
  EXPECT_EQ(code_for([](LlmOptions& o) { o.label_descriptions = {"one"}; }),
            static_cast<int>(ErrorCode::kInvalidArgument));
  LlmOptions options;
  options.api_key = kTestKey;
  EXPECT_FALSE(LlmClient::create(options, LabelSet()));
}

TEST(LlmClientCreate, ShowsNothingOfTheKeyInItsErrors) {
  LlmOptions options;
  options.api_key = std::string(kTestKey) + "\n";
  const auto client = LlmClient::create(options, test_labels());
  ASSERT_FALSE(client);
  EXPECT_EQ(render(client.error()).find("gsk_"), std::string::npos);
}

TEST(LlmClientAsk, AnswersWithAStrictSchema) {
  FakeLlmServer server([](const ReceivedRequest&) { return fake::label_reply("Security Alert"); });
  LlmClient client = must_create(quick_options(server.base_url()));
  const LlmAnswer answer = ask_one(client, question("failed login from address"));
  EXPECT_EQ(answer.status, LlmStatus::kAnswered);
  EXPECT_EQ(test_labels().name(answer.label), "Security Alert");
  EXPECT_EQ(answer.reason, "");
  const json body = body_of(server.requests().at(0));
  EXPECT_EQ(body["model"], "openai/gpt-oss-120b");
  EXPECT_EQ(body["response_format"]["type"], "json_schema");
  EXPECT_EQ(body["reasoning_effort"], "low");
  EXPECT_GT(body["max_completion_tokens"].get<int>(), 0);
  EXPECT_EQ(body["temperature"], 0);
}

TEST(LlmClientAsk, AnswersWithAJsonObject) {
  FakeLlmServer server([](const ReceivedRequest&) { return fake::label_reply("Error"); });
  LlmOptions options = quick_options(server.base_url());
  options.models = {"llama-3.3-70b-versatile"};
  LlmClient client = must_create(options);
  EXPECT_EQ(ask_one(client).status, LlmStatus::kAnswered);
  const json body = body_of(server.requests().at(0));
  EXPECT_EQ(body["response_format"], json::object({{"type", "json_object"}}));
  EXPECT_FALSE(body.contains("reasoning_effort"));
}

TEST(LlmClientAsk, PostsJsonWithTheKeyInItsHeaderAndNowhereElse) {
  FakeLlmServer server([](const ReceivedRequest&) { return fake::label_reply("Error"); });
  LlmOptions options = quick_options(server.base_url() + "/");
  options.label_descriptions = {"e", "s", "u", "w"};
  LlmClient client = must_create(options);
  LlmQuestion asked = question("the form");
  asked.examples = {{"near form", "Error"}};
  ask_one(client, asked);
  const ReceivedRequest request = server.requests().at(0);
  EXPECT_EQ(request.method, "POST");
  EXPECT_EQ(request.path, "/v1/chat/completions");
  EXPECT_EQ(request.headers.at("authorization"), std::string("Bearer ") + kTestKey);
  EXPECT_EQ(request.headers.at("content-type"), "application/json");
  EXPECT_EQ(request.raw.find(kTestKey), request.raw.rfind(kTestKey));
  const fake::AskedLines asked_about = fake::asked_lines(request.body);
  ASSERT_EQ(asked_about.lines.size(), 1U);
  EXPECT_EQ(asked_about.lines[0].form, "the form");
  EXPECT_EQ(asked_about.nonce.size(), 16U);
}

TEST(LlmClientAsk, UsesANewNonceForEachRequest) {
  FakeLlmServer server(
      [](const ReceivedRequest&) { return fake::label_reply("error"); });  // wrong case: asked twice
  LlmClient client = must_create(quick_options(server.base_url()));
  client.ask(questions(4));
  std::set<std::string> nonces;
  for (const ReceivedRequest& request : server.requests())
    nonces.insert(fake::asked_lines(request.body).nonce);
  EXPECT_EQ(server.request_count(), 8U);
  EXPECT_EQ(nonces.size(), 8U);
}

TEST(LlmClientAsk, SendsNoAuthorizationWithoutAKey) {
  FakeLlmServer server([](const ReceivedRequest&) { return fake::label_reply("Error"); });
  LlmOptions options = quick_options(server.base_url());
  options.api_key.clear();
  LlmClient client = must_create(options);
  EXPECT_EQ(ask_one(client).status, LlmStatus::kAnswered);
  EXPECT_EQ(server.requests().at(0).headers.count("authorization"), 0U);
}

TEST(LlmClientAsk, KeepsTheOrderOfTheQuestionsWhenRepliesComeOutOfOrder) {
  const LabelSet labels = test_labels();
  // The earlier the question, the later its reply.
  FakeLlmServer server([&labels](const ReceivedRequest& request) {
    const std::size_t index = std::stoul(fake::asked_lines(request.body).lines.at(0).form.substr(5));
    Behaviour reply = fake::label_reply(labels.names()[index % labels.size()]);
    reply.delay = milliseconds(index % 4 == 0 ? 60 : 5);
    return reply;
  });
  LlmOptions options = quick_options(server.base_url());
  options.parallel_requests = 4;
  LlmClient client = must_create(options);
  const auto answers = client.ask(questions(40));
  ASSERT_EQ(answers.size(), 40U);
  for (std::size_t i = 0; i < answers.size(); ++i) {
    EXPECT_EQ(answers[i].status, LlmStatus::kAnswered);
    EXPECT_EQ(labels.name(answers[i].label), labels.names()[i % labels.size()]) << i;
  }
  EXPECT_EQ(server.request_count(), 40U);
}

TEST(LlmClientAsk, HasAsManyRequestsOpenAsAllowedAndNoMore) {
  FakeLlmServer server([](const ReceivedRequest&) {
    Behaviour reply = fake::label_reply("Error");
    reply.delay = milliseconds(50);
    return reply;
  });
  LlmOptions options = quick_options(server.base_url());
  options.parallel_requests = 3;
  LlmClient client = must_create(options);
  client.ask(questions(12));
  EXPECT_EQ(server.peak_open_requests(), 3U);
  EXPECT_LE(server.connection_count(), 3U) << "connections are kept for the next request";
}

TEST(LlmClientAsk, AbstainsWhenTheModelDoes) {
  FakeLlmServer server([](const ReceivedRequest&) { return fake::label_reply("Unclassified"); });
  LlmClient client = must_create(quick_options(server.base_url()));
  const LlmAnswer answer = ask_one(client);
  EXPECT_EQ(answer.status, LlmStatus::kAbstained);
  EXPECT_EQ(answer.label, kNoLabel);
  EXPECT_NE(answer.reason, "");
  EXPECT_EQ(server.request_count(), 1U);
}

TEST(LlmClientAsk, TakesNoQuestionsAndManyCalls) {
  FakeLlmServer server([](const ReceivedRequest&) { return fake::label_reply("Error"); });
  LlmClient client = must_create(quick_options(server.base_url()));
  EXPECT_TRUE(client.ask({}).empty());
  EXPECT_EQ(server.connection_count(), 0U);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(client.ask(questions(2)).size(), 2U) << "asked once, then known";
  LlmClient moved = std::move(client);
  EXPECT_EQ(ask_one(moved).status, LlmStatus::kAnswered);
  const LlmCounters counters = moved.counters();
  EXPECT_EQ(counters.requests, 3U);
  EXPECT_EQ(counters.answered, 7U);
  EXPECT_EQ(counters.stored, 4U);
  EXPECT_EQ(counters.failed + counters.abstained + counters.retries, 0U);
}

TEST(LlmClientAsk, GoesToTheNextModelOnceAndRemembersIt) {
  FakeLlmServer server([](const ReceivedRequest& request) {
    if (body_of(request)["model"] == "llama-3.3-70b-versatile") {
      return fake::error_reply(404, "The model `llama-3.3-70b-versatile` does not exist", "model_not_found");
    }
    return fake::label_reply("Error");
  });
  LlmOptions options = quick_options(server.base_url());
  options.models = {"llama-3.3-70b-versatile", "openai/gpt-oss-120b"};
  LlmClient client = must_create(options);
  for (const LlmAnswer& answer : client.ask(questions(5))) EXPECT_EQ(answer.status, LlmStatus::kAnswered);
  EXPECT_EQ(server.request_count(), 6U);
  const auto notices = client.take_notices();
  ASSERT_EQ(notices.size(), 1U);
  EXPECT_NE(notices[0].find("using openai/gpt-oss-120b"), std::string::npos) << notices[0];
  EXPECT_TRUE(client.take_notices().empty());
}

TEST(LlmClientAsk, FallsBackToAWeakerStyleOnceAndRemembersIt) {
  FakeLlmServer server([](const ReceivedRequest& request) {
    const json body = body_of(request);
    if (body.contains("response_format") && body["response_format"]["type"] == "json_schema") {
      return fake::error_reply(500, "response_format json_schema is not supported, use json_object");
    }
    return fake::label_reply("Error");
  });
  LlmOptions options = quick_options(server.base_url());
  options.models = {"home-grown"};
  LlmClient client = must_create(options);
  for (const LlmAnswer& answer : client.ask(questions(3))) EXPECT_EQ(answer.status, LlmStatus::kAnswered);
  EXPECT_EQ(server.request_count(), 4U);
  EXPECT_EQ(client.counters().retries, 0U);
}

TEST(LlmClientAsk, TakesEveryJsonContentType) {
  for (const char* type : {"application/json; charset=utf-8", "APPLICATION/JSON", ""}) {
    FakeLlmServer server([type](const ReceivedRequest&) {
      Behaviour reply = fake::label_reply("Error");
      reply.content_type = type;
      return reply;
    });
    LlmClient client = must_create(quick_options(server.base_url()));
    EXPECT_EQ(ask_one(client).status, LlmStatus::kAnswered) << type;
  }
}

}  // namespace
}  // namespace logsieve
