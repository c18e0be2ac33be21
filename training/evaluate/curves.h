// What a confidence is worth: how often the surest answers are wrong, and whether "90 %" is right in 90 of 100 cases.
#ifndef LOGSIEVE_TRAINING_EVALUATE_CURVES_H_
#define LOGSIEVE_TRAINING_EVALUATE_CURVES_H_

#include <cstddef>
#include <span>
#include <vector>

#include "training/fit/scores.h"

namespace logsieve {

// Selective classification (El-Yaniv, Wiener 2010): only the surest answers are given. Rows of equal confidence are
// given together or not at all; abstained rows are never given.
struct RiskCoverage {
  // risk[i]: share of wrong among the answers given, where at least (i + 1) % of all rows are answered. Shorter than
  // kCoverageSteps where fewer rows have an answer at all.
  std::vector<double> risk;
  // Area under the curve over the answered rows (Geifman, El-Yaniv 2017): mean over the answered rows of the risk down
  // to each. 0 without answers; the lower the better.
  double aurc = 0.0;
};
inline constexpr std::size_t kCoverageSteps = 100;
RiskCoverage risk_coverage(std::span<const ScoredRow> rows);

// A bin of the expected calibration error (fit/temperature.h), (k/15, (k+1)/15].
struct ReliabilityBin {
  double answers = 0.0;
  double confidence = 0.0;  // mean; 0 for an empty bin
  double accuracy = 0.0;    // share right; 0 for an empty bin
};
// kCalibrationBins bins of the answered rows; their gaps |accuracy - confidence|, weighed by answers, are the ECE.
std::vector<ReliabilityBin> reliability_bins(std::span<const ScoredRow> rows);

// Scores in which a row counts `weights[i]`; with 1 / (rows of its form) every form counts once. The definitions are
// those of scores.h, scikit-learn's with sample_weight.
struct WeightedLabel {
  LabelId label = kNoLabel;
  double support = 0.0;
  double precision = 0.0;
  double recall = 0.0;
  double f1 = 0.0;
};
struct WeightedScores {
  double accuracy = 0.0;           // right / all
  double coverage = 0.0;           // answered / all
  double answered_accuracy = 0.0;  // right / answered
  std::vector<WeightedLabel> labels;
};
WeightedScores weighted_scores(std::span<const ScoredRow> rows, std::span<const double> weights);

// Plain mean of the F1 of `averaged` (ascending); a label without rows counts 0. 0 for none.
double macro_f1(const WeightedScores& scores, std::span<const LabelId> averaged);
double macro_f1(const Scores& scores, std::span<const LabelId> averaged);

}  // namespace logsieve

#endif  // LOGSIEVE_TRAINING_EVALUATE_CURVES_H_
