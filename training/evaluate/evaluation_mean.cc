// Several runs as one, number by number.
#include <algorithm>
#include <cmath>
#include <map>

#include "training/evaluate/evaluation.h"

namespace logsieve {
namespace {

template <typename Of>
double mean(std::span<const Evaluation> runs, Of of) {
  double sum = 0.0;
  for (const Evaluation& run : runs) sum += static_cast<double>(of(run));
  return sum / static_cast<double>(runs.size());
}

template <typename Of>
std::size_t rounded_mean(std::span<const Evaluation> runs, Of of) {
  return static_cast<std::size_t>(std::llround(mean(runs, of)));
}

// Adds the members of one run's scores to those of the mean, before they are divided.
template <typename Label>
Label& label_in(std::vector<Label>& labels, LabelId id) {
  const auto at = std::lower_bound(labels.begin(), labels.end(), id,
                                   [](const Label& label, LabelId wanted) { return label.label < wanted; });
  if (at != labels.end() && at->label == id) return *at;
  Label fresh;
  fresh.label = id;
  return *labels.insert(at, fresh);
}

std::vector<LabelScore> mean_labels(std::span<const Evaluation> runs, Scores Evaluation::*scores) {
  const double n = static_cast<double>(runs.size());
  std::vector<LabelScore> out;
  for (const Evaluation& run : runs) {
    for (const LabelScore& label : (run.*scores).labels) {
      LabelScore& into = label_in(out, label.label);
      into.support += label.support;
      into.predicted += label.predicted;
      into.right += label.right;
      into.precision += label.precision / n;
      into.recall += label.recall / n;
      into.f1 += label.f1 / n;
    }
  }
  for (LabelScore& label : out)
    for (std::size_t* count : {&label.support, &label.predicted, &label.right})
      *count = (*count + runs.size() / 2) / runs.size();
  return out;
}

std::vector<WeightedLabel> mean_labels(std::span<const Evaluation> runs, WeightedScores Evaluation::*scores) {
  const double n = static_cast<double>(runs.size());
  std::vector<WeightedLabel> out;
  for (const Evaluation& run : runs) {
    for (const WeightedLabel& label : (run.*scores).labels) {
      WeightedLabel& into = label_in(out, label.label);
      into.support += label.support / n;
      into.precision += label.precision / n;
      into.recall += label.recall / n;
      into.f1 += label.f1 / n;
    }
  }
  return out;
}

std::vector<TierScore> mean_tiers(std::span<const Evaluation> runs) {
  std::map<Tier, TierScore> sums;
  for (const Evaluation& run : runs) {
    for (const TierScore& tier : run.after.tiers) {
      sums[tier.tier].answered += tier.answered;
      sums[tier.tier].right += tier.right;
    }
  }
  std::vector<TierScore> out;
  for (auto& [tier, sum] : sums) {
    TierScore& score = out.emplace_back(sum);
    score.tier = tier;
    score.precision = static_cast<double>(sum.right) / static_cast<double>(sum.answered);
    score.answered = (sum.answered + runs.size() / 2) / runs.size();
    score.right = std::min(score.answered, (sum.right + runs.size() / 2) / runs.size());
    score.coverage =
        static_cast<double>(sum.answered) /
        (mean(runs, [](const Evaluation& e) { return e.after.rows; }) * static_cast<double>(runs.size()));
    score.interval = wilson_interval(score.right, score.answered);
  }
  return out;
}

Scores mean_scores(std::span<const Evaluation> runs, Scores Evaluation::*scores) {
  const auto of = [&](auto Scores::*member) {
    return mean(runs, [&](const Evaluation& e) { return (e.*scores).*member; });
  };
  const auto rounded = [&](std::size_t Scores::*member) {
    return rounded_mean(runs, [&](const Evaluation& e) { return (e.*scores).*member; });
  };
  Scores out;
  out.rows = rounded(&Scores::rows);
  out.answered = rounded(&Scores::answered);
  out.right = rounded(&Scores::right);
  for (double Scores::*member : {&Scores::accuracy, &Scores::answered_accuracy, &Scores::abstain_rate,
                                 &Scores::macro_f1, &Scores::macro_f1_supported, &Scores::coverage_at_99,
                                 &Scores::threshold_at_99, &Scores::ece, &Scores::brier})
    out.*member = of(member);
  out.labels = mean_labels(runs, scores);
  if (scores == &Evaluation::after) out.tiers = mean_tiers(runs);
  return out;
}

WeightedScores mean_scores(std::span<const Evaluation> runs, WeightedScores Evaluation::*scores) {
  WeightedScores out;
  for (double WeightedScores::*member :
       {&WeightedScores::accuracy, &WeightedScores::coverage, &WeightedScores::answered_accuracy})
    out.*member = mean(runs, [&](const Evaluation& e) { return (e.*scores).*member; });
  out.labels = mean_labels(runs, scores);
  return out;
}

RiskCoverage mean_risk(std::span<const Evaluation> runs) {
  RiskCoverage out;
  std::size_t steps = kCoverageSteps;
  for (const Evaluation& run : runs) steps = std::min(steps, run.risk_before.risk.size());
  for (std::size_t i = 0; i < steps; ++i)
    out.risk.push_back(mean(runs, [&](const Evaluation& e) { return e.risk_before.risk[i]; }));
  out.aurc = mean(runs, [](const Evaluation& e) { return e.risk_before.aurc; });
  return out;
}

std::vector<ReliabilityBin> mean_bins(std::span<const Evaluation> runs) {
  std::vector<ReliabilityBin> out(runs.front().reliability_before.size());
  for (const Evaluation& run : runs) {
    for (std::size_t i = 0; i < out.size(); ++i) {
      const ReliabilityBin& bin = run.reliability_before[i];
      out[i].answers += bin.answers;
      out[i].confidence += bin.answers * bin.confidence;
      out[i].accuracy += bin.answers * bin.accuracy;
    }
  }
  for (ReliabilityBin& bin : out) {
    if (bin.answers > 0) {
      bin.confidence /= bin.answers;
      bin.accuracy /= bin.answers;
    }
    bin.answers /= static_cast<double>(runs.size());
  }
  return out;
}

std::vector<Confusion> mean_confusions(std::span<const Evaluation> runs) {
  std::map<std::pair<LabelId, LabelId>, std::size_t> sums;
  for (const Evaluation& run : runs)
    for (const Confusion& pair : run.confusions_before) sums[{pair.truth, pair.answer}] += pair.rows;
  std::vector<Confusion> out;
  for (const auto& [pair, rows] : sums)
    if (const std::size_t rounded = (rows + runs.size() / 2) / runs.size(); rounded > 0)
      out.push_back({pair.first, pair.second, rounded});
  std::stable_sort(out.begin(), out.end(),
                   [](const Confusion& a, const Confusion& b) { return a.rows > b.rows; });
  return out;
}

}  // namespace

Evaluation mean_of(std::span<const Evaluation> runs) {
  Evaluation out = runs.front();
  if (runs.size() == 1) return out;
  out.tested_lines = rounded_mean(runs, [](const Evaluation& e) { return e.tested_lines; });
  for (double Evaluation::*member :
       {&Evaluation::seen_form_share, &Evaluation::seen_family_share, &Evaluation::novel_form_share,
        &Evaluation::macro_f1_before, &Evaluation::form_macro_f1_before})
    out.*member = mean(runs, [&](const Evaluation& e) { return e.*member; });
  out.before = mean_scores(runs, &Evaluation::before);
  out.after = mean_scores(runs, &Evaluation::after);
  out.before_by_form = mean_scores(runs, &Evaluation::before_by_form);
  out.after_by_form = mean_scores(runs, &Evaluation::after_by_form);
  out.risk_before = mean_risk(runs);
  out.reliability_before = mean_bins(runs);
  out.confusions_before = mean_confusions(runs);
  return out;
}

}  // namespace logsieve
