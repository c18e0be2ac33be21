#include "training/discover/certification.h"

#include <algorithm>
#include <gtest/gtest.h>
#include <re2/re2.h>

#include "rules/rule_checks.h"
#include "training/discover/unlabelled_lines.h"

namespace logsieve {
namespace {

constexpr const char* kDoor =
    "  - {name: door, label: Door, pattern: '^the door (?P<n>\\d+) was opened$', match: the door 9 was "
    "opened}\n";

RuleBook book_of(const std::string& rules) {
  auto book = RuleBook::parse("rules:\n" + rules, "test");
  EXPECT_TRUE(book) << render(book.error());
  return std::move(*book);
}

LabelledData data_of(const std::vector<std::pair<std::string, std::string>>& lines) {
  LabelledData data;
  std::vector<std::string> names;
  for (const auto& line : lines) names.push_back(line.second);
  data.labels = LabelSet(names);
  for (const auto& [message, label] : lines)
    data.lines.push_back({message, "", "", data.labels.find(label), 0});
  data.sha256 = "f00d";
  fold_to_forms(data);
  return data;
}

CertifiedBook certified(const RuleBook& book, const LabelledData& data,
                        LabelledBy labelled_by = LabelledBy::kData) {
  const auto review = review_book(book, &data);
  EXPECT_TRUE(review);
  auto out = certify_book(book, data, labelled_by, *review);
  EXPECT_TRUE(out);
  return std::move(*out);
}

// The reason and the text for the only rule that is not proved.
std::pair<std::string, std::string> doubt(const CertifiedBook& book) {
  EXPECT_EQ(book.unproved.size(), 1U);
  if (book.unproved.empty()) return {};
  EXPECT_EQ(book.unproved[0].kind, FindingKind::kUnproved);
  EXPECT_FALSE(book.unproved[0].is_grave);
  return {book.unproved[0].detail, book.unproved[0].sample};
}

TEST(CertifyBook, GivesAProvedRuleItsCertificateAndNearMisses) {
  LabelledData data = data_of({{"the door 1 was opened", "Door"},
                               {"the door 2 was opened", "Door"},
                               {"the door 2 was opened", "Door"},
                               {"the lamp 3 is dark", "Lamp"}});
  data.lines[1].timestamp = "2025-06-30 14:48:07";
  const CertifiedBook out = certified(book_of(kDoor), data);
  EXPECT_EQ(out.certified, 1U);
  EXPECT_TRUE(out.unproved.empty());
  const Rule& rule = out.book.rules()[0];
  ASSERT_TRUE(rule.certificate);
  EXPECT_EQ(rule.certificate->messages, 2U);
  EXPECT_EQ(rule.certificate->lines, 3U);
  EXPECT_EQ(rule.certificate->forms, 1U);
  EXPECT_EQ(rule.certificate->other_messages, 1U);
  EXPECT_EQ(rule.certificate->held_out, 0U);
  // Wilson: n / (n + z^2) for n right of n, z = 1.96; rounded down.
  EXPECT_DOUBLE_EQ(rule.certificate->precision_bound, 0.3423);
  EXPECT_EQ(rule.certificate->data_sha256, "f00d");
  EXPECT_EQ(rule.certificate->until, "2025-06-30 14:48:07");
  EXPECT_FALSE(rule.certificate->is_labelled_by_book);
  EXPECT_EQ(rule.match, std::vector<std::string>{"the door 9 was opened"});
  EXPECT_EQ(rule.no_match, (std::vector<std::string>{"the door 9 was opened not", "no the door 9 was opened",
                                                     "the door 9 was ", "the door 9x was opened"}));
}

TEST(CertifyBook, ChangesNothingTheSecondTime) {
  const LabelledData data = data_of({{"the door 1 was opened", "Door"}, {"the lamp 3 is dark", "Lamp"}});
  const CertifiedBook once = certified(book_of(kDoor), data);
  EXPECT_EQ(certified(once.book, data).book.to_yaml(), once.book.to_yaml());
}

TEST(CertifyBook, TakesACertificateBackWhereDataBreaksIt) {
  const RuleBook before = certified(book_of(kDoor), data_of({{"the door 1 was opened", "Door"}})).book;
  ASSERT_TRUE(before.rules()[0].certificate);
  const CertifiedBook after =
      certified(before, data_of({{"the door 1 was opened", "Door"}, {"the door 7 was opened", "Alarm"}}));
  EXPECT_EQ(after.certified, 0U);
  EXPECT_FALSE(after.book.rules()[0].certificate);
  EXPECT_EQ(after.book.rules()[0].no_match, before.rules()[0].no_match);
  EXPECT_EQ(doubt(after),
            (std::pair<std::string, std::string>("matches lines of other labels", "the door 7 was opened")));
}

TEST(CertifyBook, KeepsACertificateOfWhichTheDataSaysNothing) {
  const RuleBook before = certified(book_of(kDoor), data_of({{"the door 1 was opened", "Door"}})).book;
  LabelledData lamps = data_of({{"the lamp 3 is dark", "Lamp"}});
  lamps.sha256 = "beef";
  const CertifiedBook after = certified(before, lamps);
  EXPECT_EQ(after.certified, 1U);
  EXPECT_EQ(after.kept, 1U);
  EXPECT_EQ(after.book.to_yaml(), before.to_yaml());
  // Labels that people gave prove more than those of the book.
  LabelledData log = data_of({{"the door 1 was opened", "Door"}, {"the door 2 was opened", "Door"}});
  log.sha256 = "beef";
  const CertifiedBook again = certified(before, log, LabelledBy::kBook);
  EXPECT_EQ(again.kept, 1U);
  EXPECT_EQ(again.book.to_yaml(), before.to_yaml());
  EXPECT_EQ(certified(before, log).book.rules()[0].certificate->messages, 2U);
}

TEST(CertifyBook, KeepsNoCertificateThatItsOwnDataContradicts) {
  const RuleBook before = certified(book_of(kDoor), data_of({{"the door 1 was opened", "Door"}})).book;
  const LabelledData same = data_of({{"the lamp 3 is dark", "Lamp"}});
  ASSERT_EQ(same.sha256, before.rules()[0].certificate->data_sha256);
  EXPECT_EQ(certified(before, same).certified, 0U);
}

TEST(CertifyBook, LeavesOutNearMissesThatNoBookCanHold) {
  const std::string line = "the door " + std::string(kMaxSampleBytes - 20, '7') + " was opened";
  const CertifiedBook out = certified(
      book_of("  - {name: door, label: Door, pattern: '^the door (?P<n>\\d+) was opened$', match: " + line +
              "}\n"),
      data_of({{line, "Door"}}));
  EXPECT_EQ(out.certified, 1U);
  EXPECT_TRUE(out.book.rules()[0].no_match.empty());
}

TEST(CertifyBook, ProvesNoMoreThanABookCanHold) {
  std::string rules;
  std::vector<std::pair<std::string, std::string>> lines;
  const std::string tail(60'000, 'x');
  for (int i = 0; i < 40; ++i) {
    const std::string word{static_cast<char>('a' + i / 26), static_cast<char>('a' + i % 26)};
    lines.emplace_back("the door " + word + " was opened " + tail, "Door");
    rules += "  - {name: r" + word + ", label: Door, pattern: '^the door " + word +
             " was opened x+$', match: '" + lines.back().first + "'}\n";
  }
  const CertifiedBook out = certified(book_of(rules), data_of(lines));
  EXPECT_GT(out.certified, 5U);
  EXPECT_LT(out.certified, 40U);
  EXPECT_EQ(out.unproved.back().detail, "with its certificate the book would be larger than a book may be");
  EXPECT_LE(out.book.to_yaml().size(), kMaxBookBytes);
  EXPECT_EQ(out.book.rules().size(), 40U);
}

TEST(CertifyBook, SaysWhyARuleIsNotProved) {
  const struct {
    const char* rule;
    const char* reason;
    const char* witness;
  } cases[] = {
      {"{name: r, label: Door, pattern: '^door (?P<n>\\d+)$', match: door 1}",
       "fewer than 8 letters or 2 words that never change", ""},
      {"{name: r, label: Door, pattern: 'the door (?P<n>\\d+) was opened', match: the door 1 was opened}",
       "matches a near miss", "the door 1 was opened not"},
      {"{name: r, label: Door, pattern: '^the door (?P<n>[a-z]+) was opened$', match: the door x was opened}",
       "matches no line of its label", ""},
      {"{name: r, label: Gate, pattern: '^the gate (?P<n>\\d+) was opened$', match: the gate 1 was opened}",
       "matches no line of its label", ""},
      {"{name: r, label: Lamp, pattern: '^the door (?P<n>\\d+) was opened$', match: the door 4 was opened}",
       "matches lines of other labels", "the door 1 was opened"},
      {"{name: r, label: Door, pattern: '^the door (?P<n>\\pL{1,20}) was opened$', match: the door x was "
       "opened}",
       "larger than an automaton should be", ""},
  };
  const LabelledData data = data_of({{"the door 1 was opened", "Door"}, {"the lamp 3 is dark", "Lamp"}});
  for (const auto& wanted : cases) {
    const CertifiedBook out = certified(book_of("  - " + std::string(wanted.rule) + "\n"), data);
    EXPECT_EQ(doubt(out), (std::pair<std::string, std::string>(wanted.reason, wanted.witness)));
    EXPECT_FALSE(out.book.rules()[0].certificate);
  }
}

TEST(CertifyBook, ProvesNeitherOfTwoRulesThatContradict) {
  // No line of the data fits both, but a text does.
  const CertifiedBook out = certified(
      book_of(
          "  - {name: a, label: In, pattern: '^user (?P<w>[a-z]+) logged in$', match: user kim logged in}\n"
          "  - {name: b, label: Root, pattern: '^user (?P<w>root|admin) logged in$', match: user root logged "
          "in}\n"),
      data_of({{"user kim logged in", "In"}}));
  ASSERT_EQ(out.unproved.size(), 2U);
  for (const RuleFinding& finding : out.unproved) {
    EXPECT_EQ(finding.detail, "a text fits it and a rule of another label");
    EXPECT_EQ(finding.other, finding.rule == "a" ? "b" : "a");
    for (const Rule& rule : out.book.rules())
      EXPECT_TRUE(RE2::PartialMatch(finding.sample, RE2(rule.pattern)));
  }
}

TEST(CertifyBook, ProvesNoRuleThatIsHidden) {
  const CertifiedBook out = certified(
      book_of(std::string(kDoor) + "  - {name: again, label: Door, pattern: "
                                   "'^the door (?P<n>[0-9]) was opened$', match: the door 3 was opened}\n"),
      data_of({{"the door 1 was opened", "Door"}}));
  EXPECT_EQ(out.certified, 1U);
  EXPECT_EQ(doubt(out).first, "a rule before it decides all its samples");
  EXPECT_EQ(out.unproved[0].other, "door");
}

TEST(CertifyBook, TriesARuleOfOneSourceOnItsLinesOnly) {
  LabelledData data = data_of({{"the door 1 was opened", "Door"}, {"the door 7 was opened", "Alarm"}});
  data.lines[0].source = "house";
  data.lines[1].source = "fort";
  const std::string rule(kDoor);
  EXPECT_EQ(certified(book_of(rule), data).certified, 0U);
  const CertifiedBook out = certified(book_of(rule.substr(0, rule.size() - 2) + ", source: house}\n"), data);
  EXPECT_EQ(out.certified, 1U);
  EXPECT_EQ(out.book.rules()[0].certificate->other_messages, 0U);
}

TEST(CertifyBook, SaysWhereTheBookItselfNamedTheLines) {
  const RuleBook book =
      book_of(std::string(kDoor) +
              "  - {name: lamp, label: Lamp, pattern: '^the lamp (?P<n>\\d+) is dark$', match: "
              "the lamp 1 is dark}\n");
  LabelledData data = data_of({{"the door 1 was opened", "x"},
                               {"the lamp 3 is dark", "x"},
                               {"the lamp 4 is dark", "x"},
                               {"nobody is here", "x"}});
  const auto unknown = label_by_book(book, data);
  ASSERT_TRUE(unknown);
  EXPECT_EQ(*unknown, 1U);
  const CertifiedBook out = certified(book, data, LabelledBy::kBook);
  ASSERT_EQ(out.certified, 2U);
  EXPECT_EQ(out.book.rules()[0].certificate->other_messages, 2U);
  EXPECT_EQ(out.book.rules()[1].certificate->messages, 2U);
  for (const Rule& rule : out.book.rules()) EXPECT_TRUE(rule.certificate->is_labelled_by_book);
  EXPECT_NE(out.book.to_yaml().find("labelled_by: book"), std::string::npos);
}

}  // namespace
}  // namespace logsieve
