#include "training/fit/scores.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <utility>

#include "training/fit/temperature.h"

namespace logsieve {
namespace {

constexpr double kZ95 = 1.959963984540054;

double ratio(std::size_t part, std::size_t whole) {
  return whole == 0 ? 0.0 : static_cast<double>(part) / static_cast<double>(whole);
}

bool is_answered(const ScoredRow& row) {
  return row.answer != kNoLabel;
}
bool is_right(const ScoredRow& row) {
  return row.answer == row.truth;
}

std::vector<LabelScore> label_scores(std::span<const ScoredRow> rows) {
  std::map<LabelId, LabelScore> by_label;
  for (const ScoredRow& row : rows) {
    ++by_label[row.truth].support;
    if (is_answered(row)) ++by_label[row.answer].predicted;
    if (is_right(row)) ++by_label[row.truth].right;
  }
  std::vector<LabelScore> out;
  for (auto& [label, score] : by_label) {
    score.label = label;
    score.precision = ratio(score.right, score.predicted);
    score.recall = ratio(score.right, score.support);
    score.f1 = ratio(2 * score.right, score.support + score.predicted);
    out.push_back(score);
  }
  return out;
}

std::vector<TierScore> tier_scores(std::span<const ScoredRow> rows) {
  std::array<TierScore, kTierCount> by_tier{};
  for (const ScoredRow& row : rows) {
    TierScore& tier = by_tier[static_cast<std::size_t>(row.tier)];
    tier.answered += is_answered(row) ? 1 : 0;
    tier.right += is_right(row) ? 1 : 0;
  }
  std::vector<TierScore> out;
  for (std::size_t i = 0; i < kTierCount; ++i) {
    TierScore& tier = by_tier[i];
    if (tier.answered == 0) continue;
    tier.tier = static_cast<Tier>(i);
    tier.coverage = ratio(tier.answered, rows.size());
    tier.precision = ratio(tier.right, tier.answered);
    tier.interval = wilson_interval(tier.right, tier.answered);
    out.push_back(tier);
  }
  return out;
}

double mean_f1(std::span<const LabelScore> labels, std::size_t min_support) {
  double sum = 0.0;
  std::size_t count = 0;
  for (const LabelScore& label : labels) {
    if (label.support < min_support) continue;
    sum += label.f1;
    ++count;
  }
  return count == 0 ? 0.0 : sum / static_cast<double>(count);
}

}  // namespace

Interval wilson_interval(std::size_t right, std::size_t trials) {
  if (trials == 0) return {};
  const double n = static_cast<double>(trials);
  const double p = static_cast<double>(right) / n;
  const double zz = kZ95 * kZ95;
  const double middle = p + zz / (2 * n);
  const double half = kZ95 * std::sqrt(p * (1 - p) / n + zz / (4 * n * n));
  return {std::max(0.0, (middle - half) / (1 + zz / n)), std::min(1.0, (middle + half) / (1 + zz / n))};
}

Coverage coverage_at(std::span<const ScoredRow> rows, std::size_t percent) {
  std::vector<const ScoredRow*> ranked;
  for (const ScoredRow& row : rows)
    if (is_answered(row)) ranked.push_back(&row);
  std::sort(ranked.begin(), ranked.end(),
            [](const ScoredRow* a, const ScoredRow* b) { return a->confidence > b->confidence; });
  Coverage best;
  std::size_t right = 0;
  for (std::size_t taken = 1; taken <= ranked.size(); ++taken) {
    right += is_right(*ranked[taken - 1]) ? 1 : 0;
    const bool is_last_of_equals =
        taken == ranked.size() || ranked[taken]->confidence != ranked[taken - 1]->confidence;
    if (is_last_of_equals && right * 100 >= taken * percent)
      best = {ratio(taken, rows.size()), ranked[taken - 1]->confidence};
  }
  return best;
}

std::vector<Confusion> confusions(std::span<const ScoredRow> rows) {
  std::map<std::pair<LabelId, LabelId>, std::size_t> counts;
  for (const ScoredRow& row : rows)
    if (is_answered(row) && !is_right(row)) ++counts[{row.truth, row.answer}];
  std::vector<Confusion> out;
  for (const auto& [pair, count] : counts) out.push_back({pair.first, pair.second, count});
  std::stable_sort(out.begin(), out.end(),
                   [](const Confusion& a, const Confusion& b) { return a.rows > b.rows; });
  return out;
}

Scores score(std::span<const ScoredRow> rows, std::size_t min_support) {
  Scores out;
  std::vector<ScoredAnswer> answers;
  for (const ScoredRow& row : rows) {
    if (!is_answered(row)) continue;
    answers.push_back({row.confidence, is_right(row)});
    out.right += is_right(row) ? 1 : 0;
  }
  out.rows = rows.size();
  out.answered = answers.size();
  out.accuracy = ratio(out.right, out.rows);
  out.answered_accuracy = ratio(out.right, out.answered);
  out.abstain_rate = ratio(out.rows - out.answered, out.rows);
  out.labels = label_scores(rows);
  out.tiers = tier_scores(rows);
  out.macro_f1 = mean_f1(out.labels, 0);
  out.macro_f1_supported = mean_f1(out.labels, min_support);
  const Coverage coverage = coverage_at(rows, 99);
  out.coverage_at_99 = coverage.share;
  out.threshold_at_99 = coverage.threshold;
  out.ece = calibration_error(answers);
  out.brier = brier_score(answers);
  return out;
}

}  // namespace logsieve
