#include "training/evaluate/curves.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "training/fit/temperature.h"

namespace logsieve {
namespace {

double ratio(double part, double whole) {
  return whole > 0 ? part / whole : 0.0;
}

template <typename Labels>
double mean_f1(const Labels& labels, std::span<const LabelId> averaged) {
  double sum = 0.0;
  for (const auto& label : labels)
    if (std::binary_search(averaged.begin(), averaged.end(), label.label)) sum += label.f1;
  return ratio(sum, static_cast<double>(averaged.size()));
}

}  // namespace

RiskCoverage risk_coverage(std::span<const ScoredRow> rows) {
  std::vector<const ScoredRow*> ranked;
  for (const ScoredRow& row : rows)
    if (row.answer != kNoLabel) ranked.push_back(&row);
  std::stable_sort(ranked.begin(), ranked.end(),
                   [](const ScoredRow* a, const ScoredRow* b) { return a->confidence > b->confidence; });
  RiskCoverage curve;
  std::size_t wrong = 0;
  std::size_t counted = 0;  // rows whose risk the area has
  double area = 0.0;
  for (std::size_t taken = 1; taken <= ranked.size(); ++taken) {
    wrong += ranked[taken - 1]->answer == ranked[taken - 1]->truth ? 0U : 1U;
    if (taken < ranked.size() && ranked[taken]->confidence == ranked[taken - 1]->confidence) continue;
    const double risk = static_cast<double>(wrong) / static_cast<double>(taken);
    area += risk * static_cast<double>(taken - counted);
    counted = taken;
    while (curve.risk.size() < kCoverageSteps &&
           taken * kCoverageSteps >= (curve.risk.size() + 1) * rows.size())
      curve.risk.push_back(risk);
  }
  curve.aurc = ratio(area, static_cast<double>(ranked.size()));
  return curve;
}

std::vector<ReliabilityBin> reliability_bins(std::span<const ScoredRow> rows) {
  std::vector<ReliabilityBin> bins(kCalibrationBins);
  constexpr double kBins = static_cast<double>(kCalibrationBins);
  for (const ScoredRow& row : rows) {
    if (row.answer == kNoLabel) continue;
    const double bin = std::clamp(std::ceil(row.confidence * kBins) - 1.0, 0.0, kBins - 1.0);
    ReliabilityBin& counted = bins[static_cast<std::size_t>(bin)];
    counted.answers += 1.0;
    counted.confidence += row.confidence;
    counted.accuracy += row.answer == row.truth ? 1.0 : 0.0;
  }
  for (ReliabilityBin& bin : bins) {
    bin.confidence = ratio(bin.confidence, bin.answers);
    bin.accuracy = ratio(bin.accuracy, bin.answers);
  }
  return bins;
}

WeightedScores weighted_scores(std::span<const ScoredRow> rows, std::span<const double> weights) {
  struct Tally {
    double support = 0.0;
    double predicted = 0.0;
    double right = 0.0;
  };
  std::map<LabelId, Tally> tallies;
  Tally all;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const ScoredRow& row = rows[i];
    all.support += weights[i];
    tallies[row.truth].support += weights[i];
    if (row.answer == kNoLabel) continue;
    all.predicted += weights[i];
    tallies[row.answer].predicted += weights[i];
    if (row.answer != row.truth) continue;
    all.right += weights[i];
    tallies[row.truth].right += weights[i];
  }
  WeightedScores scores;
  scores.accuracy = ratio(all.right, all.support);
  scores.coverage = ratio(all.predicted, all.support);
  scores.answered_accuracy = ratio(all.right, all.predicted);
  for (const auto& [label, tally] : tallies)
    scores.labels.push_back({label, tally.support, ratio(tally.right, tally.predicted),
                             ratio(tally.right, tally.support),
                             ratio(2 * tally.right, tally.support + tally.predicted)});
  return scores;
}

double macro_f1(const WeightedScores& scores, std::span<const LabelId> averaged) {
  return mean_f1(scores.labels, averaged);
}

double macro_f1(const Scores& scores, std::span<const LabelId> averaged) {
  return mean_f1(scores.labels, averaged);
}

}  // namespace logsieve
