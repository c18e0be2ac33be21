// Curves and weighted scores against values computed by hand and by scikit-learn.
#include "training/evaluate/curves.h"

#include <cmath>
#include <gtest/gtest.h>
#include <vector>

#include "base/random.h"
#include "training/fit/temperature.h"

namespace logsieve {
namespace {

std::vector<ScoredRow> eight_rows() {
  const std::vector<double> confidence = {0.99, 0.95, 0.9, 0.9, 0.8, 0.7, 0.6, 0.5};
  const std::vector<bool> is_right = {true, true, true, false, true, false, true, false};
  std::vector<ScoredRow> rows;
  for (std::size_t i = 0; i < confidence.size(); ++i)
    rows.push_back({0, is_right[i] ? 0 : 1, confidence[i], Tier::kModel});
  return rows;
}

TEST(RiskCoverage, AreaIsTheMeanRiskDownToEachAnswer) {
  // By hand: risks 0, 0, then 1/4 for the two of equal confidence, 1/5, 2/6, 2/7, 3/8.
  EXPECT_NEAR(risk_coverage(eight_rows()).aurc, 0.21175595238095238, 1e-15);
}

TEST(RiskCoverage, StepsTakeTheFirstPrefixThatIsLongEnough) {
  const RiskCoverage curve = risk_coverage(eight_rows());
  ASSERT_EQ(curve.risk.size(), kCoverageSteps);
  EXPECT_DOUBLE_EQ(curve.risk[0], 0.0);
  EXPECT_DOUBLE_EQ(curve.risk[24], 0.0) << "25 % are the first two";
  EXPECT_DOUBLE_EQ(curve.risk[25], 0.25) << "26 % need the two of equal confidence";
  EXPECT_DOUBLE_EQ(curve.risk[99], 3.0 / 8.0);
}

TEST(RiskCoverage, EndsWhereAnswersEnd) {
  std::vector<ScoredRow> rows = eight_rows();
  for (std::size_t i = 4; i < rows.size(); ++i) rows[i].answer = kNoLabel;
  const RiskCoverage curve = risk_coverage(rows);
  EXPECT_EQ(curve.risk.size(), 50U);
  EXPECT_NEAR(curve.aurc, 0.125, 1e-15);
  EXPECT_TRUE(risk_coverage({}).risk.empty());
  EXPECT_EQ(risk_coverage({}).aurc, 0.0);
}

TEST(ReliabilityBins, AddUpToTheCalibrationError) {
  Random random(3);
  std::vector<ScoredRow> rows;
  std::vector<ScoredAnswer> answers;
  for (int i = 0; i < 500; ++i) {
    const double confidence = i < 3 ? static_cast<double>(i) / 2 : random.unit();
    const bool is_right = random.unit() < 0.5 + confidence / 3;
    rows.push_back({0, is_right ? 0 : 1, confidence, Tier::kModel});
    answers.push_back({confidence, is_right});
  }
  rows.push_back({0, kNoLabel, 0.9, Tier::kNone});
  const std::vector<ReliabilityBin> bins = reliability_bins(rows);
  ASSERT_EQ(bins.size(), kCalibrationBins);
  double count = 0.0;
  double gap = 0.0;
  for (const ReliabilityBin& bin : bins) {
    count += bin.answers;
    gap += bin.answers * std::abs(bin.accuracy - bin.confidence);
  }
  EXPECT_DOUBLE_EQ(count, 500.0);
  EXPECT_NEAR(gap / count, calibration_error(answers), 1e-12);
}

// scikit-learn 1.9.1: precision_recall_fscore_support(y, p, sample_weight=w) and accuracy_score(y, p, sample_weight=w).
TEST(WeightedScores, EqualThoseOfScikitLearn) {
  const std::vector<LabelId> y = {0, 0, 0, 0, 1, 1, 1, 2, 2, 2, 2, 1};
  const std::vector<LabelId> p = {0, 0, 1, 0, 1, 1, 2, 2, 2, 0, 2, 1};
  const std::vector<double> w = {.5, .5, 1, 1, .25, .25, .25, .25, 1.0 / 3, 1.0 / 3, 1.0 / 3, 1};
  std::vector<ScoredRow> rows;
  for (std::size_t i = 0; i < y.size(); ++i) rows.push_back({y[i], p[i], 0.9, Tier::kModel});
  const WeightedScores scores = weighted_scores(rows, w);
  EXPECT_NEAR(scores.accuracy, 0.7361111111111113, 1e-12);
  ASSERT_EQ(scores.labels.size(), 3U);
  const double expected[3][4] = {{3.0, 0.8571428571428571, 0.6666666666666666, 0.75},
                                 {1.75, 0.6, 0.8571428571428571, 0.7058823529411765},
                                 {1.25, 0.7857142857142857, 0.7333333333333334, 0.7586206896551725}};
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_NEAR(scores.labels[i].support, expected[i][0], 1e-12);
    EXPECT_NEAR(scores.labels[i].precision, expected[i][1], 1e-12);
    EXPECT_NEAR(scores.labels[i].recall, expected[i][2], 1e-12);
    EXPECT_NEAR(scores.labels[i].f1, expected[i][3], 1e-12);
  }
  EXPECT_NEAR(macro_f1(scores, std::vector<LabelId>{0, 1, 2}), 0.7381676808654496, 1e-12);
  EXPECT_NEAR(macro_f1(scores, std::vector<LabelId>{1}), 0.7058823529411765, 1e-12);
}

TEST(WeightedScores, CountSilenceAsAMissAndNobodysFalsePositive) {
  const std::vector<ScoredRow> rows = {
      {0, 0, 1, Tier::kModel}, {0, kNoLabel, 0, Tier::kNone}, {1, 0, 1, Tier::kModel}};
  const WeightedScores scores = weighted_scores(rows, std::vector<double>{1.0, 2.0, 1.0});
  EXPECT_DOUBLE_EQ(scores.accuracy, 0.25);
  EXPECT_DOUBLE_EQ(scores.coverage, 0.5);
  EXPECT_DOUBLE_EQ(scores.answered_accuracy, 0.5);
  EXPECT_DOUBLE_EQ(scores.labels[0].precision, 0.5);
  EXPECT_DOUBLE_EQ(scores.labels[0].recall, 1.0 / 3.0);
}

}  // namespace
}  // namespace logsieve
