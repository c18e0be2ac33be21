// The engine against RE2, rule by rule: real lines, mutated lines, random bytes; the default book and random books.
#include <algorithm>
#include <cctype>
#include <gtest/gtest.h>
#include <re2/re2.h>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/random.h"
#include "rules/rule_book.h"
#include "rules/rule_engine.h"
#include "rules/rule_test_support.h"

namespace logsieve {
namespace {

constexpr std::size_t kRandomBooks = 220;
constexpr std::size_t kLinesPerBook = 130;

// Lines that the shared data may lack, and all there is where it is absent.
const std::vector<std::string>& own_lines() {
  static const std::vector<std::string> kLines = {
      "",
      "kernel: task Sk blocked for more than 120 seconds",
      "\xC3\x89t\xC3\xA9 r\xC3\xA9sum\xC3\xA9: 3 t\xC3\xA2"
      "ches \xE2\x84\xAA"
      "elvin \xC5\xBF"
      "essio\xC5\xBF",
      "first line\nsecond line\n",
      "\na\n\nk\n",
      std::string("before\0after", 12),
      "\xE4\xB8\xAD\xE6\x96\x87 \xCE\xB1\xCE\xB2\xCE\xB3 \xD0\x96 {3} [a] -_-",
      "latin-1 umlaut \xFC and a lone \x80",
      std::string(3000, 'a') + "k" + std::string(3000, '\xFF')};
  return kLines;
}

std::vector<std::string> words_of(const std::vector<std::string>& lines, Random& random) {
  std::vector<std::string> words;
  for (int tries = 0; tries < 400; ++tries) {
    const std::string& line = lines[random.below(lines.size())];
    if (line.empty()) continue;
    const std::string word = line.substr(random.below(line.size()), 1 + random.below(9));
    if (std::all_of(word.begin(), word.end(), [](unsigned char c) { return c >= 0x20 && c < 0x7F; }))
      words.push_back(word);
  }
  return words;
}

std::vector<Rule> random_rules(Random& random, const std::vector<std::string>& words) {
  std::vector<Rule> rules;
  const std::size_t count = 1 + random.below(9);
  while (rules.size() < count) {
    Rule rule = rule_for("rule " + std::to_string(rules.size()), random_pattern(random, words));
    const RE2 re2(rule.pattern, RE2::Quiet);
    if (!re2.ok() || RE2::PartialMatch("", re2)) continue;
    rule.priority = static_cast<int>(random.below(3)) - 1;
    if (random.below(4) == 0) rule.source = random.below(2) == 0 ? "alpha" : "beta";
    // A rule that can match at a bare boundary is refused; those are drawn again.
    if (RuleBook::parse(book_yaml({rule}), "test.yaml")) rules.push_back(std::move(rule));
  }
  return rules;
}

std::string any_line(const std::vector<std::string>& lines, Random& random) {
  switch (random.below(8)) {
    case 0:
      return random_bytes(random);
    case 1:
      return own_lines()[random.below(own_lines().size())];
    case 2:
      return mutated(own_lines()[random.below(own_lines().size())], random);
    case 3:
    case 4:
      return lines[random.below(lines.size())];
    default:
      return mutated(lines[random.below(lines.size())], random);
  }
}

std::string described(const RuleBook& book, std::string_view line) {
  std::string out = "line: " + RE2::QuoteMeta(re2::StringPiece(line.data(), line.size())) + '\n';
  for (const Rule& rule : book.rules())
    out += std::to_string(rule.priority) + ' ' + rule.source + ' ' + rule.pattern + '\n';
  return out;
}

TEST(RuleOracle, RandomBooksMatchLikeRe2RuleByRule) {
  std::vector<std::string> lines = shared_lines();
  if (lines.empty()) lines = own_lines();
  Random random(20240611);
  std::size_t hits = 0;
  std::size_t rules = 0;
  std::size_t without_words = 0;
  for (std::size_t number = 0; number < kRandomBooks; ++number) {
    const RuleBook book = book_of(random_rules(random, words_of(lines, random)));
    const OneByOne oracle(book);
    const auto engine = RuleEngine::compile(book);
    ASSERT_TRUE(engine) << render(engine.error());
    rules += book.rules().size();
    without_words += engine->rules_without_words().size();
    auto scratch = engine->make_scratch();
    for (std::size_t i = 0; i < kLinesPerBook; ++i) {
      const std::string line = any_line(lines, random);
      const std::string source = random.below(2) == 0 ? "alpha" : "gamma";
      const std::int32_t expected = oracle.match(line, source);
      hits += expected >= 0 ? 1 : 0;
      ASSERT_EQ(engine->match(line, source, scratch), expected) << "book " << number << '\n'
                                                                << described(book, line);
    }
  }
  // The comparison means something only if both answers are common, and most rules are found by their words.
  EXPECT_GT(hits, kRandomBooks * kLinesPerBook / 10);
  EXPECT_LT(hits, kRandomBooks * kLinesPerBook * 9 / 10);
  EXPECT_LT(without_words, rules * 6 / 10);
}

TEST(RuleOracle, TheDefaultBookMatchesLikeRe2OnEverySharedLine) {
  const std::vector<std::string> lines = shared_lines();
  if (lines.empty()) GTEST_SKIP() << "no shared data: set LOGSIEVE_SHARED_DIR";
  const auto book = RuleBook::load(std::string(LOGSIEVE_SOURCE_DIR) + "/training/rules/default.yaml");
  ASSERT_TRUE(book) << render(book.error());
  const OneByOne oracle(*book);
  const auto engine = RuleEngine::compile(*book);
  ASSERT_TRUE(engine) << render(engine.error());
  auto scratch = engine->make_scratch();
  Random random(7);
  for (const std::string& line : lines) {
    ASSERT_EQ(engine->match(line, "", scratch), oracle.match(line, "")) << line;
    const std::string changed = mutated(line, random);
    ASSERT_EQ(engine->match(changed, "", scratch), oracle.match(changed, "")) << changed;
  }
}

// Every text of up to 6 characters over an alphabet that has each kind of character, for patterns that have each
// kind of construct: where a line ends, what a word is, what one character is.
TEST(RuleOracle, SmallTextsAreMatchedExhaustively) {
  const std::vector<std::string> patterns = {"^a",         "a$",          "(?m)^a",        "(?m)a$",
                                             "(?m)^a$",    "(?m)a\\n^",   "a\\n$",         "\\ba",
                                             "a\\b",       "a\\B",        "\\Ba",          "\\Aa\\z",
                                             "a.a",        "a.+a",        "a.?a",          "a.{2}a",
                                             "a.{1,3}a",   "a.{2,}a",     "(?s)a.a",       "a[^k]a",
                                             "a\\Wa",      "a\\sa",       "(?i)k",         "(?i)ak",
                                             "(?i)[k]a",   "(?i)a[^k]",   "\xC3\xA9",      "(?i)\xC3\x89",
                                             "\xC3\xA9+a", "[\xC3\xA9]",  "a\\C",          "a\\Ca",
                                             "\\pLa",      "\\PLa",       "(?i)\\x{212a}", "^.$",
                                             "^..$",       "^.{3}$",      "^[^a]*k$",      "a{0}k",
                                             "(?:a|\\b)k", "(?:^|k)a",    "(?:a|k$)",      "(?:^a|k)(?:a$|k)",
                                             "\\b\\b\\ba", "(?:\\b)+a",   "a(?:^|k)",      "a$k|k",
                                             "(?i)\\w\\W", "(?i)[^\\W]a", "(?m)^k.*a$",    "\\x00|ak",
                                             "\\Qa\\Ek",   "a*(?i)?k",    "a{0}(?i)*k",    "(?m)$\\nk"};
  const std::vector<std::string> alphabet = {"a", "k", "\n", " ", "\xC3\xA9", "\xE2\x84\xAA", "\xFF"};
  std::vector<Rule> rules;
  for (const std::string& pattern : patterns) rules.push_back(rule_for("rule " + pattern, pattern));
  std::vector<std::string> texts = {""};
  for (std::size_t begin = 0, length = 0; length < 5; ++length)
    for (const std::size_t end = texts.size(); begin < end; ++begin)
      for (const std::string& letter : alphabet) texts.push_back(texts[begin] + letter);
  for (const Rule& rule : rules) {
    const RuleBook book = book_of({rule});
    const OneByOne oracle(book);
    const auto engine = RuleEngine::compile(book);
    ASSERT_TRUE(engine) << render(engine.error());
    auto scratch = engine->make_scratch();
    for (const std::string& text : texts)
      ASSERT_EQ(engine->match(text, "", scratch), oracle.match(text, "")) << described(book, text);
  }
}

}  // namespace
}  // namespace logsieve
