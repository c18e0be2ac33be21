// What the tests of this room share: a label set, questions, a client against a fake server.
#ifndef LOGSIEVE_LLM_LLM_TEST_SUPPORT_H_
#define LOGSIEVE_LLM_LLM_TEST_SUPPORT_H_

#include <chrono>
#include <cstdlib>
#include <gtest/gtest.h>
#include <string>
#include <utility>
#include <vector>

#include "llm/llm_client.h"
#include "tests/fake_llm/chat.h"
#include "tests/fake_llm/fake_llm_server.h"

namespace logsieve {

inline constexpr const char* kTestKey = "gsk_Zq81-secret.Key_0123456789abcdef";

inline LabelSet test_labels() {
  return LabelSet({"Error", "Security Alert", "User Action", "Workflow Error"});
}

inline LlmQuestion question(std::string form) {
  LlmQuestion asked;
  asked.form = std::move(form);
  return asked;
}

inline std::vector<LlmQuestion> questions(std::size_t count) {
  std::vector<LlmQuestion> all;
  for (std::size_t i = 0; i < count; ++i) all.push_back(question("form " + std::to_string(i)));
  return all;
}

// Fast and repeatable: back-offs of a few milliseconds, a fixed seed, one request at a time, one form a request.
inline LlmOptions quick_options(const std::string& base_url) {
  LlmOptions options;
  options.base_url = base_url;
  options.api_key = kTestKey;
  options.models = {"openai/gpt-oss-120b"};
  options.provider = Provider::kGroq;
  options.batch_forms = 1;
  options.connect_timeout_ms = 1'000;
  options.total_timeout_ms = 5'000;
  options.backoff_base_ms = 4;
  options.backoff_cap_ms = 16;
  options.jitter_seed = 7;
  options.parallel_requests = 1;
  return options;
}

inline LlmClient must_create(LlmOptions options, LlmEnvironment environment = {}) {
  auto client = LlmClient::create(std::move(options), test_labels(), std::move(environment));
  if (!client) std::abort();  // every caller gives options that are right
  return std::move(*client);
}

inline LlmAnswer ask_one(LlmClient& client, const LlmQuestion& asked) {
  return client.ask({&asked, 1}).front();
}

// A clock that stands still until somebody would wait: then the time has come.
class JumpingClock final : public LlmClock {
 public:
  Moment now() override { return moment_; }
  void sleep_until(TimePoint time, const std::stop_token& /*stop*/) override {
    if (time > moment_.steady) advance(std::chrono::ceil<std::chrono::milliseconds>(time - moment_.steady));
  }
  void advance(std::chrono::milliseconds time) {
    moment_.steady += time;
    moment_.wall_ms += time.count();
  }

 private:
  // 2027-01-15 08:00 UTC, far from the ends of its day.
  Moment moment_{TimePoint() + std::chrono::hours(1), 1'800'000'000'000};
};

// A scope that may take so long, by the machine's clock.
class Within {
 public:
  explicit Within(std::chrono::milliseconds limit) : end_(std::chrono::steady_clock::now() + limit) {}
  Within(const Within&) = delete;
  Within& operator=(const Within&) = delete;
  ~Within() {
    EXPECT_LT(std::chrono::steady_clock::now().time_since_epoch(), end_.time_since_epoch()) << "too slow";
  }

 private:
  std::chrono::steady_clock::time_point end_;
};

inline AnswerStore must_open_store() {
  auto store = AnswerStore::in_memory();
  if (!store) std::abort();
  return std::move(*store);
}

inline LlmAnswer ask_one(LlmClient& client) {
  return ask_one(client, question("user number logged in"));
}

}  // namespace logsieve

#endif  // LOGSIEVE_LLM_LLM_TEST_SUPPORT_H_
