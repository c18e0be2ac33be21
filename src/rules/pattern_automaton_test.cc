#include "rules/pattern_automaton.h"

#include <gtest/gtest.h>
#include <re2/re2.h>

#include "rules/rule_book.h"

namespace logsieve {
namespace {

OverlapResult overlap_of(const std::string& a, const std::string& b) {
  const auto automaton_a = PatternAutomaton::make(a);
  const auto automaton_b = PatternAutomaton::make(b);
  if (!automaton_a || !automaton_b) return {};
  return find_overlap(a, *automaton_a, b, *automaton_b);
}

TEST(PatternOverlap, IsNoneWhereNoTextFitsBoth) {
  const std::vector<std::pair<std::string, std::string>> pairs = {
      {"^User \\d+ logged in$", "^User \\d+ logged out$"},
      {"^abc", "^abd"},
      {"^a{3}$", "^a{4,6}$"},
      {"^[a-f]+$", "^[g-z]+$"},
      {"x$", "y$"},
      {"^(?:red|green) light$", "^(?:blue|amber) light$"},
      {"^\\d+$", "^\\pL+$"},
      {"^(?i:abc)$", "^abd$"},
      {"^(?i:user) root$", "^user ROOT$"},
      {"^(?:(?i)a|b)c$", "^[AB]C$"},
  };
  for (const auto& [a, b] : pairs) EXPECT_EQ(overlap_of(a, b).overlap, Overlap::kNone) << a << "  " << b;
}

TEST(PatternOverlap, ShowsATextThatBothMatch) {
  const std::vector<std::pair<std::string, std::string>> pairs = {
      {"^User \\S+ logged (?:in|out)$", "^User \\w+ logged out$"},
      {"^a{3,5}$", "^a{5,6}$"},
      {"error", "^disk"},
      {"error", "disk"},
      {"^(?i)ABC", "abc$"},
      {"^*abc", "^xabc$"},
      {"abc\\Q$", "^abc\\$x$"},
      {"\\A{0,1}abc", "^xabc$"},
      {"^[^x]+$", "^\\d\\d:\\d\\d$"},
      {"^(?i)user (?-i:bar) in$", "^user (?P<w>[a-z]+) IN$"},
      {"^(?i)(?-i:user) bar in$", "^user BAR in$"},
      {"^(?i)\xC5\xBF"
       "am in$",
       "^(?P<w>[a-z]+) in$"},
      {"^(?i)\xE2\x84\xAA"
       "im$",
       "^(?P<w>[a-z]+)$"},
      {"^(?P<user>[a-z]+)@(?P<host>[a-z.]+)$", "^root@"},
  };
  for (const auto& [a, b] : pairs) {
    const OverlapResult result = overlap_of(a, b);
    ASSERT_EQ(result.overlap, Overlap::kFound) << a << "  " << b;
    EXPECT_TRUE(RE2::PartialMatch(result.witness, a)) << a << "  " << result.witness;
    EXPECT_TRUE(RE2::PartialMatch(result.witness, b)) << b << "  " << result.witness;
  }
}

TEST(PatternOverlap, LeavesOpenWhatItCannotKnow) {
  EXPECT_EQ(overlap_of("^\\Bx$", "^x$").overlap, Overlap::kUndecided);
  EXPECT_EQ(overlap_of("\\C", "^x$").overlap, Overlap::kUndecided);
  EXPECT_EQ(overlap_of("^\\Qok\\E+$", "^okkk$").overlap, Overlap::kUndecided);
}

// Oracle: on all short texts over a small alphabet, two patterns have a text in common if any text shows it.
TEST(PatternOverlap, AgreesWithTryingAllShortTexts) {
  Random random(7);
  const std::vector<std::string> atoms = {"a",        "b",  "[ab]", "[^a]",      ".",
                                          "(?:ab|b)", "a?", "b*",   "(?:a|bb)+", "b{2}"};
  std::vector<std::string> texts = {""};
  for (std::size_t i = 0; i < texts.size() && texts.size() < 3000; ++i)
    for (const char c : {'a', 'b', 'c'}) texts.push_back(texts[i] + c);
  const auto random_pattern = [&] {
    std::string pattern = random.below(2) == 0 ? "^" : "";
    const std::size_t length = 1 + random.below(3);
    for (std::size_t i = 0; i < length; ++i) pattern += atoms[random.below(atoms.size())];
    return pattern + (random.below(2) == 0 ? "$" : "");
  };
  std::size_t disjoint = 0;
  for (int round = 0; round < 400; ++round) {
    const std::string a = random_pattern();
    const std::string b = random_pattern();
    const RE2 re_a(a);
    const RE2 re_b(b);
    bool meets = false;
    for (const std::string& text : texts)
      meets = meets || (RE2::PartialMatch(text, re_a) && RE2::PartialMatch(text, re_b));
    const Overlap found = overlap_of(a, b).overlap;
    EXPECT_EQ(found == Overlap::kNone && meets, false) << a << "  " << b;
    EXPECT_EQ(meets && found != Overlap::kFound, false) << a << "  " << b;
    disjoint += found == Overlap::kNone ? 1 : 0;
  }
  EXPECT_GT(disjoint, 20U);
}

TEST(PatternSamples, MatchEveryRuleOfTheDefaultBook) {
  const auto book =
      RuleBook::load(std::filesystem::path(LOGSIEVE_SOURCE_DIR) / "training/rules/default.yaml");
  ASSERT_TRUE(book);
  std::size_t matched = 0;
  std::size_t all = 0;
  for (const Rule& rule : book->rules()) {
    const auto automaton = PatternAutomaton::make(rule.pattern);
    ASSERT_TRUE(automaton) << rule.name;
    Random random(3);
    const RE2 re2(rule.pattern);
    for (int i = 0; i < 20; ++i, ++all) matched += RE2::PartialMatch(automaton->sample(random), re2) ? 1 : 0;
  }
  // Word borders are taken for granted, so a few miss.
  EXPECT_GT(matched * 10, all * 8) << matched << " of " << all;
}

TEST(PatternAutomaton, RefusesWhatGrowsTooLarge) {
  EXPECT_FALSE(PatternAutomaton::make("(?:(?:[a-z]{30}){30}){30}"));
  EXPECT_FALSE(PatternAutomaton::make("("));
}

}  // namespace
}  // namespace logsieve
