// An evaluation for machines (JSON) and for people (text).
#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/utf8.h"
#include "training/evaluate/evaluation.h"

namespace logsieve {
namespace {

using Json = nlohmann::ordered_json;
constexpr std::size_t kShownConfusions = 8;

// The figures that a run is judged by, as the JSON names them.
struct Figure {
  const char* name;
  double (*of)(const Evaluation&);
};
constexpr std::array<Figure, 13> kFigures = {{
    {"accuracy", [](const Evaluation& e) { return e.before.accuracy; }},
    {"macro_f1", [](const Evaluation& e) { return e.macro_f1_before; }},
    {"form_accuracy", [](const Evaluation& e) { return e.before_by_form.accuracy; }},
    {"form_macro_f1", [](const Evaluation& e) { return e.form_macro_f1_before; }},
    {"coverage_at_99", [](const Evaluation& e) { return e.before.coverage_at_99; }},
    {"aurc", [](const Evaluation& e) { return e.risk_before.aurc; }},
    {"ece", [](const Evaluation& e) { return e.before.ece; }},
    {"brier", [](const Evaluation& e) { return e.before.brier; }},
    {"coverage", [](const Evaluation& e) { return 1.0 - e.after.abstain_rate; }},
    {"answered_accuracy", [](const Evaluation& e) { return e.after.answered_accuracy; }},
    {"form_coverage", [](const Evaluation& e) { return e.after_by_form.coverage; }},
    {"form_answered_accuracy", [](const Evaluation& e) { return e.after_by_form.answered_accuracy; }},
    {"novel_form_share", [](const Evaluation& e) { return e.novel_form_share; }},
}};

struct Range {
  double low = 0.0;
  double high = 0.0;
};

Range range_of(std::span<const Evaluation> runs, double (*of)(const Evaluation&)) {
  Range range{of(runs.front()), of(runs.front())};
  for (const Evaluation& run : runs) range = {std::min(range.low, of(run)), std::max(range.high, of(run))};
  return range;
}

const WeightedLabel* find_label(const WeightedScores& scores, LabelId label) {
  const auto found = std::find_if(scores.labels.begin(), scores.labels.end(),
                                  [&](const WeightedLabel& other) { return other.label == label; });
  return found == scores.labels.end() ? nullptr : &*found;
}

std::string name_of(const Evaluation& evaluation, LabelId label) {
  return to_valid_utf8(evaluation.labels.name(label));
}

Json labels_json(const Evaluation& evaluation, const Scores& scores, const WeightedScores& by_form) {
  Json list = Json::array();
  for (const LabelScore& label : scores.labels) {
    Json entry = {{"label", name_of(evaluation, label.label)},
                  {"lines", label.support},
                  {"forms", evaluation.forms_of_label[static_cast<std::size_t>(label.label)]},
                  {"precision", label.precision},
                  {"recall", label.recall},
                  {"f1", label.f1}};
    if (const WeightedLabel* forms = find_label(by_form, label.label); forms != nullptr)
      entry["by_form"] = {{"precision", forms->precision}, {"recall", forms->recall}, {"f1", forms->f1}};
    list.push_back(std::move(entry));
  }
  return list;
}

Json tiers_json(const Scores& scores) {
  Json list = Json::array();
  for (const TierScore& tier : scores.tiers)
    list.push_back({{"tier", tier_name(tier.tier)},
                    {"coverage", tier.coverage},
                    {"precision", tier.precision},
                    {"precision_low", tier.interval.low},
                    {"precision_high", tier.interval.high},
                    {"answered", tier.answered}});
  return list;
}

Json label_names(const Evaluation& evaluation, const std::vector<LabelId>& labels) {
  Json list = Json::array();
  for (const LabelId label : labels) list.push_back(name_of(evaluation, label));
  return list;
}

Json confusions_json(const Evaluation& evaluation) {
  Json list = Json::array();
  for (const Confusion& pair : evaluation.confusions_before)
    list.push_back({{"truth", name_of(evaluation, pair.truth)},
                    {"answer", name_of(evaluation, pair.answer)},
                    {"lines", pair.rows}});
  return list;
}

Json reliability_json(const Evaluation& evaluation) {
  Json list = Json::array();
  for (const ReliabilityBin& bin : evaluation.reliability_before)
    if (bin.answers > 0)
      list.push_back({{"answers", bin.answers}, {"confidence", bin.confidence}, {"accuracy", bin.accuracy}});
  return list;
}

Json evaluation_json(const Evaluation& evaluation) {
  const Scores& before = evaluation.before;
  const Scores& after = evaluation.after;
  return Json{{"protocol", evaluation.protocol},
              {"folds", evaluation.folds},
              {"lines", evaluation.lines},
              {"forms", evaluation.forms},
              {"families", evaluation.families},
              {"tested_lines", evaluation.tested_lines},
              {"seen_form_share", evaluation.seen_form_share},
              {"seen_family_share", evaluation.seen_family_share},
              {"is_leaky", evaluation.seen_form_share > 0},
              {"scored_labels", label_names(evaluation, evaluation.scored_labels)},
              {"untestable_labels", label_names(evaluation, evaluation.untestable_labels)},
              // The head alone, always answering, over the scored labels.
              {"accuracy", before.accuracy},
              {"macro_f1", evaluation.macro_f1_before},
              {"form_accuracy", evaluation.before_by_form.accuracy},
              {"form_macro_f1", evaluation.form_macro_f1_before},
              {"coverage_at_99", before.coverage_at_99},
              {"aurc", evaluation.risk_before.aurc},
              {"ece", before.ece},
              {"brier", before.brier},
              {"labels", labels_json(evaluation, before, evaluation.before_by_form)},
              {"confusions", confusions_json(evaluation)},
              {"risk_coverage", evaluation.risk_before.risk},
              {"reliability", reliability_json(evaluation)},
              // Rules, model and prototypes, each allowed to abstain, over all lines.
              {"with_abstention",
               {{"accuracy", after.accuracy},
                {"coverage", 1.0 - after.abstain_rate},
                {"answered_accuracy", after.answered_accuracy},
                {"form_coverage", evaluation.after_by_form.coverage},
                {"form_answered_accuracy", evaluation.after_by_form.answered_accuracy},
                {"novel_form_share", evaluation.novel_form_share},
                {"macro_f1", after.macro_f1},
                {"macro_f1_min10", after.macro_f1_supported},
                {"ece", after.ece},
                {"brier", after.brier},
                {"tiers", tiers_json(after)},
                {"labels", labels_json(evaluation, after, evaluation.after_by_form)}}}};
}

Json runs_json(std::span<const Evaluation> runs) {
  Json list = Json::array();
  for (const Evaluation& run : runs) {
    Json entry = {{"seed", run.seed}};
    for (const Figure& figure : kFigures) entry[figure.name] = figure.of(run);
    list.push_back(std::move(entry));
  }
  return list;
}

Json ranges_json(std::span<const Evaluation> runs) {
  Json out = Json::object();
  for (const Figure& figure : kFigures) {
    const Range range = range_of(runs, figure.of);
    out[figure.name] = {range.low, range.high};
  }
  return out;
}

// "accuracy 0.948 [0.941, 0.955]"; the range only where there are several runs.
std::string figures_text(std::span<const Evaluation> runs, const Evaluation& mean,
                         std::initializer_list<std::pair<std::string_view, std::string_view>> shown) {
  std::string text;
  for (const auto& entry : shown) {
    const auto figure = std::find_if(kFigures.begin(), kFigures.end(),
                                     [&](const Figure& other) { return other.name == entry.second; });
    const Range range = range_of(runs, figure->of);
    text += fmt::format("  {:<22} {:.3f}", entry.first, figure->of(mean));
    if (runs.size() > 1) text += fmt::format("  [{:.3f}, {:.3f}]", range.low, range.high);
    text += '\n';
  }
  return text;
}

std::string label_lines(const Evaluation& evaluation, const Scores& scores) {
  std::string text = fmt::format("  {:<22} {:>7} {:>6} {:>10} {:>7} {:>6}\n", "label", "lines", "forms",
                                 "precision", "recall", "F1");
  for (const LabelScore& label : scores.labels)
    text += fmt::format("  {:<22} {:>7} {:>6} {:>10.3f} {:>7.3f} {:>6.3f}\n",
                        printable(evaluation.labels.name(label.label)), label.support,
                        evaluation.forms_of_label[static_cast<std::size_t>(label.label)], label.precision,
                        label.recall, label.f1);
  return text;
}

std::string heading(const EvaluationRuns& evaluation, const Evaluation& mean) {
  std::string text = fmt::format("protocol {}{}: {} lines, {} forms in {} families of near duplicates",
                                 mean.protocol, mean.seen_form_share > 0 && mean.folds > 0 ? " (leaky)" : "",
                                 mean.lines, mean.forms, mean.families);
  if (mean.folds > 0) text += fmt::format(", {} folds", mean.folds);
  if (evaluation.runs.size() > 1)
    text += fmt::format(" x {} seeds: means, and [lowest, highest]", evaluation.runs.size());
  text += fmt::format("\ntest lines whose form was in training: {:.1f} %\n", 100 * mean.seen_form_share);
  if (mean.tested_lines < mean.lines)
    text += fmt::format("tested are {} lines: the first part only teaches{}\n", mean.tested_lines,
                        mean.protocol == "time" ? ", lines without a time do not count" : "");
  for (const LabelId label : mean.untestable_labels)
    text += fmt::format("not averaged: {} is never on both sides of the split\n",
                        printable(mean.labels.name(label)));
  return text;
}

std::string control_text(const ShuffledControl& control) {
  return fmt::format(
      "\nnegative control, labels shuffled among forms: by form {:.3f} [{:.3f}, {:.3f}] right, {:.3f} by "
      "always the "
      "most frequent label; {:.3f} of lines answered\n",
      control.form_accuracy, control.interval.low, control.interval.high, control.form_prior,
      control.answered);
}

}  // namespace

nlohmann::ordered_json to_json(const EvaluationRuns& evaluation) {
  Json out = evaluation_json(mean_of(evaluation.runs));
  out["seeds"] = evaluation.runs.size();
  if (evaluation.runs.size() > 1) {
    out["ranges"] = ranges_json(evaluation.runs);
    out["runs"] = runs_json(evaluation.runs);
  }
  if (evaluation.control)
    out["negative_control"] = {{"form_accuracy", evaluation.control->form_accuracy},
                               {"form_accuracy_low", evaluation.control->interval.low},
                               {"form_accuracy_high", evaluation.control->interval.high},
                               {"form_prior", evaluation.control->form_prior},
                               {"answered", evaluation.control->answered},
                               {"falls_to_prior", evaluation.control->falls_to_prior()}};
  Json suspicions = Json::array();
  for (const std::string& line : evaluation.suspicions) suspicions.push_back(to_valid_utf8(line));
  out["suspected_leaks"] = std::move(suspicions);
  return out;
}

std::string to_text(const EvaluationRuns& evaluation) {
  const Evaluation mean = mean_of(evaluation.runs);
  std::string text = heading(evaluation, mean);
  text += fmt::format("\nthe model, always answering ({} labels with at least {} lines)\n",
                      mean.scored_labels.size(), kMinRows);
  text += figures_text(evaluation.runs, mean,
                       {{"accuracy", "accuracy"},
                        {"macro-F1", "macro_f1"},
                        {"accuracy by form", "form_accuracy"},
                        {"macro-F1 by form", "form_macro_f1"},
                        {"coverage at 99 %", "coverage_at_99"},
                        {"AURC", "aurc"},
                        {"ECE", "ece"},
                        {"Brier", "brier"}});
  text += label_lines(mean, mean.before);
  if (!mean.confusions_before.empty()) text += "  most often confused\n";
  for (std::size_t i = 0; i < std::min(kShownConfusions, mean.confusions_before.size()); ++i) {
    const Confusion& pair = mean.confusions_before[i];
    text += fmt::format("  {:>7}  {} answered as {}\n", pair.rows, printable(mean.labels.name(pair.truth)),
                        printable(mean.labels.name(pair.answer)));
  }
  text += "\nall tiers, allowed to abstain\n";
  text += figures_text(evaluation.runs, mean,
                       {{"answered", "coverage"},
                        {"right where answered", "answered_accuracy"},
                        {"answered by form", "form_coverage"},
                        {"right of those", "form_answered_accuracy"},
                        {"refused as novel", "novel_form_share"}});
  for (const TierScore& tier : mean.after.tiers)
    text +=
        fmt::format("  {:<10} coverage {:.3f}   precision {:.3f}  [{:.3f}, {:.3f}]\n", tier_name(tier.tier),
                    tier.coverage, tier.precision, tier.interval.low, tier.interval.high);
  text += label_lines(mean, mean.after);
  if (evaluation.control) text += control_text(*evaluation.control);
  for (const std::string& line : evaluation.suspicions)
    text += fmt::format("\nsuspect: {}\n", printable(line));
  return text;
}

}  // namespace logsieve
