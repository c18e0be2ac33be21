#include "training/discover/rule_record.h"

#include <gtest/gtest.h>
#include <utility>

namespace logsieve {
namespace {

RuleBook book_of(const std::string& rules) {
  auto book = RuleBook::parse("rules:\n" + rules, "test");
  EXPECT_TRUE(book) << render(book.error());
  return std::move(*book);
}

// Three distinct lines of A that begin with "pump", one of them twice; one of B; one that is Unclassified.
LabelledData pump_data() {
  LabelledData data;
  data.labels = LabelSet({"A", "B"});
  for (const char* message : {"pump 1 stopped", "pump 2 stopped", "pump 2 stopped", "pump 3 is hot"})
    data.lines.push_back({message, "", "", 0, 0});
  data.lines.push_back({"lamp 4 is on", "", "", 1, 0});
  data.lines.push_back({"lamp 5 is off", "", "", kNoLabel, 0});
  data.sha256 = "f00d";
  fold_to_forms(data);
  return data;
}

std::vector<RuleRecord> records_of(const RuleBook& book, const LabelledData& data) {
  auto records = record_rules(book, data);
  EXPECT_TRUE(records);
  return std::move(*records);
}

TEST(RuleRecord, CountsWhatARuleDecidesWronglyAndNotWhatAnotherDecides) {
  const RuleBook book = book_of(
      "  - {name: wide, label: A, pattern: '^[a-z]', match: a}\n"
      "  - {name: lamp, label: B, priority: 2, pattern: '^lamp \\d+ is on', match: lamp 1 is on}\n");
  const auto records = records_of(book, pump_data());
  EXPECT_EQ(records[0].decided, 5U);
  EXPECT_EQ(records[0].wrong, 1U);
  EXPECT_EQ(records[0].first_wrong.message, "lamp 5 is off");
  EXPECT_EQ(records[0].first_wrong.label, "Unclassified");
  EXPECT_EQ(records[1].decided, 1U);
  EXPECT_EQ(records[1].wrong, 0U);
}

TEST(RuleRecord, CountsWhatACertificateStates) {
  const RuleBook book = book_of(
      "  - {name: pump, label: A, pattern: '^pump \\d+ stopped$', match: pump 1 stopped, certificate: "
      "{messages: 2}}\n");
  const RuleCertificate counts = records_of(book, pump_data())[0].counts;
  EXPECT_EQ(counts.messages, 2U);
  EXPECT_EQ(counts.lines, 3U);
  EXPECT_EQ(counts.forms, 1U);
  EXPECT_EQ(counts.other_messages, 2U);
  EXPECT_NEAR(counts.precision_bound, 2.0 / (2.0 + 1.959964 * 1.959964), 1e-6);  // Wilson, all right
}

std::string said_of(RuleCertificate certificate, LabelledBy labelled_by = LabelledBy::kData,
                    const LabelledData& data = pump_data()) {
  const RuleBook book = book_of(
      "  - {name: pump, label: A, pattern: '^pump \\d+ stopped$', match: pump 1 stopped, certificate: "
      "{messages: 2}}\n");
  Rule rule = book.rules()[0];
  rule.certificate = std::move(certificate);
  return contradiction(rule, records_of(book, data)[0], labelled_by);
}

TEST(RuleRecord, HoldsACertificateAgainstTheDataThatItNames) {
  const RuleCertificate right = {2, 3, 1, 2, 0, 0.3423, "f00d"};
  EXPECT_EQ(said_of(right), "");
  RuleCertificate other = right;
  other.other_messages = 1;  // no false claim
  EXPECT_EQ(said_of(other), "");
  for (const auto change : {&RuleCertificate::messages, &RuleCertificate::lines, &RuleCertificate::forms,
                            &RuleCertificate::other_messages}) {
    RuleCertificate wrong = right;
    wrong.*change = 1'000'000;
    EXPECT_NE(said_of(wrong), "");
    EXPECT_EQ(said_of(wrong, LabelledBy::kBook), "");
    wrong.data_sha256 = "beef";
    EXPECT_EQ(said_of(wrong), "");
  }
  // A row labelled Unclassified counts, whether it is a line of the data or a counterexample.
  LabelledData without = pump_data();
  LabelledLine last = without.lines.back();
  without.lines.pop_back();
  fold_to_forms(without);
  EXPECT_NE(said_of(right, LabelledBy::kData, without), "");
  last.label = kNoLabel;
  without.counterexamples.push_back(last);
  EXPECT_EQ(said_of(right, LabelledBy::kData, without), "");
  RuleCertificate sure = right;
  sure.precision_bound = 0.9;
  EXPECT_NE(said_of(sure), "");
}

}  // namespace
}  // namespace logsieve
