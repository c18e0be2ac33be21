// A batch against replies that are nearly right, made from the request that they answer: ids missing, doubled, swapped,
// foreign; labels nearly of the set; other shapes, statuses, headers; some broken at a byte. Whatever comes, each
// question ends with one answer, and a label is one of the set that this reply gave to this id. LOGSIEVE_REPLIES and
// LOGSIEVE_SEED make a longer run (docs/llm.md).
#include <array>
#include <cstdlib>
#include <deque>
#include <gtest/gtest.h>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>

#include "llm/batch_flight.h"
#include "llm/llm_test_support.h"

namespace logsieve {
namespace {

using nlohmann::json;

std::uint64_t from_environment(const char* name, std::uint64_t otherwise) {
  const char* value = std::getenv(name);
  return value == nullptr ? otherwise : std::strtoull(value, nullptr, 10);
}

// What a reply says, by id: the labels it spells, "" for what is none. Empty: the reply as a whole says nothing.
using Account = std::map<std::string, std::set<std::string>>;

struct MadeReply {
  HttpReply http;
  std::optional<Account> account;  // nothing: bytes were broken, so that nobody knows what it says
};

class ReplyMaker {
 public:
  explicit ReplyMaker(std::uint64_t seed) : random_(seed) {}

  MadeReply make(const std::vector<fake::AskedLine>& lines) {
    MadeReply reply;
    reply.http.status = 200;
    reply.http.content_type = pick({"application/json", "application/json; charset=utf-8", ""});
    if (chance(20)) {
      reply.http = refusal();
      reply.account = Account{};
      return reply;
    }
    Account account;
    std::string body = completion(content(lines, account), account);
    if (chance(5)) {
      breaks(body);
      reply.http.body = std::move(body);
      return reply;
    }
    if (chance(50)) {
      reply.http.content_type = "text/html";
      account.clear();
    }
    reply.http.body = std::move(body);
    reply.account = std::move(account);
    return reply;
  }

 private:
  bool chance(std::size_t one_in) { return random_.below(one_in) == 0; }
  std::string pick(std::initializer_list<std::string> from) {
    return *(from.begin() + random_.below(from.size()));
  }

  HttpReply refusal() {
    constexpr std::array<int, 14> kStatuses = {302, 400, 401, 404, 408, 413, 422,
                                               424, 429, 498, 499, 500, 502, 503};
    HttpReply reply;
    reply.status = kStatuses[random_.below(kStatuses.size())];
    reply.content_type = pick({"application/json", "text/html"});
    reply.body =
        json{{"error",
              {{"message",
                pick({"no", "try again in 9m38s", "response_format", "model x not found", "Error"})},
               {"code", pick({"json_validate_failed", "rate_limit_exceeded", "model_not_found", "x"})}}}}
            .dump();
    reply.retry_after =
        pick({"", "", "0", "0.01", "-1", "1e309", "nan", "Thu, 01 Jan 1970 00:00:00 GMT", "86400"});
    reply.retry_after_ms = pick({"", "", "3", "garbage"});
    return reply;
  }

  // A label as a model may write it, as JSON text, and what it means.
  std::pair<std::string, std::string> label() {
    switch (random_.below(12)) {
      case 0:
        return {R"("Unclassified")", "Unclassified"};
      case 1:
        return {R"(" Error ")", "Error"};
      case 2:
        return {R"("\u0045rror")", "Error"};
      case 3:
        return {
            pick({R"("error")", R"("ERROR")", "\"\xD0\x95rror\"", "\"Error\xE2\x80\x8B\"", R"("Error.")"}),
            ""};
      case 4:
        return {pick({R"("Made Up")", R"("")", "null", "7", R"(["Error"])", R"({"label":"Error"})", "true"}),
                ""};
      case 5:
        return {pick({R"("User  Action")", R"("User\u0000Action")", R"("Security Alert\u0000")",
                      R"("Error|User Action")"}),
                ""};
      default: {
        const std::string name = pick({"Error", "Security Alert", "User Action", "Workflow Error"});
        return {"\"" + name + "\"", name};
      }
    }
  }

  std::string answer(const std::string& id, Account& account) {
    const auto [text, meaning] = label();
    account[id].insert(meaning);
    const std::string space = chance(4) ? " " : "";
    std::string object = "{\"id\":\"" + space + id + "\",\"label\":" + space + text;
    if (chance(6)) object += R"(,"confidence":0.9,"why":"label it \"Error\"")";
    return object + "}";
  }

  std::string list(const std::vector<fake::AskedLine>& lines, Account& account) {
    std::vector<std::string> answers;
    for (const fake::AskedLine& line : lines) {
      if (chance(12)) continue;
      answers.push_back(answer(line.id, account));
      if (chance(12)) answers.push_back(answer(line.id, account));
    }
    if (chance(6)) answers.push_back(answer(pick({"zzzz", "", "A111", "1"}), account));
    if (chance(10))
      answers.push_back(pick({"null", "7", "[]", R"("Error")", R"({"label":"Error"})", R"({"id":null})"}));
    if (chance(3)) random_.shuffle(answers);
    std::string text = "[";
    for (const std::string& one : answers) text += (text.size() > 1 ? "," : "") + one;
    return text + "]";
  }

  std::string content(const std::vector<fake::AskedLine>& lines, Account& account) {
    std::string text = list(lines, account);
    if (!chance(8)) text = R"({"answers":)" + text + (chance(8) ? R"(,"note":"done"})" : "}");
    if (chance(12)) text = "```json\n" + text + "\n```";
    if (!chance(12)) return text;
    account.clear();  // from here on it says nothing
    switch (random_.below(6)) {
      case 0:
        return text + pick({"}", ",", "x", R"({"answers":[]})"});
      case 1:
        return "Here you are: " + text;
      case 2:
        return R"({"answers":[],"answers":)" + text + "}";
      case 3:
        return std::string(500, '[') + std::string(500, ']');
      case 4:
        return "";
      default:
        return R"({"label":"Error","label":"User Action"})";
    }
  }

  std::string completion(const std::string& content, Account& account) {
    json message = {{"role", "assistant"}, {"content", content}};
    json choice = {{"index", 0}, {"finish_reason", pick({"stop", "stop", "stop", "stop", "eos"})}};
    json body = {{"id", "x"}};
    if (chance(30)) {
      account.clear();
      switch (random_.below(4)) {
        case 0:
          message["refusal"] = "I cannot";
          break;
        case 1:
          choice["finish_reason"] = "length";
          break;
        case 2:
          message["content"] = json::array({{{"type", "text"}, {"text", content}}});
          break;
        default:
          message = nullptr;
      }
    }
    choice["message"] = message;
    body["choices"] = json::array({choice});
    if (!chance(5)) body["usage"] = {{"prompt_tokens", 90}, {"completion_tokens", random_.below(9)}};
    if (chance(20)) body["usage"] = pick({"none", "7"});
    return body.dump(-1, ' ', false, json::error_handler_t::replace);
  }

  void breaks(std::string& body) {
    for (std::size_t i = random_.below(3) + 1; i > 0 && !body.empty(); --i) {
      const std::size_t at = random_.below(body.size());
      switch (random_.below(4)) {
        case 0:
          body[at] = static_cast<char>(random_.below(256));
          break;
        case 1:
          body.erase(at, random_.below(9));
          break;
        case 2:
          body.insert(at, pick({"\"", "{", "}", "]", ",", "\\", "Error", "\xFF", std::string(1, '\0')}));
          break;
        default:
          body.resize(at);
      }
    }
  }

  Random random_;
};

class NearlyRight : public ::testing::Test {
 protected:
  NearlyRight() : maker_(from_environment("LOGSIEVE_SEED", 5)) {
    options_.models = {"some-model", "another"};
    options_.total_timeout_ms = 60'000;
    questions_ = questions(6);
    questions_[4].control_label = "Error";
  }

  // One call of the client: every batch that follows from the first one. The questions' answers, once each.
  void run_once() {
    if (++runs_ % 50 == 0) store_ = must_open_store();  // a budget is a sum over the calls of a day
    EndpointState endpoint(options_);
    std::vector<std::optional<LlmAnswer>> answers(questions_.size());
    std::deque<BatchPlan> plans(1);
    for (std::size_t i = 0; i < questions_.size(); ++i) plans[0].questions.push_back(i);
    while (!plans.empty()) {
      BatchFlight flight(std::move(plans.front()), questions_,
                         {options_, labels_, labels_hash_, prompt_, endpoint, store_, counters_},
                         clock_.now());
      plans.pop_front();
      fly(flight);
      for (const auto& [index, given] : flight.answers()) {
        ASSERT_FALSE(answers[index].has_value()) << "a second answer";
        answers[index] = given;
      }
      for (BatchPlan& next : flight.take_follow_ups()) plans.push_back(std::move(next));
    }
    for (std::size_t i = 0; i < answers.size(); ++i) {
      ASSERT_TRUE(answers[i].has_value()) << "no answer for " << i;
      check(*answers[i]);
    }
  }

  void fly(BatchFlight& flight) {
    MadeReply reply;
    std::vector<fake::AskedLine> lines;
    while (flight.step() != BatchFlight::Step::kDone) {
      if (!flight.wants_to_send(clock_.now())) {
        if (flight.step() == BatchFlight::Step::kWaiting) clock_.sleep_until(flight.wake_at(), {});
        continue;
      }
      lines = fake::asked_lines(flight.take_request()).lines;
      reply = maker_.make(lines);
      ++replies_;
      flight.on_reply(reply.http, clock_.now());
    }
    for (const auto& [index, given] : flight.answers())
      if (given.status == LlmStatus::kAnswered) check_source(questions_[index].form, given, lines, reply);
  }

  void check(const LlmAnswer& given) {
    const bool has_label = given.status == LlmStatus::kAnswered;
    ASSERT_EQ(given.label != kNoLabel, has_label);
    if (!has_label) return;
    ++answered_;
    ASSERT_GE(given.label, 0);
    ASSERT_LT(static_cast<std::size_t>(given.label), labels_.size());
  }

  // The last reply said it of this form's id, once or always the same, and letter by letter.
  void check_source(const std::string& form, const LlmAnswer& given,
                    const std::vector<fake::AskedLine>& lines, const MadeReply& reply) {
    const std::string label(labels_.name(given.label));
    if (!reply.account) {
      const bool is_spelled = reply.http.body.find(label) != std::string::npos ||
                              reply.http.body.find("\\u0045rror") != std::string::npos;
      ASSERT_TRUE(is_spelled) << label << " is nowhere in " << reply.http.body;
      return;
    }
    for (const fake::AskedLine& line : lines) {
      if (line.form != form) continue;
      const auto said = reply.account->find(line.id);
      ASSERT_NE(said, reply.account->end()) << reply.http.body;
      ASSERT_EQ(said->second, std::set<std::string>{label}) << reply.http.body;
    }
  }

  LlmOptions options_ = quick_options("http://127.0.0.1:9/v1");
  LabelSet labels_ = test_labels();
  std::string labels_hash_ = hash_of_labels(labels_, {});
  Prompt prompt_{labels_, {}};
  std::vector<LlmQuestion> questions_;
  AnswerStore store_ = must_open_store();
  LlmCounters counters_;
  JumpingClock clock_;
  ReplyMaker maker_;
  std::uint64_t runs_ = 0;
  std::uint64_t replies_ = 0;
  std::uint64_t answered_ = 0;
};

TEST_F(NearlyRight, RepliesGiveNoLabelThatTheyDoNotSpell) {
  const std::uint64_t wanted = from_environment("LOGSIEVE_REPLIES", 10'000);
  while (replies_ < wanted && !HasFatalFailure()) run_once();
  EXPECT_GT(answered_, replies_) << "most are right";
  RecordProperty("replies", std::to_string(replies_));
  RecordProperty("answered", std::to_string(answered_));
}

}  // namespace
}  // namespace logsieve
