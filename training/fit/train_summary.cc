#include "training/fit/train_summary.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <map>
#include <set>
#include <string_view>

#include "base/edit_distance.h"

namespace logsieve {
namespace {

constexpr std::size_t kShown = 6;  // of conflicts and of confusions

struct Amount {
  std::size_t lines = 0;
  std::size_t forms = 0;
};

Amount amount_of(const LabelledData& data, LabelId label) {
  Amount amount;
  for (const LabelledForm& form : data.forms) {
    if (form.label != label) continue;
    amount.lines += form.lines;
    ++amount.forms;
  }
  return amount;
}

// "30 Error, 2 User Action": what the lines of each form with a conflict say, the most frequent first.
std::map<std::size_t, std::map<LabelId, std::size_t>> conflicting_counts(const LabelledData& data) {
  std::map<std::size_t, std::map<LabelId, std::size_t>> counts;
  for (const LabelledLine& line : data.lines)
    if (data.forms[line.form].has_conflict) ++counts[line.form][line.label];
  return counts;
}

std::string votes(const LabelledData& data, const std::map<LabelId, std::size_t>& counts) {
  std::vector<std::pair<LabelId, std::size_t>> ranked(counts.begin(), counts.end());
  std::stable_sort(ranked.begin(), ranked.end(),
                   [](const auto& a, const auto& b) { return a.second > b.second; });
  std::string out;
  for (const auto& [label, lines] : ranked)
    out += fmt::format("{}{} {}", out.empty() ? "" : ", ", lines, data.labels.name(label));
  return out;
}

void tell_conflicts(const LabelledData& data, TrainSummary& summary) {
  const auto counts = conflicting_counts(data);
  std::size_t shown = 0;
  for (const auto& [form, of_label] : counts) {
    if (++shown > kShown) break;
    summary.lines.push_back(fmt::format("conflict    \"{}\" is labelled {}: {} taken", data.forms[form].text,
                                        votes(data, of_label), data.labels.name(data.forms[form].label)));
  }
  if (counts.size() > kShown)
    summary.lines.push_back(
        fmt::format("conflict    … {} forms in all have conflicting labels", counts.size()));
}

// Labels that look like slips of others: each is a class of its own, and takes lines from the one that was meant.
void tell_slips(const LabelledData& data, TrainSummary& summary) {
  for (std::size_t a = 0; a < data.labels.size(); ++a) {
    for (std::size_t b = 0; b < data.labels.size(); ++b) {
      const auto fewer = amount_of(data, static_cast<LabelId>(a)).lines;
      const auto more = amount_of(data, static_cast<LabelId>(b)).lines;
      const std::string_view name = data.labels.name(static_cast<LabelId>(a));
      const std::string_view other = data.labels.name(static_cast<LabelId>(b));
      if (!is_nearly(name, other) || fewer > more || (fewer == more && a < b)) continue;
      summary.lines.push_back(
          fmt::format("spelling    \"{}\" ({} lines) is written almost like \"{}\" ({} lines)", name, fewer,
                      other, more));
    }
  }
}

void tell_confusions(const LabelledData& data, const Calibration& calibration, TrainSummary& summary) {
  for (std::size_t i = 0; i < std::min(kShown, calibration.confusions.size()); ++i) {
    const Confusion& pair = calibration.confusions[i];
    summary.lines.push_back(fmt::format("confused    {:>6} lines of {} answered as {}", pair.rows,
                                        data.labels.name(pair.truth), data.labels.name(pair.answer)));
  }
}

}  // namespace

std::vector<std::string> told_left_out(const LabelledData& data) {
  std::vector<std::string> out;
  for (const LeftOut& rows : data.left_out) {
    if (out.size() == kShown) break;
    out.push_back(rows.rows == 1 ? fmt::format("1 row, at line {}: {}", rows.first_line, rows.reason)
                                 : fmt::format("{} rows, the first at line {}: {}", rows.rows,
                                               rows.first_line, rows.reason));
  }
  return out;
}

void tell_data(const LabelledData& data, TrainSummary& summary) {
  std::set<std::string_view> sources;
  for (const LabelledLine& line : data.lines) sources.insert(line.source);
  summary.lines.push_back(
      fmt::format("data        {} lines, {} forms, {} labels, {} sources{}", data.lines.size(),
                  data.forms.size(), data.labels.size(), sources.size(),
                  data.rejected_records > 0 ? fmt::format("; {} rows left out", data.rejected_records) : ""));
  for (std::size_t i = 0; i < data.labels.size(); ++i) {
    const auto label = static_cast<LabelId>(i);
    const Amount amount = amount_of(data, label);
    summary.lines.push_back(fmt::format("            {:<24} {:>7} lines {:>6} forms", data.labels.name(label),
                                        amount.lines, amount.forms));
  }
  for (const std::string& rows : told_left_out(data)) summary.lines.push_back("left out    " + rows);
  tell_slips(data, summary);
  tell_conflicts(data, summary);
}

void tell_regression(const LabelledData& data, const FormProblem& problem, const FitChoice& choice,
                     const Calibration& calibration, double leaky_accuracy, TrainSummary& summary) {
  const Scores& scores = calibration.scores;
  const auto add = [&](std::string line) { summary.lines.push_back(std::move(line)); };
  add(
      fmt::format("weights     {} (macro-F1 by lines and forms, whole forms held out: forms {:.3f}, balanced "
                  "forms {:.3f}, lines {:.3f})",
                  weighting_name(choice.weighting), choice.scores[0], choice.scores[1], choice.scores[2]));
  std::string strengths;
  for (const FitChoice::Strength& strength : choice.strengths)
    if (strength.c > 0)
      strengths += fmt::format("{}{:g} {:.3f}", strengths.empty() ? "" : ", ", strength.c, strength.score);
  add(fmt::format("strength    C = {:g} (the same score by C: {})", choice.c, strengths));
  add(fmt::format(
      "scores      whole forms held out: accuracy {:.3f}, macro-F1 {:.3f}, by form {:.3f}, coverage "
      "at 99 % {:.3f}",
      scores.accuracy, scores.macro_f1, calibration.form_accuracy, scores.coverage_at_99));
  add(fmt::format("            lines held out (leaky, the same forms are in training): accuracy {:.3f}",
                  leaky_accuracy));
  add("            on the forms that the thresholds were chosen on, so optimistic; `evaluate` or --report "
      "measure it:");
  add(fmt::format("            at the thresholds below {:.3f} are answered, {:.3f} of them right",
                  calibration.coverage, calibration.covered_accuracy));
  for (const PrecisionChoice& choice_of : calibration.choices)
    add(fmt::format("            --precision {:.2f} would answer {:.3f}, {:.3f} of them right",
                    choice_of.precision, choice_of.coverage, choice_of.covered_accuracy));
  add(fmt::format(
      "calibration temperature {:.3f}; ECE {:.3f} before, {:.3f} after; Brier {:.3f} before, {:.3f} after",
      calibration.temperature, calibration.ece_before, scores.ece, calibration.brier_before, scores.brier));
  tell_confusions(data, calibration, summary);
  for (std::size_t c = 0; c < problem.classes(); ++c) {
    const std::string_view name = data.labels.name(problem.labels[c]);
    add(calibration.thresholds[c] > 1.0F
            ? fmt::format("threshold   {:<24} never: no out-of-fold answer was sure enough", name)
            : fmt::format("threshold   {:<24} {:.3f}", name, calibration.thresholds[c]));
  }
}

std::string_view told_name(Spelling spelling) {
  constexpr std::array<std::string_view, kSpellings.size()> kNames = {"plain words", "bare tags", "left out"};
  return kNames[static_cast<std::size_t>(spelling)];
}

void tell_spelling(const SpellingChoice& choice, TrainSummary& summary) {
  std::string scores;
  for (std::size_t i = 0; i < kSpellings.size(); ++i) {
    const SpellingScore& score = choice.scores[i];
    scores += fmt::format("{}{} {:.3f}, {:.3f}", i == 0 ? "" : "; ", told_name(kSpellings[i]), score.score,
                          score.log_loss);
    if (kSpellings[i] != Spelling::kWords)
      scores += fmt::format(" (gains a fold {:+.3f} ± {:.3f}, {:+.3f} ± {:.3f})", score.score_gain.mean,
                            score.score_gain.error, score.loss_gain.mean, score.loss_gain.error);
  }
  summary.spelling = choice;
  summary.lines.push_back(fmt::format(
      "spelled     {} (placeholders, as the encoder reads them; macro-F1 by lines and forms, and log "
      "loss by form, of {} forms held out: {})",
      told_name(choice.spelling), choice.forms, scores));
}

void tell_tiers(const LabelledData& data, std::span<const TierTrial> trials, TrainSummary& summary) {
  for (const TierTrial& trial : trials) {
    if (trial.nearest_f1 <= trial.regression_f1) continue;
    summary.lines.push_back(
        fmt::format("tier        {}: F1 on held-out forms {:.3f} by the regression, {:.3f} by the nearest "
                    "form; of {} forms {} are "
                    "right by the latter alone, {} by the former: {}",
                    data.labels.name(trial.label), trial.regression_f1, trial.nearest_f1, trial.forms,
                    trial.only_nearest, trial.only_regression,
                    trial.is_for_prototypes ? "the prototypes answer it"
                                            : "this may be chance, the regression keeps it"));
  }
}

void tell_limits(std::span<const LimitOutcome> limits, TrainSummary& summary) {
  for (const LimitOutcome& limit : limits) {
    const CertifiedThreshold& found = limit.certified;
    const std::string who = limit.label.empty() ? "all other labels" : limit.label;
    summary.lines.push_back(
        found.missing_forms == 0
            ? fmt::format(
                  "max error   {:.3f} of {} is certified at {:.3f}: {} of {} held-out forms wrong, at most "
                  "{:.4f} with 95 % confidence",
                  limit.limit, who, found.threshold, found.wrong, found.answered, found.bound)
            : fmt::format(
                  "max error   {:.3f} of {} cannot be certified ({} of {} held-out forms wrong): it is never "
                  "answered; {} more labelled forms, all answered rightly, would do",
                  limit.limit, who, found.wrong, found.answered, found.missing_forms));
  }
}

void tell_prototypes(const LabelledData& data, std::span<const LabelId> rare, bool has_regression,
                     const PrototypeParameters& limits, const TrainOptions& options, TrainSummary& summary) {
  for (const LabelId label : rare) {
    const Amount amount = amount_of(data, label);
    const bool has_enough = amount.lines >= options.min_rows && amount.forms >= options.min_forms;
    summary.lines.push_back(
        has_enough && has_regression
            ? fmt::format("prototypes  {}: {} lines, {} forms; the nearest forms answer it better",
                          data.labels.name(label), amount.lines, amount.forms)
            : fmt::format("prototypes  {}: {} lines, {} forms; the regression asks for {} and {}{}",
                          data.labels.name(label), amount.lines, amount.forms, options.min_rows,
                          options.min_forms, has_regression ? "" : ", of two labels at least"));
  }
  if (!rare.empty())
    summary.lines.push_back(
        fmt::format("            a rare label needs cosine {:.3f}", limits.min_similarity));
}

void tell_silent(const LabelledData& data, std::span<const LabelId> silent, TrainSummary& summary) {
  for (const LabelId label : silent) {
    const Amount amount = amount_of(data, label);
    summary.lines.push_back(fmt::format(
        "prototypes  {}: {} lines, {} forms; not answered, since no error rate can be certified for it",
        data.labels.name(label), amount.lines, amount.forms));
  }
}

void tell_novelty(const NoveltyLimits& limits, TrainSummary& summary) {
  std::string line =
      fmt::format("novelty     refused: nearest labelled form below cosine {:.3f}", limits.least_nearest);
  if (limits.least_words > 0.0F) line += fmt::format(", known words below {:.3f}", limits.least_words);
  if (limits.most_distance < NoveltyLimits::kNever)
    line += fmt::format(", distance to all labels above {:.2f}", limits.most_distance);
  if (limits.most_other < NoveltyLimits::kNever)
    line += fmt::format(", likeness of other texts above {:.2f}", limits.most_other);
  summary.lines.push_back(std::move(line));
}

}  // namespace logsieve
