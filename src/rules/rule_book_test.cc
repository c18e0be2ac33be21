#include "rules/rule_book.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <string>
#include <string_view>
#include <unistd.h>
#include <vector>

#include "base/random.h"
#include "base/utf8.h"
#include "rules/rule_checks.h"

namespace logsieve {
namespace {

constexpr std::string_view kGoodRule = R"(rules:
  - name: session
    label: User Action
    pattern: '^User \d+ logged in$'
    source: ModernHR
    priority: -3
    match: User 17 logged in
    no_match:
      - User bob logged in
      - users logged in
)";

Result<RuleBook> parse(std::string_view yaml) {
  return RuleBook::parse(yaml, "rules.yaml");
}

// The error of a book that must be refused, with all that came with it, in the order of the file.
std::vector<Error> errors_of(std::string_view yaml) {
  const auto book = parse(yaml);
  if (book) {
    ADD_FAILURE() << "accepted:\n" << yaml;
    return {};
  }
  std::vector<Error> errors{book.error()};
  errors.insert(errors.end(), book.error().others.begin(), book.error().others.end());
  for (const Error& error : errors) EXPECT_EQ(error.code, ErrorCode::kInvalidRule);
  return errors;
}

// A book of one rule, in which `lines` replace or follow the usual ones.
std::string rule_with(std::string_view lines) {
  return "rules:\n  - name: a\n    label: Error\n" + std::string(lines);
}

void expect_one_error(std::string_view yaml, std::size_t line, std::size_t column, std::string_view words) {
  const std::vector<Error> errors = errors_of(yaml);
  ASSERT_EQ(errors.size(), 1U) << render(errors.empty() ? Error{} : errors[0]);
  EXPECT_EQ(errors[0].line, line) << render(errors[0]);
  EXPECT_EQ(errors[0].column, column) << render(errors[0]);
  EXPECT_EQ(errors[0].file, "rules.yaml");
  EXPECT_NE(render(errors[0]).find(words), std::string::npos) << render(errors[0]);
}

TEST(RuleBookParse, ReadsEveryKey) {
  const auto book = parse(kGoodRule);
  ASSERT_TRUE(book) << render(book.error());
  ASSERT_EQ(book->rules().size(), 1U);
  const Rule& rule = book->rules()[0];
  EXPECT_EQ(rule.name, "session");
  EXPECT_EQ(rule.label, "User Action");
  EXPECT_EQ(rule.pattern, R"(^User \d+ logged in$)");
  EXPECT_EQ(rule.source, "ModernHR");
  EXPECT_EQ(rule.priority, -3);
  EXPECT_EQ(rule.match, std::vector<std::string>{"User 17 logged in"});
  EXPECT_EQ(rule.no_match, (std::vector<std::string>{"User bob logged in", "users logged in"}));
  EXPECT_EQ(rule.line, 2U);
}

TEST(RuleBookParse, AcceptsABookWithoutRules) {
  for (const std::string_view yaml : {"rules: []\n", "rules:\n", "# nothing yet\nrules: []"}) {
    const auto book = parse(yaml);
    ASSERT_TRUE(book) << render(book.error());
    EXPECT_TRUE(book->rules().empty());
  }
}

TEST(RuleBookParse, RefusesWhatIsNoRuleBook) {
  for (const std::string_view yaml : {"", "# only words\n", "- a\n", "5\n", "\"rules\"\n"})
    EXPECT_NE(errors_of(yaml)[0].help.find("`rules`"), std::string::npos) << yaml;
  expect_one_error("rules: 5\n", 1, 8, "not a list");
  expect_one_error("rules:\n  name: a\n", 2, 3, "not a list");
  expect_one_error("rules: []\nversion: 2\n", 2, 1, "unknown key \"version\"");
  expect_one_error("rules: []\nrules: []\n", 2, 1, "second time");
}

TEST(RuleBookParse, RejectsARuleThatMissesItsOwnSample) {
  const std::vector<Error> errors =
      errors_of(rule_with("    pattern: ^User \\d+ logged in$\n    match:\n      - User bob logged in\n"));
  ASSERT_EQ(errors.size(), 1U);
  EXPECT_EQ(render(errors[0]),
            "error: rule \"a\" misses its own sample \"User bob logged in\"\n"
            "  --> rules.yaml:4:20\n"
            "   |      pattern: ^User \\d+ logged in$\n"
            "   |                     ^ matched up to here: \"User |bob logged in\"\n"
            "  help: the sample under `match` in line 6 must match the pattern\n");
}

TEST(RuleBookParse, NamesEachSampleThatIsMissed) {
  const std::vector<Error> errors =
      errors_of(rule_with("    pattern: 'a+b'\n    match: [aab, zzz, ab, aac]\n"));
  ASSERT_EQ(errors.size(), 2U);
  EXPECT_NE(errors[0].message.find("\"zzz\""), std::string::npos);
  EXPECT_EQ(errors[0].caret_note, "no part of the pattern matches");
  EXPECT_NE(errors[1].message.find("\"aac\""), std::string::npos);
  EXPECT_EQ(errors[1].caret_note, "matched up to here: \"aa|c\"");
}

TEST(RuleBookParse, RejectsARuleThatMatchesItsNoMatch) {
  expect_one_error(
      rule_with("    pattern: fail(ed|ure)\n    match: it failed\n    no_match: 'no ''failures'''\n"), 6, 21,
      "matches here: \"failure\"");
}

TEST(RuleBookParse, PointsIntoThePatternWhereRe2Complains) {
  expect_one_error(rule_with("    pattern: 'ab(?=c)'\n    match: abc\n"), 4, 17, "no look-around");
  expect_one_error(rule_with("    pattern: '(a)\\1'\n    match: aa\n"), 4, 18, "invalid escape sequence");
  expect_one_error(rule_with("    pattern: '\\\\1(a)\\1'\n    match: aa\n"), 4, 21,
                   "invalid escape sequence");
  expect_one_error(rule_with("    pattern: 'it''s (a\\(|(b)'\n    match: aa\n"), 4, 21, "missing )");
  expect_one_error(rule_with("    pattern: \"\\x41 \\u00e9 [[)]a))\"\n    match: aa\n"), 4, 32,
                   "unexpected )");
  expect_one_error(rule_with("    pattern: x[a-\n    match: aa\n"), 4, 15, "missing ]");
  expect_one_error(rule_with("    pattern: a{1001}\n    match: aa\n"), 4, 15, "repetition");
  expect_one_error(rule_with("    pattern: |\n      (?<=x)a\n    match: aa\n"), 4, 14, "(?<");
}

TEST(RuleBookParse, RejectsPatternsThatMatchWithoutACharacter) {
  for (const std::string_view pattern :
       {"a*", "^", "$", "(a|)", "\\b", "\\B", "(?i)x*\\b", "(?:)", "^.{0,5}$", "(?m)^$"})
    expect_one_error(rule_with("    pattern: '" + std::string(pattern) + "'\n    match: a\n"), 4, 14,
                     "without a single character");
  expect_one_error(rule_with("    pattern: ''\n    match: a\n"), 4, 14, "empty pattern");
}

TEST(RuleBookParse, RejectsRepeatedNamesAndSaysWhereTheFirstStands) {
  const std::string rule = "  - name: a\n    label: Error\n    pattern: x\n    match: x\n";
  expect_one_error("rules:\n" + rule + rule, 6, 11, "first in line 2");
}

TEST(RuleBookParse, RejectsBadNamesAndLabels) {
  expect_one_error("rules: [{name: a, label: Unclassified, pattern: x, match: x}]", 1, 26,
                   "which is no label");
  expect_one_error("rules: [{name: a, label: '', pattern: x, match: x}]", 1, 26, "empty label");
  expect_one_error("rules: [{name: a, label: ' Error', pattern: x, match: x}]", 1, 26, "spaces at its ends");
  expect_one_error("rules: [{name: \"a\\nb\", label: Error, pattern: x, match: x}]", 1, 16, "control");
  expect_one_error(
      "rules: [{name: " + std::string(kMaxNameBytes + 1, 'n') + ", label: E, pattern: x, match: x}]", 1, 16,
      "more than");
}

TEST(RuleBookParse, TellsEmptyLabelsInOneMessage) {
  const std::string rule = "  - {label: '', pattern: '^abc$', match: abc, name: ";
  const std::string yaml = "rules:\n" + rule + "a}\n" + rule + "b}\n" + rule + "c}\n";
  expect_one_error(yaml, 2, 13, "rule \"a\" has an empty label, as 2 more rules have");
  expect_one_error(yaml, 2, 13, "rules check DRAFT");
  expect_one_error("rules:\n  - name: a\n    label:\n    pattern: x\n    match: x\n", 3, 5, "empty label");
}

TEST(RuleBookParseDraft, LeavesOutRulesWithoutALabel) {
  const std::string yaml =
      "rules:\n"
      "  - {name: a, label: '', pattern: '^abc$', match: abc}\n"
      "  - {name: b, label: Error, pattern: '^abd$', match: abd}\n"
      "  - name: c\n    label:\n    pattern: '^abe$'\n    match: abe\n";
  const auto draft = RuleBook::parse_draft(yaml, "draft.yaml");
  ASSERT_TRUE(draft) << render(draft.error());
  EXPECT_EQ(draft->unlabelled.size(), 2U);
  ASSERT_EQ(draft->book.rules().size(), 1U);
  EXPECT_EQ(draft->book.rules()[0].name, "b");
  // What is wrong with rules that have a label, or with YAML, is no draft's business.
  EXPECT_FALSE(RuleBook::parse_draft(yaml + "  - {name: d, label: E, pattern: '^x$', match: y}\n", "x"));
  EXPECT_FALSE(RuleBook::parse_draft("rules:\n  - {name: a, pattern: '^abc$', match: abc}\n", "x"));
  EXPECT_FALSE(RuleBook::parse_draft("rules: [", "x"));
}

TEST(RuleBookParse, ReadsWhoLabelledTheLinesOfACertificate) {
  const std::string rule = "rules:\n  - {name: a, label: E, pattern: '^abc$', match: abc, certificate: {";
  for (const auto& [value, is_book] : {std::pair{"book", true}, std::pair{"data", false}}) {
    const auto book = parse(rule + "messages: 3, labelled_by: " + value + "}}\n");
    ASSERT_TRUE(book) << render(book.error());
    EXPECT_EQ(book->rules()[0].certificate->is_labelled_by_book, is_book);
    const auto again = parse(book->to_yaml());
    ASSERT_TRUE(again);
    EXPECT_EQ(again->rules()[0].certificate->is_labelled_by_book, is_book);
  }
  expect_one_error(rule + "labelled_by: me}}\n", 2, 69, "bad value of \"labelled_by\"");
}

TEST(RuleBookParse, RejectsMissingKeysAndWrongTypes) {
  expect_one_error("rules:\n  - name: a\n", 2, 5, "lacks label, pattern, match");
  expect_one_error("rules:\n  - name:\n    label: E\n    pattern: x\n    match: x\n", 2, 5,
                   "rule 1 lacks name");
  expect_one_error("rules: [a, {name: a, label: E, pattern: x, match: x}]", 1, 9, "rule 1 is not a map");
  expect_one_error(rule_with("    pattern: [x]\n    match: x\n"), 4, 14, "pattern that is no text");
  expect_one_error(rule_with("    pattern: x\n    match: {a: x}\n"), 5, 12, "no text");
  expect_one_error(rule_with("    pattern: x\n    match: []\n"), 5, 12, "no sample");
  expect_one_error(rule_with("    pattern: x\n    match: [x, [x]]\n"), 5, 16, "no text");
  for (const std::string_view bad : {"high", "1.5", "'7 '", "0x10", "99999999999", "+1", "''"})
    expect_one_error(rule_with("    pattern: x\n    match: x\n    priority: " + std::string(bad) + "\n"), 6,
                     15, "no whole number");
}

TEST(RuleBookParse, SuggestsTheKeyThatWasMeant) {
  expect_one_error(rule_with("    pattern: x\n    match: x\n    no-match: y\n"), 6, 5,
                   "did you mean \"no_match\"?");
  expect_one_error(rule_with("    pattern: x\n    match: x\n    severity: 3\n"), 6, 5,
                   "a rule has name, label");
  expect_one_error(rule_with("    pattern: x\n    match: x\n    match: x\n"), 6, 5, "\"match\" twice");
}

TEST(RuleBookParse, ReportsTenDifferentErrorsAtOnceInOrder) {
  const std::vector<Error> errors = errors_of(R"(rules:
  - {name: a, label: Error, pattern: 'x(', match: x}
  - {name: b, label: Error, pattern: x, match: y}
  - {name: c, label: Error, pattern: x, match: x, no_match: axa}
  - {name: a, label: Error, pattern: x, match: x}
  - {name: d, label: Unclassified, pattern: x, match: x}
  - {name: e, label: Error, pattern: 'x*', match: x}
  - {name: f, label: Error, patern: x, pattern: x, match: x}
  - {name: g, label: Error, match: x}
  - {name: h, label: Error, pattern: x, match: x, priority: first}
  - {name: i, label: Error, pattern: '(?<name>x)', match: x}
)");
  ASSERT_EQ(errors.size(), 10U);
  for (std::size_t i = 0; i < errors.size(); ++i) EXPECT_EQ(errors[i].line, i + 2) << render(errors[i]);
  EXPECT_NE(render(parse("rules: [1, 2]").error()).find("2 errors"), std::string::npos);
}

TEST(RuleBookParse, CountsTheErrorsThatItDoesNotShow) {
  std::string yaml = "rules:\n";
  for (int i = 0; i < 250; ++i) yaml += "  - 5\n";
  const std::vector<Error> errors = errors_of(yaml);
  ASSERT_EQ(errors.size(), 101U);
  EXPECT_EQ(errors.back().message, "150 more errors are not shown");
}

TEST(RuleBookParse, ReadsCrLfAndAByteOrderMark) {
  std::string yaml = "\xEF\xBB\xBF" + std::string(kGoodRule);
  for (std::size_t at = 0; (at = yaml.find('\n', at)) != std::string::npos; at += 2)
    yaml.replace(at, 1, "\r\n");
  const auto book = parse(yaml);
  ASSERT_TRUE(book) << render(book.error());
  EXPECT_EQ(book->rules()[0].no_match[1], "users logged in");
  expect_one_error("rules:\r\n  - name: a\r\n    label: E\r\n    pattern: 'x'\r\n    match: y\r\n", 4, 15,
                   "misses");
}

TEST(RuleBookParse, RefusesYamlThatIsMoreThanARuleBookNeeds) {
  expect_one_error("rules: &a []\n", 1, 8, "anchors");
  expect_one_error("rules:\n  - &a {name: a}\n  - *a\n", 2, 5, "anchors");
  expect_one_error("rules: !!seq []\n", 1, 8, "tags");
  expect_one_error("rules: []\n---\nrules: []\n", 2, 1, "second YAML document");
  expect_one_error("rules: [[[[[[[[[[]]]]]]]]]]\n", 1, 15, "levels deep");
  expect_one_error("rules: [{name: \"a, label: b}]\n", 1, 16, "never closed");
  expect_one_error("rules: [{name: 'it''s, label: b}]\n", 1, 16, "never closed");
}

TEST(RuleBookParse, RefusesBytesThatYamlWouldMisread) {
  expect_one_error("rules: []\n# \x04\nx: 1\n", 2, 3, "control byte");
  expect_one_error(std::string("rules: []\n\0x", 12), 2, 1, "control byte");
  expect_one_error("rules: []\n# caf\xE9\n", 2, 6, "not UTF-8");
  expect_one_error("\xFF\xFEr\x01", 1, 1, "not UTF-8");
}

TEST(RuleBookParse, KeepsItsLimits) {
  EXPECT_NE(errors_of(std::string(kMaxBookBytes + 1, '#'))[0].message.find("more than"), std::string::npos);
  expect_one_error(rule_with("    pattern: " + std::string(kMaxPatternBytes + 1, 'x') + "\n    match: x\n"),
                   4, 14, "the limit is");
  expect_one_error(rule_with("    pattern: x\n    match: " + std::string(kMaxSampleBytes + 1, 'x') + "\n"), 5,
                   12, "sample of more than");
  std::string samples = "    match:\n";
  for (std::size_t i = 0; i <= kMaxSamplesPerRule; ++i) samples += "    - x\n";
  expect_one_error(rule_with("    pattern: x\n" + samples), 2, 5, "samples");
  std::string many = "rules:\n";
  for (std::size_t i = 0; i <= kMaxRules; ++i)
    many += "- {name: n" + std::to_string(i) + ", label: E, pattern: x, match: x}\n";
  EXPECT_NE(errors_of(many)[0].message.find("the limit is"), std::string::npos);
}

// 300 KB of one token: yaml-cpp must neither overflow the stack nor take more than moments.
TEST(RuleBookParse, SurvivesEndlessTokens) {
  for (const std::string_view token : {"[",   "{",   "- ",  "? ",  "&a ", "! ",  "\"", "'",     ": ", "a: ",
                                       "[a,", "{a:", "*a,", "-\n", "|",   ">\n", "%",  "---\n", "#",  " "}) {
    std::string yaml = "rules:\n";
    while (yaml.size() < 300'000) yaml += token;
    EXPECT_FALSE(parse(yaml).operator bool() && parse(yaml)->rules().size() > 0) << token;
  }
}

std::string random_text(Random& random) {
  std::string text;
  for (std::size_t length = 1 + random.below(30); length > 0; --length) {
    const char32_t planes[] = {0x7F, 0xFF, 0x2FFF, 0x10FFFF};
    const auto c = static_cast<char32_t>(random.below(planes[random.below(4)] + 1));
    if (c < 0xD800 || c > 0xDFFF) append_utf8(c, text);
    if (random.below(6) == 0) text += "'\"\\: #-{}[]\n"[random.below(11)];
  }
  return "x" + text;
}

TEST(RuleBookToYaml, GivesAnEqualBookForAnyText) {
  Random random(3);
  for (int round = 0; round < 300; ++round) {
    const std::string sample = random_text(random);
    std::string escaped;
    for (const char c : sample) {
      constexpr std::string_view kHex = "0123456789abcdef";
      const auto byte = static_cast<unsigned char>(c);
      const bool is_control = byte < 0x20 || byte == 0x7F;
      if (is_control || c == '"' || c == '\\')
        escaped += {'\\', 'x', kHex[byte >> 4U], kHex[byte & 15U]};
      else
        escaped += c;
    }
    const auto book = parse(
        "rules:\n- {name: a, label: \"l\", pattern: '(?s)^x.*''?', priority: " + std::to_string(round - 150) +
        ", match: [\"" + escaped + "\", x], no_match: \"y\\tz\"}");
    ASSERT_TRUE(book) << render(book.error());
    EXPECT_EQ(book->rules()[0].match[0], sample);
    const auto again = parse(book->to_yaml());
    ASSERT_TRUE(again) << render(again.error()) << book->to_yaml();
    EXPECT_EQ(again->rules()[0].match, book->rules()[0].match) << book->to_yaml();
    EXPECT_EQ(again->rules()[0].no_match, book->rules()[0].no_match);
    EXPECT_EQ(again->rules()[0].pattern, book->rules()[0].pattern);
    EXPECT_EQ(again->rules()[0].priority, book->rules()[0].priority);
    EXPECT_EQ(again->to_yaml(), book->to_yaml());
  }
}

TEST(RuleBookToYaml, KeepsEveryKey) {
  const auto book = parse(kGoodRule);
  ASSERT_TRUE(book);
  const auto again = parse(book->to_yaml());
  ASSERT_TRUE(again) << render(again.error());
  EXPECT_EQ(again->rules()[0].source, "ModernHR");
  EXPECT_EQ(again->rules()[0].priority, -3);
  EXPECT_EQ(parse(RuleBook().to_yaml())->rules().size(), 0U);
}

TEST(RuleBookLoad, ReadsAFileAndNamesItInErrors) {
  const std::filesystem::path file =
      std::filesystem::temp_directory_path() / ("rule_book_test_" + std::to_string(getpid()) + ".yaml");
  std::ofstream(file) << kGoodRule;
  const auto book = RuleBook::load(file);
  std::ofstream(file) << "rules: 5\n";
  const auto bad = RuleBook::load(file);
  std::filesystem::remove(file);
  ASSERT_TRUE(book) << render(book.error());
  ASSERT_FALSE(bad);
  EXPECT_EQ(bad.error().file, file.string());
  const auto missing = RuleBook::load(file);
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code, ErrorCode::kNotFound);
}

}  // namespace
}  // namespace logsieve
