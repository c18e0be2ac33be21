#include "training/discover/rule_judgement.h"

#include <gtest/gtest.h>
#include <utility>

namespace logsieve {
namespace {

LabelledData doors() {
  LabelledData data;
  data.labels = LabelSet({"Door", "Lamp"});
  for (const char* message : {"door 1 opened", "door 2 opened", "lamp 3 dark"})
    data.lines.push_back({message, "", "", message[0] == 'd' ? 0 : 1, 0});
  data.sha256 = "f00d";
  fold_to_forms(data);
  return data;
}

TEST(JudgeRules, TellsWrongLinesAndDropsCertificatesThatTheDataContradicts) {
  auto book = RuleBook::parse(
      "rules:\n"
      "  - {name: door, label: Door, pattern: '^door \\d+', match: door 1, priority: 1,\n"
      "     certificate: {messages: 2, lines: 2, forms: 1, other_messages: 1, data_sha256: f00d}}\n"
      "  - {name: any, label: Door, pattern: '[a-z]', match: a, certificate: {messages: 9, data_sha256: "
      "beef}}\n"
      "  - {name: cat, label: Lamp, pattern: 'cat', match: cat, certificate: {messages: 9, data_sha256: "
      "beef}}\n",
      "test");
  ASSERT_TRUE(book) << render(book.error());
  const auto judged = judge_rules(std::move(*book), doors());
  ASSERT_TRUE(judged);
  EXPECT_TRUE(judged->book.rules()[0].certificate);
  EXPECT_FALSE(judged->book.rules()[1].certificate);
  EXPECT_TRUE(judged->book.rules()[2].certificate);  // the data says nothing of it
  EXPECT_EQ(judged->told, (std::vector<std::string>{
                              "given rules 3 of 3 lines decided, 1 of them wrongly",
                              "            any: 1 of 1 wrong, such as \"lamp 3 dark\", labelled Lamp",
                              "            1 certificate is dropped, as these lines contradict it: any"}));
}

TEST(JudgeRules, SaysNothingOfABookWithoutRules) {
  const auto judged = judge_rules(RuleBook(), doors());
  ASSERT_TRUE(judged);
  EXPECT_TRUE(judged->told.empty());
}

}  // namespace
}  // namespace logsieve
