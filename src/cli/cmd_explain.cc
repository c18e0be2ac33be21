#include <cmath>
#include <fmt/format.h>
#include <iostream>
#include <memory>
#include <utility>

#include "base/utf8.h"
#include "cascade/explanation.h"
#include "cli/commands.h"
#include "cli/console.h"
#include "cli/open_model.h"
#include "cli/settings.h"

namespace logsieve {
namespace {

struct ExplainArgs {
  RawSettings settings;
  std::string text;
  std::string source;
};

constexpr std::size_t kShownLabels = 4;

// The message with the rule's match marked below it.
void print_rule(const Explanation& explanation, const Cascade& cascade, std::string_view message) {
  if (explanation.verdict.rule < 0) {
    fmt::print("rules      none of {} matches\n", cascade.bundle().rules.rules().size());
    return;
  }
  const Rule& rule = cascade.bundle().rules.rules()[static_cast<std::size_t>(explanation.verdict.rule)];
  fmt::print("rule       {} -> {}\n           {}\n", printable(rule.name), printable(rule.label),
             printable(rule.pattern));
  for (const RuleEngine::Span& span : explanation.rule_spans)
    fmt::print("           {:<10} bytes {}-{}: \"{}\"\n", span.name.empty() ? "match" : span.name, span.begin,
               span.end, printable(message.substr(span.begin, span.end - span.begin)));
}

void print_sign(const char* name, float value, const char* relation, float limit, bool is_beyond) {
  fmt::print("           {:<26} {:7.3f}", name, value);
  if (std::abs(limit) < NoveltyLimits::kNever)
    fmt::print("  {} {:.3f}{}", relation, limit, is_beyond ? "  beyond" : "");
  fmt::print("\n");
}

// How far the form is from the training data, each measure beside its limit.
void print_novelty(const Explanation& explanation, const Novelty& novelty) {
  const NoveltyMeasures& of = explanation.measures;
  const NoveltyLimits& limits = novelty.limits();
  fmt::print("novelty    {}\n", explanation.judgement.is_novel() ? "beyond a limit: the model stays silent"
                                                                 : "within all limits, or a labelled form");
  print_sign("share of known words", of.words, "at least", limits.least_words, of.words < limits.least_words);
  print_sign("nearest labelled form", of.nearest, "at least", limits.least_nearest,
             of.nearest < limits.least_nearest);
  print_sign("distance to a label", of.distance, "at most", limits.most_distance,
             of.distance > limits.most_distance);
  print_sign("likeness of other texts", of.other, "at most", limits.most_other, of.other > limits.most_other);
}

void print_model(const Explanation& explanation) {
  fmt::print("model     ");
  for (std::size_t i = 0; i < explanation.probabilities.size() && i < kShownLabels; ++i)
    fmt::print(" {} {:.1f} %{}", printable(explanation.probabilities[i].first),
               100 * explanation.probabilities[i].second,
               i + 1 < std::min(explanation.probabilities.size(), kShownLabels) ? "," : "\n");
  if (explanation.probabilities.empty()) fmt::print(" (the bundle has no regression)\n");
  fmt::print("nearest    labelled forms, by cosine\n");
  for (const NearExample& near : explanation.nearest)
    fmt::print("           {:.3f}  {:<20}  {}\n", near.similarity, printable(near.label),
               printable(near.form));
}

Result<int> run_explain(const ExplainArgs& args) {
  auto settings = resolve_settings(args.settings);
  if (!settings) return std::move(settings).error();
  auto model = open_model(*settings, /*with_llm=*/false);
  if (!model) return std::move(model).error();
  std::string text = args.text;
  if (text == "-") {
    std::getline(std::cin, text);
    if (!std::cin && text.empty())
      return Error{ErrorCode::kBadInput, "no line on stdin"}.with_help("logsieve explain \"the log line\"");
  }
  auto explanation = explain(model->cascade, text, args.source);
  if (!explanation) return std::move(explanation).error();
  const LabelSet& labels = model->cascade.bundle().labels;
  fmt::print("message    {}\nform       {}\n", printable(text), printable(explanation->form));
  print_rule(*explanation, model->cascade, text);
  print_model(*explanation);
  print_novelty(*explanation, model->cascade.bundle().novelty);
  fmt::print("verdict    {}  (confidence {:.4f}, tier {})\nwhy        {}\n",
             printable(labels.name(explanation->verdict.label)), explanation->verdict.confidence,
             tier_name(explanation->verdict.tier), printable(explanation->why));
  return 0;
}

}  // namespace

Run add_explain(CLI::App& app) {
  auto args = std::make_shared<ExplainArgs>();
  CLI::App* command =
      app.add_subcommand("explain", "Show the path of one line through the tiers (without the LLM)");
  command->add_option("TEXT", args->text, "The log line; `-`: the first line of stdin")->required();
  command->add_option("--source", args->source, "The system that wrote it")->type_name("NAME");
  add_settings(
      *command, args->settings,
      {Setting::kModel, Setting::kEncoderDir, Setting::kEncoderMode, Setting::kConfig, Setting::kThreads});
  return [args] {
    auto code = run_explain(*args);
    return code ? *code : report(code.error());
  };
}

}  // namespace logsieve
