#include "llm/answer.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <vector>

#include "base/random.h"
#include "llm/llm_test_support.h"

namespace logsieve {
namespace {

using nlohmann::json;

const std::vector<std::string> kOneId = {"k7f2"};

ItemAnswer parse_content(const std::string& content) {
  const ParsedReply reply = parse_reply(fake::completion_body(content), kOneId, test_labels());
  if (reply.kind == ReplyKind::kAnswers) return reply.items.at(0);
  EXPECT_EQ(reply.kind, ReplyKind::kInvalid) << content;
  EXPECT_TRUE(reply.items.empty());
  return {AnswerKind::kInvalid, kNoLabel, reply.problem};
}

ReplyKind kind_of(const std::string& body) {
  return parse_reply(body, kOneId, test_labels()).kind;
}

TEST(ParseReply, TakesALabelOfTheSet) {
  const LabelSet labels = test_labels();
  for (const std::string& name : labels.names()) {
    const ItemAnswer answer = parse_content(json{{"label", name}}.dump());
    EXPECT_EQ(answer.kind, AnswerKind::kLabel);
    EXPECT_EQ(labels.name(answer.label), name);
    EXPECT_EQ(answer.problem, "");
  }
}

TEST(ParseReply, AllowsWhiteSpaceOtherMembersAndOneCodeFence) {
  const LabelId expected = test_labels().find("User Action");
  for (const char* content :
       {R"({"label":"User Action"})", "\n { \"label\" : \"User Action\" } \n",
        R"({"label":"  User Action\n"})", R"({"why":"a user acts","label":"User Action","sure":0.9})",
        "```json\n{\"label\":\"User Action\"}\n```", "```\n{\"label\":\"User Action\"}```",
        "{\"label\":\"User\\u0020Action\"}"}) {
    const ItemAnswer answer = parse_content(content);
    EXPECT_EQ(answer.kind, AnswerKind::kLabel) << content;
    EXPECT_EQ(answer.label, expected) << content;
  }
}

TEST(ParseReply, TellsAbstainingFromAnswering) {
  EXPECT_EQ(parse_content(R"({"label":"Unclassified"})").kind, AnswerKind::kNoneFits);
  EXPECT_EQ(parse_content(R"({"label":" Unclassified "})").kind, AnswerKind::kNoneFits);
  EXPECT_EQ(parse_content(R"({"label":"unclassified"})").kind, AnswerKind::kInvalid);
}

TEST(ParseReply, RefusesEveryOtherContent) {
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
    const ItemAnswer answer = parse_content(content);
    EXPECT_TRUE(answer.kind == AnswerKind::kInvalid || answer.kind == AnswerKind::kMissing) << content;
    EXPECT_EQ(answer.label, kNoLabel) << content;
    EXPECT_NE(answer.problem, "") << content;
  }
}

TEST(ParseReply, RefusesContentThatIsNoText) {
  for (const char* message : {R"({"content":null})", R"({})", R"({"content":7})", R"({"content":["x"]})",
                              R"({"content":{"label":"User Action"}})",
                              R"({"content":"{\"label\":\"User Action\"}","refusal":"I cannot"})"}) {
    const std::string body = std::string(R"({"choices":[{"message":)") + message + "}]}";
    EXPECT_EQ(kind_of(body), ReplyKind::kInvalid) << body;
  }
}

TEST(ParseReply, SaysWhenTheAnswerWasCut) {
  const std::string body = fake::completion_body(R"({"label":"User Action"})", "length");
  EXPECT_EQ(kind_of(body), ReplyKind::kCut);
  EXPECT_EQ(kind_of(fake::completion_body("", "length")), ReplyKind::kCut);
}

TEST(ParseReply, TellsAnEndpointThatSpeaksSomethingElse) {
  for (const char* body :
       {"", "<html>hello</html>", "null", "[]", "{}", R"({"choices":[]})", R"({"choices":{}})",
        R"({"choices":[3]})", R"({"choices":[{}]})", R"({"choices":[{"message":"User Action"}]})",
        R"({"error":{"message":"no"}})", R"({"choices":[{"message":{"content":"x"}}],"choices":[]})",
        R"({"label":"User Action"})"}) {
    EXPECT_EQ(kind_of(body), ReplyKind::kMalformed) << body;
  }
  EXPECT_EQ(kind_of(std::string(100'000, '[')), ReplyKind::kMalformed);
}

TEST(ParseReply, QuotesAStrangeLabelWithoutItsControlBytes) {
  const ItemAnswer answer = parse_content(R"({"label":"\u001b]0;owned\u0007"})");
  EXPECT_EQ(answer.kind, AnswerKind::kInvalid);
  EXPECT_EQ(answer.problem.find('\x1b'), std::string::npos);
  EXPECT_NE(answer.problem.find("owned"), std::string::npos);
}

class BatchReply : public ::testing::Test {
 protected:
  ParsedReply parse(const fake::Answers& answers) {
    return parse_reply(fake::answers_reply(answers).body, ids_, labels_);
  }
  std::string label(const ParsedReply& reply, std::size_t i) {
    return std::string(labels_.name(reply.items[i].label));
  }

  LabelSet labels_ = test_labels();
  std::vector<std::string> ids_ = {"a111", "b222", "c333"};
};

TEST_F(BatchReply, MatchesById) {
  const ParsedReply reply = parse({{"c333", "Error"}, {"a111", "User Action"}, {"b222", "Unclassified"}});
  ASSERT_EQ(reply.kind, ReplyKind::kAnswers);
  EXPECT_EQ(label(reply, 0), "User Action");
  EXPECT_EQ(reply.items[1].kind, AnswerKind::kNoneFits);
  EXPECT_EQ(label(reply, 2), "Error");
  EXPECT_EQ(reply.strangers, 0U);
}

TEST_F(BatchReply, TellsMissingStrangeAndContradictingAnswersApart) {
  const ParsedReply reply = parse({{"a111", "Error"},
                                   {"zzzz", "Error"},
                                   {"A111", "User Action"},
                                   {"b222", "Error"},
                                   {"b222", "User Action"},
                                   {"b222", "Error"},
                                   {"a111", "Error"}});
  EXPECT_EQ(label(reply, 0), "Error") << "said twice alike";
  EXPECT_EQ(reply.items[1].kind, AnswerKind::kInvalid) << "said twice differently";
  EXPECT_EQ(reply.items[2].kind, AnswerKind::kMissing);
  EXPECT_EQ(reply.strangers, 2U);
}

TEST_F(BatchReply, OneBadLabelSpoilsNoOther) {
  const ParsedReply reply = parse({{"a111", "error"}, {"b222", "User Action"}, {"c333", "\xD0\x95rror"}});
  EXPECT_EQ(reply.items[0].kind, AnswerKind::kInvalid);
  EXPECT_EQ(label(reply, 1), "User Action");
  EXPECT_EQ(reply.items[2].kind, AnswerKind::kInvalid);
}

TEST_F(BatchReply, NeedsIdsWhereSeveralWereAsked) {
  for (const char* content : {R"({"label":"Error"})", R"({"id":"a111","label":"Error"})",
                              R"({"a111":"Error"})", R"({"answers":{"a111":"Error"}})"})
    EXPECT_EQ(parse_reply(fake::completion_body(content), ids_, labels_).kind, ReplyKind::kInvalid)
        << content;
  for (const char* content : {R"({"answers":["Error","Error","Error"]})", R"([{"label":"Error"}])",
                              R"({"answers":[]})", R"({"answers":[{"id":1,"label":"Error"}]})"}) {
    const ParsedReply reply = parse_reply(fake::completion_body(content), ids_, labels_);
    ASSERT_EQ(reply.kind, ReplyKind::kAnswers) << content;
    for (const ItemAnswer& item : reply.items) EXPECT_EQ(item.kind, AnswerKind::kMissing) << content;
  }
}

TEST_F(BatchReply, TakesAListWithoutItsObject) {
  const ParsedReply reply =
      parse_reply(fake::completion_body(R"([{"id":"b222","label":"Error"}])"), ids_, labels_);
  ASSERT_EQ(reply.kind, ReplyKind::kAnswers);
  EXPECT_EQ(label(reply, 1), "Error");
}

TEST_F(BatchReply, ReadsWhatItCostAndTakesNoNonsenseForIt) {
  const auto usage_of = [&](const std::string& usage) {
    return parse_reply(R"({"choices":[{"message":{"content":"[]"}}],"usage":)" + usage + "}", ids_, labels_)
        .usage;
  };
  const auto usage = usage_of(
      R"({"prompt_tokens":900,"completion_tokens":70,"prompt_tokens_details":{"cached_tokens":512}})");
  ASSERT_TRUE(usage);
  EXPECT_EQ(usage->input, 900U);
  EXPECT_EQ(usage->cached, 512U);
  EXPECT_EQ(usage->output, 70U);
  EXPECT_EQ(
      usage_of(R"({"prompt_tokens":9,"completion_tokens":7,"prompt_tokens_details":{"cached_tokens":512}})")
          ->cached,
      9U);
  for (const char* bad :
       {"null", "{}", "[]", R"({"prompt_tokens":1})", R"({"prompt_tokens":-1,"completion_tokens":1})",
        R"({"prompt_tokens":1e300,"completion_tokens":1})", R"({"prompt_tokens":"1","completion_tokens":1})",
        R"({"prompt_tokens":18446744073709551615,"completion_tokens":1})"})
    EXPECT_FALSE(usage_of(bad)) << bad;
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
    const std::vector<std::string> keys = {"label", "label", "label", "Label", "why", "answer"};
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

TEST(ParseReply, NeverGivesALabelThatTheReplyDoesNotSpell) {
  const LabelSet labels = test_labels();
  RandomReply replies(3);
  std::size_t answered = 0;
  for (int round = 0; round < 30'000; ++round) {
    const std::string body = replies.next();
    const ParsedReply parsed = parse_reply(body, kOneId, labels);
    const ItemAnswer answer = parsed.items.empty() ? ItemAnswer{} : parsed.items[0];
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
