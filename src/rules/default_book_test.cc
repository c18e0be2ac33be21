// The rule book that is shipped: every rule is proved, and no rule takes another's samples for its own.
#include <algorithm>
#include <gtest/gtest.h>
#include <string>
#include <string_view>
#include <vector>

#include "rules/rule_book.h"
#include "rules/rule_engine.h"

namespace logsieve {
namespace {

Result<RuleBook> default_book() {
  return RuleBook::load(std::string(LOGSIEVE_SOURCE_DIR) + "/training/rules/default.yaml");
}

TEST(DefaultRuleBook, ProvesEveryRuleWithSamples) {
  const auto book = default_book();
  ASSERT_TRUE(book) << render(book.error());
  EXPECT_GE(book->rules().size(), 40U);
  EXPECT_LE(book->rules().size(), 80U);
  for (const Rule& rule : book->rules()) {
    EXPECT_GE(rule.match.size(), 2U) << rule.name;
    EXPECT_GE(rule.no_match.size(), 1U) << rule.name;
    EXPECT_TRUE(rule.source.empty()) << rule.name;
  }
}

// Workflow errors and deprecations take judgement: they belong to the LLM tier.
TEST(DefaultRuleBook, UsesTheLabelsThatNeedNoJudgement) {
  const std::vector<std::string_view> labels = {"HTTP Status", "Security Alert", "System Notification",
                                                "Error",       "Critical Error", "Resource Usage",
                                                "User Action"};
  const auto book = default_book();
  ASSERT_TRUE(book) << render(book.error());
  for (const Rule& rule : book->rules())
    EXPECT_NE(std::find(labels.begin(), labels.end(), rule.label), labels.end())
        << rule.name << ": " << rule.label;
  for (const std::string_view label : labels)
    EXPECT_TRUE(std::any_of(book->rules().begin(), book->rules().end(), [&](const Rule& rule) {
      return rule.label == label;
    })) << label;
}

TEST(DefaultRuleBook, LabelsEverySampleAsItsRuleSays) {
  const auto book = default_book();
  ASSERT_TRUE(book) << render(book.error());
  const auto engine = RuleEngine::compile(*book);
  ASSERT_TRUE(engine) << render(engine.error());
  EXPECT_TRUE(engine->rules_without_words().empty());  // such a rule slows every message
  auto scratch = engine->make_scratch();
  for (const Rule& rule : book->rules())
    for (const std::string& sample : rule.match) {
      const std::int32_t winner = engine->match(sample, "", scratch);
      ASSERT_GE(winner, 0) << sample;
      EXPECT_EQ(book->rules()[static_cast<std::size_t>(winner)].label, rule.label) << sample;
    }
}

// Statements that look like events but are none, or whose label is a matter of judgement.
TEST(DefaultRuleBook, IsSilentOnNegationsSettingsAndHearsay) {
  const auto book = default_book();
  ASSERT_TRUE(book) << render(book.error());
  const auto engine = RuleEngine::compile(*book);
  ASSERT_TRUE(engine) << render(engine.error());
  auto scratch = engine->make_scratch();
  for (const std::string_view line : {"error handler registered",
                                      "0 errors, 0 warnings",
                                      "no errors found",
                                      "retry policy: on timeout retry 3 times",
                                      "watchdog started",
                                      "GET the report from the archive",
                                      "critical section entered",
                                      "password policy loaded",
                                      "authentication backend is ready",
                                      "failed=0 ok=12 changed=1",
                                      "memory leak checker disabled",
                                      "panic button tested",
                                      "disk cache enabled",
                                      "the user may have logged in before",
                                      "no failed login attempts",
                                      "kill timer armed",
                                      "connection refused counter reset to 0",
                                      "timeout set to 30 s",
                                      "exception list updated",
                                      "out of memory handler installed",
                                      "no brute force attack was detected",
                                      "not listening on any port",
                                      "backup failed",
                                      "update to version 2.1 failed",
                                      "account lockout threshold: 5 attempts"}) {
    const std::int32_t winner = engine->match(line, "", scratch);
    EXPECT_EQ(winner, -1) << line << " <- "
                          << book->rules()[static_cast<std::size_t>(std::max(winner, 0))].name;
  }
}

}  // namespace
}  // namespace logsieve
