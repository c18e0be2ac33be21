#include "rules/required_literals.h"

#include <algorithm>
#include <cctype>
#include <gtest/gtest.h>
#include <re2/re2.h>
#include <string>
#include <string_view>
#include <vector>

#include "base/random.h"
#include "rules/rule_test_support.h"

namespace logsieve {
namespace {

// "a|b & c|d || e": clauses by &, literals by |, alternatives by ||; caseless literals end in /i.
std::string shown(std::string_view pattern) {
  const auto needed = LiteralReader().read(pattern);
  if (!needed) return "unreadable";
  std::string out;
  for (const Clauses& clauses : needed->alternatives) {
    out += out.empty() ? "" : " || ";
    for (const LiteralSet& clause : clauses) {
      out += &clause == &clauses[0] ? "" : " & ";
      for (const Literal& literal : clause)
        out += (&literal == &clause[0] ? "" : "|") + literal.text + (literal.is_caseless ? "/i" : "");
    }
  }
  return out;
}

TEST(RequiredLiterals, AreTheWordsOfThePattern) {
  EXPECT_EQ(shown("disk full"), "disk full");
  EXPECT_EQ(shown("(?i)Disk Full"), "disk full/i");
  EXPECT_EQ(shown("Disk (?i:Full)"), "disk full/i");
  EXPECT_EQ(shown("^session \\d+ closed$"), "session  &  closed");
  EXPECT_EQ(shown("(?:read|write) failed"), "read failed|write failed");
  EXPECT_EQ(shown("[Ff]ailed (?:to )?start"), "Failed start|Failed to start|failed start|failed to start");
  EXPECT_EQ(shown("lock.*(?:wait|spin).*time"), "lock & time & spin|wait");
  EXPECT_EQ(shown("(?:panic)+!"), "panic");
  EXPECT_EQ(shown("(?:panic)*!!!"), "!!!");
  EXPECT_EQ(shown("a\\.b\\x2ec\\Q.*\\E"), "a.b.c.*");
  EXPECT_EQ(shown("disk|tape \\d"), "disk || tape ");
  EXPECT_EQ(shown("user (?:id |name )?\\w+ left"), "user  &  left");
}

TEST(RequiredLiterals, ClaimNothingWhereNothingIsKnown) {
  for (const std::string_view pattern :
       {"\\d+", "ab", "disk|\\d", "(?:disk)?\\d", "[a-z]{3}", ".", "\xC3\xA9\xC3\xA9\xC3\xA9", "(?:a|b|c)d"})
    EXPECT_EQ(shown(pattern), "") << pattern;
}

TEST(RequiredLiterals, KnowTheLeastLengthOfAMatch) {
  const std::vector<std::pair<std::string, bool>> patterns = {
      {"a", true},     {"a?", false},     {"a|", false},  {"\\b", false},     {"(?:a|b{0,2})", false},
      {"a{2}", true},  {"(a*)+", false},  {"^.$", true},  {"\\C", true},      {"a{0}b", true},
      {"(?i)", false}, {"\\Q\\E", false}, {"[^a]", true}, {"(?:^|x)", false}, {"\\pL", true}};
  for (const auto& [pattern, takes_one] : patterns) {
    const auto needed = LiteralReader().read(pattern);
    ASSERT_TRUE(needed) << pattern;
    EXPECT_EQ(needed->min_length > 0, takes_one) << pattern;
  }
}

bool holds(std::string text, const Literal& literal) {
  if (literal.is_caseless)
    for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return text.find(literal.text) != std::string::npos;
}

bool is_satisfied(const Clauses& clauses, const std::string& text) {
  return std::all_of(clauses.begin(), clauses.end(), [&](const LiteralSet& clause) {
    return std::any_of(clause.begin(), clause.end(),
                       [&](const Literal& literal) { return holds(text, literal); });
  });
}

// What RE2 matches holds the words, for patterns out of the grammar and texts made to match them now and then.
TEST(RequiredLiterals, AreHeldByEveryTextThatRe2Matches) {
  Random random(41);
  const std::vector<std::string> words = {"disk", "Task ", "k", "=", "failed", "0x", "a.b", "User"};
  std::size_t proved = 0;
  LiteralReader reader;
  for (int round = 0; round < 1500; ++round) {
    const std::string pattern = random_pattern(random, words);
    const RE2 re2(pattern, RE2::Quiet);
    if (!re2.ok()) continue;
    const auto needed = reader.read(pattern);
    ASSERT_TRUE(needed) << pattern;
    if (needed->alternatives.empty()) continue;
    for (int i = 0; i < 30; ++i) {
      std::string text;
      for (std::size_t parts = 1 + random.below(6); parts > 0; --parts)
        text += words[random.below(words.size())];
      text = mutated(text, random);
      const bool has_odd_fold =
          text.find("\xC5\xBF") != std::string::npos || text.find("\xE2\x84\xAA") != std::string::npos;
      if (!RE2::PartialMatch(text, re2) || (needed->folds_s_or_k && has_odd_fold)) continue;
      ++proved;
      ASSERT_TRUE(std::any_of(needed->alternatives.begin(), needed->alternatives.end(),
                              [&](const Clauses& clauses) { return is_satisfied(clauses, text); }))
          << pattern << "\n"
          << shown(pattern) << "\n"
          << RE2::QuoteMeta(text);
    }
  }
  EXPECT_GT(proved, 200U);
}

}  // namespace
}  // namespace logsieve
