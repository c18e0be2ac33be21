#include "rules/rule_engine.h"

#include <cstddef>
#include <cstdint>
#include <gtest/gtest.h>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "base/random.h"
#include "rules/rule_book.h"
#include "rules/rule_test_support.h"

namespace logsieve {
namespace {

RuleEngine engine_of(const std::vector<Rule>& rules) {
  auto engine = RuleEngine::compile(book_of(rules));
  EXPECT_TRUE(engine) << render(engine.error());
  return std::move(*engine);
}

std::int32_t match_once(const RuleEngine& engine, std::string_view message, std::string_view source = "") {
  auto scratch = engine.make_scratch();
  return engine.match(message, source, scratch);
}

Rule rule(std::string name, std::string pattern, std::string sample, int priority = 0,
          std::string source = "") {
  return Rule{.name = std::move(name),
              .label = "Error",
              .pattern = std::move(pattern),
              .source = std::move(source),
              .priority = priority,
              .match = {std::move(sample)}};
}

TEST(RuleEngineMatch, AnswersNothingForABookWithoutRules) {
  const RuleEngine engine = engine_of({});
  EXPECT_EQ(match_once(engine, "anything"), -1);
  EXPECT_EQ(match_once(engine, ""), -1);
}

TEST(RuleEngineMatch, PrefersPriorityThenTheOrderOfTheFile) {
  const RuleEngine engine =
      engine_of({rule("late", "disk", "disk"), rule("first", "disk full", "disk full", 5),
                 rule("second", "full", "full", 5), rule("low", "d", "d", -1)});
  EXPECT_EQ(match_once(engine, "disk full"), 1);
  EXPECT_EQ(match_once(engine, "full of disks"), 2);
  EXPECT_EQ(match_once(engine, "disk"), 0);
  EXPECT_EQ(match_once(engine, "d"), 3);
  EXPECT_EQ(match_once(engine, "x"), -1);
}

TEST(RuleEngineMatch, ConsidersRulesOfASourceForThatSourceOnly) {
  const RuleEngine engine =
      engine_of({rule("crm", "closed", "closed", 9, "ModernCRM"),
                 rule("hr", "closed", "closed", 8, "ModernHR"), rule("all", "closed", "closed")});
  EXPECT_EQ(match_once(engine, "closed", "ModernCRM"), 0);
  EXPECT_EQ(match_once(engine, "closed", "ModernHR"), 1);
  EXPECT_EQ(match_once(engine, "closed", "modernhr"), 2);
  EXPECT_EQ(match_once(engine, "closed", ""), 2);
  EXPECT_EQ(match_once(engine, "closed", "ModernHR2"), 2);
}

TEST(RuleEngineMatch, ReadsUtf8AsRe2DoesAndSurvivesWhatIsNone) {
  const RuleEngine engine = engine_of({rule("two", "^t.t$", "tat"),
                                       rule("fold",
                                            "(?i)stra\xC3\x9F"
                                            "e",
                                            "STRA\xC3\x9F"
                                            "E"),
                                       rule("kelvin", "(?i)300 k\\b", "300 K")});
  EXPECT_EQ(match_once(engine, "t\xC3\xA9t"), 0);  // one character of two bytes
  EXPECT_EQ(match_once(engine, "t\xFFt"), -1);     // no character at all
  EXPECT_EQ(match_once(engine,
                       "\xFFstra\xC3\x9F"
                       "e\xFF"),
            1);
  EXPECT_EQ(match_once(engine, "300 \xE2\x84\xAA."), -1);  // \b is ASCII: no word ends after the kelvin sign
  EXPECT_EQ(match_once(engine,
                       "\xC5\xBF"
                       "tra\xC3\x9F"
                       "e"),
            1);  // long s folds to s
}

TEST(RuleEngineMatch, FindsRulesWithoutWords) {
  const RuleEngine engine =
      engine_of({rule("word", "failed [0-9]+", "failed 3"), rule("code", "^[0-9]+ [A-F]$", "17 A")});
  EXPECT_EQ(engine.rules_without_words(), std::vector<std::size_t>{1});
  EXPECT_EQ(match_once(engine, "9999 F"), 1);
  EXPECT_EQ(match_once(engine, "9999 f"), -1);
}

TEST(RuleEngineMatch, TakesNulBytesAndEveryOtherByte) {
  const RuleEngine engine =
      engine_of({rule("after", "tail", "tail"), rule("nul", "a\\x00b", std::string("a\0b", 3))});
  EXPECT_EQ(match_once(engine, std::string_view("\0\0tail\0", 7)), 0);
  EXPECT_EQ(match_once(engine, std::string_view("xa\0bx", 5)), 1);
  EXPECT_EQ(match_once(engine, std::string_view("xa\0\0bx", 6)), -1);
}

TEST(RuleEngineMatch, SearchesSixteenMegabytesToTheEnd) {
  const RuleEngine engine =
      engine_of({rule("tail", "needle [0-9]$", "needle 7"), rule("often", "hay$", "hay")});
  std::string line;
  while (line.size() < (std::size_t{16} << 20U)) line += "needle hay \xC3\xA9 ";
  EXPECT_EQ(match_once(engine, line), -1);
  EXPECT_EQ(match_once(engine, line + "needle 7"), 0);
  EXPECT_EQ(match_once(engine, line + "hay"), 1);
}

TEST(RuleEngineMatch, LeavesNothingBehindForTheNextMessage) {
  const RuleEngine engine =
      engine_of({rule("both", "alpha.*omega", "alpha omega"), rule("odd", "(?i)desk", "desk")});
  auto scratch = engine.make_scratch();
  EXPECT_EQ(engine.match("alpha", "", scratch), -1);
  EXPECT_EQ(engine.match("omega", "", scratch), -1);
  EXPECT_EQ(engine.match("alpha omega", "", scratch), 0);
  EXPECT_EQ(engine.match("", "", scratch), -1);
  EXPECT_EQ(engine.match("de\xC5\xBF\xE2\x84\xAA", "", scratch), 1);
  EXPECT_EQ(engine.match("de", "", scratch), -1);
}

TEST(RuleEngineMatch, GivesTheSameAnswersOnManyThreads) {
  std::vector<Rule> rules;
  for (int i = 0; i < 150; ++i)
    rules.push_back(
        rule("r" + std::to_string(i), "code " + std::to_string(i) + "\\b", "code " + std::to_string(i)));
  const RuleEngine engine = engine_of(rules);
  const auto count_wrong = [&engine](std::size_t& wrong) {
    auto scratch = engine.make_scratch();
    for (int round = 0; round < 20; ++round)
      for (int i = 0; i < 160; ++i)
        if (engine.match("job code " + std::to_string(i) + " done", "", scratch) != (i < 150 ? i : -1))
          ++wrong;
  };
  std::size_t wrong[3] = {};
  {
    std::thread one([&] { count_wrong(wrong[0]); });
    std::thread two([&] { count_wrong(wrong[1]); });
    count_wrong(wrong[2]);
    one.join();
    two.join();
  }
  EXPECT_EQ(wrong[0] + wrong[1] + wrong[2], 0U);
}

TEST(RuleEngineSpans, GivesTheWholeMatchAndTheNamedCaptures) {
  const RuleEngine engine =
      engine_of({rule("login", "(?P<user>\\w+) logged (?:in|(?P<how>out))", "kim logged in")});
  const auto spans = engine.spans(0, "at 9: kim logged in now");
  ASSERT_EQ(spans.size(), 2U);
  EXPECT_EQ(spans[0].name, "");
  EXPECT_EQ(spans[0].begin, 6U);
  EXPECT_EQ(spans[0].end, 19U);
  EXPECT_EQ(spans[1].name, "user");
  EXPECT_EQ(spans[1].begin, 6U);
  EXPECT_EQ(spans[1].end, 9U);
  EXPECT_TRUE(engine.spans(0, "nobody").empty());
}

}  // namespace
}  // namespace logsieve
