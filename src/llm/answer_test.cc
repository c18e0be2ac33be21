#include "llm/answer.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "base/random.h"
#include "llm/llm_test_support.h"

namespace logsieve {
namespace {

using nlohmann::json;

ParsedAnswer parse_content(const std::string& content) {
  return parse_answer(fake::completion_body(content), test_labels());
}

TEST(ParseAnswer, TakesALabelOfTheSet) {
  const LabelSet labels = test_labels();
  for (const std::string& name : labels.names()) {
    const ParsedAnswer answer = parse_content(json{{"label", name}}.dump());
    EXPECT_EQ(answer.kind, AnswerKind::kLabel);
    EXPECT_EQ(labels.name(answer.label), name);
    EXPECT_EQ(answer.problem, "");
  }
}

TEST(ParseAnswer, AllowsWhiteSpaceOtherMembersAndOneCodeFence) {
  const LabelId expected = test_labels().find("User Action");
  for (const char* content :
       {R"({"label":"User Action"})", "\n { \"label\" : \"User Action\" } \n",
        R"({"label":"  User Action\n"})", R"({"why":"a user acts","label":"User Action","sure":0.9})",
        "```json\n{\"label\":\"User Action\"}\n```", "```\n{\"label\":\"User Action\"}```",
        "{\"label\":\"User\\u0020Action\"}"}) {
    const ParsedAnswer answer = parse_content(content);
    EXPECT_EQ(answer.kind, AnswerKind::kLabel) << content;
    EXPECT_EQ(answer.label, expected) << content;
  }
}

TEST(ParseAnswer, TellsAbstainingFromAnswering) {
  EXPECT_EQ(parse_content(R"({"label":"Unclassified"})").kind, AnswerKind::kNoneFits);
  EXPECT_EQ(parse_content(R"({"label":" Unclassified "})").kind, AnswerKind::kNoneFits);
  EXPECT_EQ(parse_content(R"({"label":"unclassified"})").kind, AnswerKind::kInvalid);
}

TEST(ParseAnswer, RefusesEveryOtherContent) {
  for (const char* content : {
           "",
           "   ",
           "User Action",
           "\"User Action\"",
           "[\"User Action\"]",
           "null",
           "{}",
           R"({"label":null})",
           R"({"label":3})",
           R"({"label":["User Action"]})",
           R"({"label":{"name":"User Action"}})",
           R"({"Label":"User Action"})",
           R"({"labels":"User Action"})",
           R"({"label":"user action"})",   // wrong case
           R"({"label":"USER ACTION"})",   //
           R"({"label":"User Actions"})",  // near
           R"({"label":"User  Action"})",  //
           R"({"label":"UserAction"})",    //
           "{\"label\":\"User \xD0\x90"
           "ction\"}",  // Cyrillic A
           "{\"label\":\"User\xC2\xA0"
           "Action\"}",                                // no-break space
           "{\"label\":\"User Action\xE2\x80\x8B\"}",  // zero-width space
           "{\"label\":\"\xEF\xBC\xB5ser Action\"}",   // full-width U
           R"({"label":"User Action\u0000"})",         //
           R"({"label":"Made Up Label"})",
           R"({"label":""})",                              // outside the set
           R"({"label":"Error","label":"User Action"})",   // named twice
           R"({"label":"Error"}{"label":"User Action"})",  // two answers
           R"(The answer is {"label":"User Action"})",     // talk
           R"({"label":"User Action"} is my answer)",      //
           "<category>User Action</category>",             // a peer's format
           "```json\n{\"label\":\"User Action\"}\n```\n```json\n{\"label\":\"Error\"}\n```",
           "```",
           "``````",
           "```\n```",
           "```json\n",
           "{\"label\":\"User Action\"",
       }) {
    const ParsedAnswer answer = parse_content(content);
    EXPECT_EQ(answer.kind, AnswerKind::kInvalid) << content;
    EXPECT_EQ(answer.label, kNoLabel) << content;
    EXPECT_NE(answer.problem, "") << content;
  }
}

TEST(ParseAnswer, RefusesContentThatIsNoText) {
  for (const char* message : {R"({"content":null})", R"({})", R"({"content":7})", R"({"content":["x"]})",
                              R"({"content":{"label":"User Action"}})",
                              R"({"content":"{\"label\":\"User Action\"}","refusal":"I cannot"})"}) {
    const std::string body = std::string(R"({"choices":[{"message":)") + message + "}]}";
    EXPECT_EQ(parse_answer(body, test_labels()).kind, AnswerKind::kInvalid) << body;
  }
}

TEST(ParseAnswer, SaysWhenTheAnswerWasCut) {
  const std::string body = fake::completion_body(R"({"label":"User Action"})", "length");
  EXPECT_EQ(parse_answer(body, test_labels()).kind, AnswerKind::kCut);
  EXPECT_EQ(parse_answer(fake::completion_body("", "length"), test_labels()).kind, AnswerKind::kCut);
}

TEST(ParseAnswer, TellsAnEndpointThatSpeaksSomethingElse) {
  for (const char* body :
       {"", "<html>hello</html>", "null", "[]", "{}", R"({"choices":[]})", R"({"choices":{}})",
        R"({"choices":[3]})", R"({"choices":[{}]})", R"({"choices":[{"message":"User Action"}]})",
        R"({"error":{"message":"no"}})", R"({"choices":[{"message":{"content":"x"}}],"choices":[]})",
        R"({"label":"User Action"})"}) {
    EXPECT_EQ(parse_answer(body, test_labels()).kind, AnswerKind::kMalformed) << body;
  }
  EXPECT_EQ(parse_answer(std::string(100'000, '['), test_labels()).kind, AnswerKind::kMalformed);
}

TEST(ParseAnswer, QuotesAStrangeLabelWithoutItsControlBytes) {
  const ParsedAnswer answer = parse_content(R"({"label":"\u001b]0;owned\u0007"})");
  EXPECT_EQ(answer.kind, AnswerKind::kInvalid);
  EXPECT_EQ(answer.problem.find('\x1b'), std::string::npos);
  EXPECT_NE(answer.problem.find("owned"), std::string::npos);
}

// Replies built from pieces that are each plausible, some broken at a random byte. The oracle is written the
// other way round: a label counts only if the last parse of the content gives exactly one of the names.
class RandomReply {
 public:
  explicit RandomReply(std::uint64_t seed) : random_(seed) {}

  std::string next() {
    const std::vector<std::string> labels = {
        "Error",  "error",         "Security Alert",        "Unclassified", "Err\u00f6r",
        " Error", "Made Up Label", "Security Alert\\u0000", "User Action"};
    const std::vector<std::string> keys = {"label", "label", "label", "Label", "id", "answer"};
    std::string content = "{";
    for (std::size_t i = random_.below(3) + 1; i > 0; --i) {
      content += "\"" + pick(keys) + "\":\"" + pick(labels) + "\"" + (i > 1 ? "," : "");
    }
    content += "}";
    std::string body = fake::completion_body(content, pick({"stop", "stop", "stop", "length", "eos"}));
    if (random_.below(4) == 0) body[random_.below(body.size())] = static_cast<char>(random_.below(256));
    if (random_.below(8) == 0) body.resize(random_.below(body.size()));
    return body;
  }

 private:
  std::string pick(const std::vector<std::string>& from) { return from[random_.below(from.size())]; }
  Random random_;
};

TEST(ParseAnswer, NeverGivesALabelThatTheReplyDoesNotSpell) {
  const LabelSet labels = test_labels();
  RandomReply replies(3);
  std::size_t answered = 0;
  for (int round = 0; round < 30'000; ++round) {
    const std::string body = replies.next();
    const ParsedAnswer answer = parse_answer(body, labels);
    if (answer.kind != AnswerKind::kLabel) {
      ASSERT_EQ(answer.label, kNoLabel);
      continue;
    }
    ++answered;
    const json reply = json::parse(body, nullptr, false);
    ASSERT_FALSE(reply.is_discarded()) << body;
    const auto& choice = reply["choices"][0];
    ASSERT_NE(choice.value("finish_reason", ""), "length");
    const std::string content = choice["message"]["content"];
    const std::string spelled = std::string("\"label\":\"") + std::string(labels.name(answer.label)) + "\"";
    const std::string spaced = std::string("\"label\":\" ") + std::string(labels.name(answer.label)) + "\"";
    ASSERT_TRUE(content.find(spelled) != std::string::npos || content.find(spaced) != std::string::npos)
        << body;
    ASSERT_EQ(content.find("\"label\""), content.rfind("\"label\"")) << body;
  }
  EXPECT_GT(answered, 3'000U);
}

}  // namespace
}  // namespace logsieve
