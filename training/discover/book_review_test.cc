#include "training/discover/book_review.h"

#include <algorithm>
#include <gtest/gtest.h>
#include <re2/re2.h>

namespace logsieve {
namespace {

RuleBook book_of(const std::string& rules) {
  auto book = RuleBook::parse("rules:\n" + rules, "test");
  EXPECT_TRUE(book) << book.error().message;
  return std::move(*book);
}

BookReview review_of(const RuleBook& book, const LabelledData* data = nullptr) {
  auto review = review_book(book, data);
  EXPECT_TRUE(review);
  return std::move(*review);
}

const RuleFinding* find(const BookReview& review, FindingKind kind, const std::string& rule) {
  for (const RuleFinding& finding : review.findings)
    if (finding.kind == kind && finding.rule == rule) return &finding;
  return nullptr;
}

LabelledData data_of(std::vector<LabelledLine> lines) {
  LabelledData data;
  data.labels = LabelSet({"A", "B"});
  data.lines = std::move(lines);
  fold_to_forms(data);
  return data;
}

TEST(BookReview, FindsNothingInABookWithoutFaults) {
  const BookReview review =
      review_of(book_of("  - {name: in, label: A, pattern: '^user \\d+ in$', match: user 1 in}\n"
                        "  - {name: out, label: B, pattern: '^user \\d+ out$', match: user 1 out}\n"));
  EXPECT_TRUE(review.findings.empty());
  EXPECT_EQ(review.decided_pairs, 1U);
}

TEST(BookReview, ShowsATextForAContradiction) {
  const RuleBook book = book_of(
      "  - {name: any, label: A, pattern: '^user \\S+ (?:in|out)$', match: user kim in}\n"
      "  - {name: root, label: B, pattern: '^user r[a-z]+t o[a-z]+$', match: user ruut off}\n");
  const BookReview review = review_of(book);
  const RuleFinding* finding = find(review, FindingKind::kContradicts, "root");
  ASSERT_NE(finding, nullptr);
  EXPECT_EQ(finding->other, "any");
  for (const Rule& rule : book.rules()) EXPECT_TRUE(RE2::PartialMatch(finding->sample, RE2(rule.pattern)));
  EXPECT_TRUE(finding->is_grave);
}

TEST(BookReview, TellsAnUnreachableRuleFromAShadowedOne) {
  const BookReview review =
      review_of(book_of("  - {name: wide, label: A, pattern: '^job \\d+ (?:done|lost)$', match: job 1 done}\n"
                        "  - {name: inside, label: A, pattern: '^job \\d+ lost$', match: job 2 lost}\n"
                        "  - {name: partly, label: A, pattern: '^job \\d+ [a-z]+$', match: job 3 done}\n"));
  const RuleFinding* unreachable = find(review, FindingKind::kUnreachable, "inside");
  ASSERT_NE(unreachable, nullptr);
  EXPECT_EQ(unreachable->other, "wide");
  EXPECT_NE(find(review, FindingKind::kShadowed, "partly"), nullptr);
  EXPECT_EQ(find(review, FindingKind::kUnreachable, "partly"), nullptr);
}

TEST(BookReview, HeedsPrioritiesAndSources) {
  const BookReview review = review_of(
      book_of("  - {name: wide, label: A, pattern: '^job \\d+ .*$', match: job 1 done}\n"
              "  - {name: first, label: B, priority: 5, pattern: '^job \\d+ lost$', match: job 2 lost}\n"
              "  - {name: elsewhere, label: C, source: X, pattern: '^cup \\d$', match: cup 2}\n"
              "  - {name: other, label: D, source: Y, pattern: '^cup \\d$', match: cup 2}\n"));
  EXPECT_EQ(find(review, FindingKind::kUnreachable, "first"), nullptr);
  ASSERT_NE(find(review, FindingKind::kContradicts, "first"), nullptr);
  EXPECT_NE(find(review, FindingKind::kContradicts, "first")->detail.find("first wins by"),
            std::string::npos);
  EXPECT_FALSE(find(review, FindingKind::kContradicts, "first")->is_grave);
  EXPECT_EQ(find(review, FindingKind::kContradicts, "other"), nullptr);
}

TEST(BookReview, HoldsCertificatesAgainstNewData) {
  const RuleBook book = book_of(
      "  - {name: broken, label: A, pattern: '^pump \\d+ stopped$', match: pump 1 stopped, certificate: "
      "{messages: 9}}\n"
      "  - {name: weaker, label: A, pattern: '^fan \\d+ stopped$', match: fan 1 stopped,"
      " certificate: {messages: 90, precision_bound: 0.95}}\n"
      "  - {name: idle, label: A, pattern: '^belt \\d+ stopped$', match: belt 1 stopped}\n");
  LabelledData data = data_of({{"pump 4 stopped", "", "", 1, 0}, {"fan 4 stopped", "", "", 0, 0}});
  const BookReview review = review_of(book, &data);
  const RuleFinding* broken = find(review, FindingKind::kBrokenCertificate, "broken");
  ASSERT_NE(broken, nullptr);
  EXPECT_EQ(broken->sample, "pump 4 stopped");
  EXPECT_TRUE(broken->is_grave);
  EXPECT_NE(find(review, FindingKind::kWeakerCertificate, "weaker"), nullptr);
  EXPECT_NE(find(review, FindingKind::kNeverFires, "idle"), nullptr);
  EXPECT_EQ(find(review, FindingKind::kNeverFires, "weaker"), nullptr);
}

TEST(BookReview, HoldsACertificateAgainstLinesOfItsSourceOnly) {
  const RuleBook book = book_of(
      "  - {name: pump, label: A, source: hall, pattern: '^pump \\d+ stopped$', match: pump 1 stopped, "
      "certificate: "
      "{messages: 9}}\n");
  LabelledData data = data_of({{"pump 4 stopped", "hall", "", 0, 0}, {"pump 5 stopped", "yard", "", 1, 0}});
  EXPECT_EQ(find(review_of(book, &data), FindingKind::kBrokenCertificate, "pump"), nullptr);
  data.lines[1].source = "hall";
  EXPECT_NE(find(review_of(book, &data), FindingKind::kBrokenCertificate, "pump"), nullptr);
}

TEST(BookReview, TellsARuleThatIsWrongOnLinesThatItDecides) {
  const RuleBook book = book_of(
      "  - {name: wide, label: A, pattern: '^pump', match: pump 1}\n"
      "  - {name: hot, label: B, priority: 1, pattern: '^pump \\d+ is hot$', match: pump 1 is hot}\n");
  LabelledData data = data_of({{"pump 4 stopped", "", "", 0, 0}, {"pump 4 is hot", "", "", 1, 0}});
  EXPECT_EQ(find(review_of(book, &data), FindingKind::kWrong, "wide"), nullptr);
  data.lines.push_back({"pump 5 is cold", "", "", 1, 0});
  fold_to_forms(data);
  const BookReview review = review_of(book, &data);
  const RuleFinding* wrong = find(review, FindingKind::kWrong, "wide");
  ASSERT_NE(wrong, nullptr);
  EXPECT_TRUE(wrong->is_grave);
  EXPECT_EQ(wrong->sample, "pump 5 is cold");
  EXPECT_EQ(find(review, FindingKind::kWrong, "hot"), nullptr);
}

TEST(SwallowedKinds, AreSamplesOfRulesWithoutALabelThatARuleDecides) {
  const auto draft = RuleBook::parse_draft(
      "rules:\n"
      "  - {name: wide, label: A, pattern: '^failed .* from \\d+$', match: failed x from 1}\n"
      "  - {name: user, label: '', pattern: '^failed user \\w+ from \\d+$', match: failed user kim from 2}\n"
      "  - {name: lamp, label: '', pattern: '^lamp$', match: lamp}\n",
      "test");
  ASSERT_TRUE(draft) << render(draft.error());
  const auto findings = swallowed_kinds(draft->book, draft->unlabelled);
  ASSERT_TRUE(findings);
  ASSERT_EQ(findings->size(), 1U);
  EXPECT_EQ((*findings)[0].rule, "wide");
  EXPECT_EQ((*findings)[0].other, "user");
  EXPECT_EQ((*findings)[0].sample, "failed user kim from 2");
  EXPECT_FALSE((*findings)[0].is_grave);
}

TEST(BookReview, NamesTheRuleWithWhichAPairIsOpen) {
  // `\\b` is taken for true by the automata, and RE2 does not confirm the text that they find.
  const BookReview review =
      review_of(book_of("  - {name: a, label: A, pattern: '^x[a-z]{2}\\b[a-z]{2}$|^xabcd$', match: xabcd}\n"
                        "  - {name: b, label: B, pattern: '^xpqr\\b[s-z]$|^xyz1$', match: xyz1}\n"
                        "  - {name: c, label: A, pattern: '^house$', match: house}\n"));
  EXPECT_EQ(review.undecided_with[0], std::optional<std::size_t>(1));
  EXPECT_EQ(review.undecided_with[1], std::optional<std::size_t>(0));
  EXPECT_EQ(review.undecided_with[2], std::nullopt);
}

}  // namespace
}  // namespace logsieve
