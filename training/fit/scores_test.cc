// Scores against values computed by hand.
#include "training/fit/scores.h"

#include <gtest/gtest.h>
#include <vector>

namespace logsieve {
namespace {

constexpr LabelId kA = 0;
constexpr LabelId kB = 1;
constexpr LabelId kC = 2;

// Truth, answer, confidence, tier: 10 rows, 8 answered, 6 right.
std::vector<ScoredRow> ten_rows() {
  return {{kA, kA, 1.0, Tier::kRule},     {kA, kA, 0.95, Tier::kModel}, {kA, kB, 0.9, Tier::kModel},
          {kA, kNoLabel, 0, Tier::kNone}, {kB, kB, 0.85, Tier::kModel}, {kB, kB, 0.8, Tier::kModel},
          {kB, kNoLabel, 0, Tier::kNone}, {kC, kC, 0.7, Tier::kModel},  {kC, kA, 0.6, Tier::kModel},
          {kC, kC, 1.0, Tier::kRule}};
}

TEST(Scores, CountAnAbstainedRowAsAMissAndAsNobodysFalsePositive) {
  const Scores scores = score(ten_rows());
  EXPECT_EQ(scores.rows, 10U);
  EXPECT_EQ(scores.answered, 8U);
  EXPECT_EQ(scores.right, 6U);
  EXPECT_DOUBLE_EQ(scores.accuracy, 0.6);
  EXPECT_DOUBLE_EQ(scores.answered_accuracy, 0.75);
  EXPECT_DOUBLE_EQ(scores.abstain_rate, 0.2);
  ASSERT_EQ(scores.labels.size(), 3U);
  EXPECT_DOUBLE_EQ(scores.labels[0].precision, 2.0 / 3.0);
  EXPECT_DOUBLE_EQ(scores.labels[0].recall, 0.5);
  EXPECT_DOUBLE_EQ(scores.labels[0].f1, 4.0 / 7.0);
  EXPECT_DOUBLE_EQ(scores.labels[1].f1, 4.0 / 6.0);
  EXPECT_DOUBLE_EQ(scores.labels[2].f1, 4.0 / 5.0);
  EXPECT_DOUBLE_EQ(scores.macro_f1, (4.0 / 7.0 + 4.0 / 6.0 + 4.0 / 5.0) / 3);
}

TEST(Scores, AverageOnlyLabelsWithSupportWhereAsked) {
  const Scores scores = score(ten_rows(), 4);
  EXPECT_DOUBLE_EQ(scores.macro_f1_supported, 4.0 / 7.0);
}

TEST(Scores, GiveEachTierItsCoverageAndWilsonInterval) {
  const Scores scores = score(ten_rows());
  ASSERT_EQ(scores.tiers.size(), 2U);
  EXPECT_EQ(scores.tiers[0].tier, Tier::kRule);
  EXPECT_DOUBLE_EQ(scores.tiers[0].coverage, 0.2);
  EXPECT_DOUBLE_EQ(scores.tiers[0].precision, 1.0);
  EXPECT_EQ(scores.tiers[1].answered, 6U);
  EXPECT_DOUBLE_EQ(scores.tiers[1].precision, 4.0 / 6.0);
}

TEST(WilsonInterval, EqualsPublishedValues) {
  // Newcombe 1998, table I: 81 of 263, 15 of 148, 0 of 20, 1 of 29, method 3.
  EXPECT_NEAR(wilson_interval(81, 263).low, 0.2553, 5e-5);
  EXPECT_NEAR(wilson_interval(81, 263).high, 0.3662, 5e-5);
  EXPECT_NEAR(wilson_interval(15, 148).low, 0.0624, 5e-5);
  EXPECT_NEAR(wilson_interval(15, 148).high, 0.1605, 5e-5);
  EXPECT_NEAR(wilson_interval(0, 20).low, 0.0, 1e-12);
  EXPECT_NEAR(wilson_interval(0, 20).high, 0.1611, 5e-5);
  EXPECT_NEAR(wilson_interval(1, 29).low, 0.0061, 5e-5);
  EXPECT_NEAR(wilson_interval(1, 29).high, 0.1718, 5e-5);
  EXPECT_EQ(wilson_interval(0, 0).low, 0.0);
  EXPECT_EQ(wilson_interval(0, 0).high, 1.0);
}

TEST(Coverage, TakesTheMostConfidentAnswersDownToTheWantedPrecision) {
  std::vector<ScoredRow> rows(200, ScoredRow{kA, kA, 0.9, Tier::kModel});
  for (std::size_t i = 0; i < rows.size(); ++i) rows[i].confidence = 1.0 - static_cast<double>(i) / 1000.0;
  rows[99].answer = kB;   // 99 of the first 100 are right
  rows[150].answer = kB;  // 2 wrong of 151, 2 of 200: 99 % again at the end
  EXPECT_DOUBLE_EQ(coverage_at(rows, 99).share, 1.0);
  rows[199].answer = kB;
  EXPECT_DOUBLE_EQ(coverage_at(rows, 99).share, 150.0 / 200.0);
  EXPECT_DOUBLE_EQ(coverage_at(rows, 100).share, 99.0 / 200.0);
}

TEST(Coverage, NeverSplitsEqualConfidences) {
  std::vector<ScoredRow> rows(100, ScoredRow{kA, kA, 0.9, Tier::kModel});
  rows[70].answer = kB;
  rows[71].answer = kB;
  EXPECT_DOUBLE_EQ(coverage_at(rows, 99).share, 0.0);
  EXPECT_GT(coverage_at(rows, 99).threshold, 1.0);
}

TEST(Calibration, ErrorAndBrierByHand) {
  // Two bins of 15: (0.6, 0.667] with one of two right, and 1.0 with two right of two.
  const std::vector<ScoredRow> rows = {{kA, kA, 0.65, Tier::kModel},
                                       {kA, kB, 0.65, Tier::kModel},
                                       {kB, kB, 1.0, Tier::kModel},
                                       {kB, kB, 1.0, Tier::kModel}};
  const Scores scores = score(rows);
  EXPECT_NEAR(scores.ece, 0.5 * 0.15, 1e-12);
  EXPECT_NEAR(scores.brier, (0.35 * 0.35 + 0.65 * 0.65) / 4, 1e-12);
}

TEST(Confusions, AreOrderedByRowsThenLabels) {
  const std::vector<ScoredRow> rows = {{kC, kA, 1, Tier::kModel},        {kB, kA, 1, Tier::kModel},
                                       {kB, kA, 1, Tier::kModel},        {kA, kB, 1, Tier::kModel},
                                       {kA, kNoLabel, 0.5, Tier::kNone}, {kA, kA, 1, Tier::kModel}};
  const auto found = confusions(rows);
  ASSERT_EQ(found.size(), 3U);
  EXPECT_EQ(found[0].truth, kB);
  EXPECT_EQ(found[0].answer, kA);
  EXPECT_EQ(found[0].rows, 2U);
  EXPECT_EQ(found[1].truth, kA);
  EXPECT_EQ(found[2].truth, kC);
}

}  // namespace
}  // namespace logsieve
