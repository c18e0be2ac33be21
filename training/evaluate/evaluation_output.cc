// An evaluation for machines (JSON) and for people (text).
#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/utf8.h"
#include "training/evaluate/evaluation.h"

namespace logsieve {
namespace {

using Json = nlohmann::ordered_json;
constexpr std::size_t kShownConfusions = 8;

Json labels_json(const Evaluation& evaluation, const Scores& scores) {
  Json list = Json::array();
  for (const LabelScore& label : scores.labels)
    list.push_back({{"label", to_valid_utf8(evaluation.labels.name(label.label))},
                    {"lines", label.support},
                    {"forms", evaluation.forms_of_label[static_cast<std::size_t>(label.label)]},
                    {"precision", label.precision},
                    {"recall", label.recall},
                    {"f1", label.f1}});
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

}  // namespace

nlohmann::ordered_json to_json(const Evaluation& evaluation) {
  const Scores& before = evaluation.before;
  const Scores& after = evaluation.after;
  Json confusion = Json::array();
  for (const Confusion& pair : evaluation.confusions_before)
    confusion.push_back({{"truth", to_valid_utf8(evaluation.labels.name(pair.truth))},
                         {"answer", to_valid_utf8(evaluation.labels.name(pair.answer))},
                         {"lines", pair.rows}});
  Json scored = Json::array();
  for (const LabelId label : evaluation.scored_labels)
    scored.push_back(to_valid_utf8(evaluation.labels.name(label)));
  return Json{{"protocol", evaluation.protocol},
              {"folds", evaluation.folds},
              {"lines", evaluation.lines},
              {"forms", evaluation.forms},
              {"seen_form_share", evaluation.seen_form_share},
              {"is_leaky", evaluation.seen_form_share > 0},
              {"scored_labels", scored},
              // The head alone, always answering, over the labels with at least ten lines.
              {"accuracy", before.accuracy},
              {"macro_f1", evaluation.macro_f1_before},
              {"form_accuracy", evaluation.form_accuracy_before},
              {"coverage_at_99", before.coverage_at_99},
              {"ece", before.ece},
              {"brier", before.brier},
              {"labels", labels_json(evaluation, before)},
              {"confusions", confusion},
              // Rules, model and prototypes, each allowed to abstain, over all lines.
              {"with_abstention",
               {{"accuracy", after.accuracy},
                {"coverage", 1.0 - after.abstain_rate},
                {"answered_accuracy", after.answered_accuracy},
                {"macro_f1", after.macro_f1},
                {"macro_f1_min10", after.macro_f1_supported},
                {"ece", after.ece},
                {"brier", after.brier},
                {"tiers", tiers_json(after)},
                {"labels", labels_json(evaluation, after)}}}};
}

std::string to_text(const Evaluation& evaluation) {
  const Scores& before = evaluation.before;
  const Scores& after = evaluation.after;
  std::string text = fmt::format(
      "protocol {}{}: {} lines, {} forms{}\n", evaluation.protocol,
      evaluation.seen_form_share > 0 && evaluation.protocol != "model" ? " (leaky)" : "", evaluation.lines,
      evaluation.forms, evaluation.folds > 0 ? fmt::format(", {} folds", evaluation.folds) : "");
  text +=
      fmt::format("test lines whose form was in training: {:.1f} %\n\n", 100 * evaluation.seen_form_share);
  text += fmt::format("the model, always answering ({} labels with at least {} lines)\n",
                      evaluation.scored_labels.size(), kMinRows);
  text += fmt::format(
      "  accuracy {:.3f}   macro-F1 {:.3f}   by form {:.3f}   coverage at 99 % {:.3f}   ECE {:.3f}   Brier "
      "{:.3f}\n",
      before.accuracy, evaluation.macro_f1_before, evaluation.form_accuracy_before, before.coverage_at_99,
      before.ece, before.brier);
  text += label_lines(evaluation, before);
  if (!evaluation.confusions_before.empty()) text += "  most often confused\n";
  for (std::size_t i = 0; i < std::min(kShownConfusions, evaluation.confusions_before.size()); ++i) {
    const Confusion& pair = evaluation.confusions_before[i];
    text +=
        fmt::format("  {:>7}  {} answered as {}\n", pair.rows, printable(evaluation.labels.name(pair.truth)),
                    printable(evaluation.labels.name(pair.answer)));
  }
  text += fmt::format(
      "\nall tiers, allowed to abstain\n  answered {:.3f}   right where answered {:.3f}   right of all "
      "{:.3f}\n",
      1.0 - after.abstain_rate, after.answered_accuracy, after.accuracy);
  for (const TierScore& tier : after.tiers)
    text +=
        fmt::format("  {:<10} coverage {:.3f}   precision {:.3f}  [{:.3f}, {:.3f}]\n", tier_name(tier.tier),
                    tier.coverage, tier.precision, tier.interval.low, tier.interval.high);
  return text + label_lines(evaluation, after);
}

}  // namespace logsieve
