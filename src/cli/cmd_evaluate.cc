#include <fmt/format.h>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/utf8.h"
#include "bundle/bundle.h"
#include "cli/commands.h"
#include "cli/console.h"
#include "cli/labelled_columns.h"
#include "cli/open_model.h"
#include "cli/settings.h"
#include "cli/threshold_options.h"
#include "training/evaluate/comparison.h"
#include "training/evaluate/evaluation.h"
#include "training/fit/background.h"
#include "training/fit/form_vectors.h"
#include "training/fit/train_summary.h"

namespace logsieve {
namespace {

struct EvaluateArgs {
  RawSettings settings;
  std::string data;
  std::string rules;
  std::string model;
  std::vector<std::string> compared;  // none, or two bundles
  std::string protocol = "form";
  EvaluationPlan plan;
  LabelledDataOptions columns;
  TrainOptions options;
  ThresholdArgs thresholds;
  bool is_json = false;
  bool has_no_discovery = false;
};

template <typename Answer>
void print(const Answer& answer, bool is_json) {
  if (is_json)
    fmt::print("{}\n", to_json(answer).dump(2));
  else
    fmt::print("{}", to_text(answer));
}

// Lines of labels that the bundle does not know are wrong whatever it answers.
void tell_unknown_labels(const LabelledData& data, const Bundle& bundle, std::string_view which) {
  std::string unknown;
  std::size_t labels = 0;
  for (const std::string& name : data.labels.names()) {
    if (bundle.labels.find(name) != kNoLabel) continue;
    unknown += (labels++ == 0 ? "" : ", ") + printable(name);
  }
  if (labels == 0) return;
  if (labels == data.labels.size())
    note(
        fmt::format("warning: {} knows none of the labels of the data ({}), so no answer can be right; its "
                    "labels are {}. --label-column names another column",
                    which, unknown, printable(fmt::format("{}", fmt::join(bundle.labels.names(), ", ")))));
  else
    note(fmt::format("{} does not know {}: it cannot be right on their lines", which, unknown));
}

Result<EvaluationRuns> evaluate_model(const EvaluateArgs& args, const LabelledData& data,
                                      const SentenceEncoder& encoder, std::size_t threads) {
  auto bundle = load_bundle(args.model);
  if (!bundle) return std::move(bundle).error();
  if (bundle->encoder_weights_sha256 != encoder.weights_sha256())
    return Error{ErrorCode::kCorruptModel, "the encoder is not the one that this bundle was trained with"};
  tell_unknown_labels(data, *bundle, "the bundle");
  return evaluate_bundle(data, *bundle, encoder, threads);
}

Result<Comparison> compare(const EvaluateArgs& args, const LabelledData& data, const SentenceEncoder& encoder,
                           std::size_t threads) {
  auto first = load_bundle(args.compared[0]);
  if (!first) return std::move(first).error();
  auto second = load_bundle(args.compared[1]);
  if (!second) return std::move(second).error();
  tell_unknown_labels(data, *first, "the first bundle");
  tell_unknown_labels(data, *second, "the second bundle");
  return compare_bundles(data, *first, *second, encoder, threads);
}

Result<EvaluationRuns> cross_validate_file(const EvaluateArgs& args, const LabelledData& data,
                                           const SentenceEncoder& encoder, std::size_t threads) {
  RuleBook rules;
  if (!args.rules.empty()) {
    auto loaded = RuleBook::load(args.rules);
    if (!loaded) return std::move(loaded).error();
    rules = std::move(*loaded);
  }
  TrainOptions options = args.options;
  options.threads = threads;
  options.encoder = &encoder;
  if (auto applied = apply(args.thresholds, options); !applied) return std::move(applied).error();
  if (auto checked = options.limits.check_labels(data.labels.names()); !checked)
    return std::move(checked).error();
  std::optional<DiscoveryOptions> discovery;
  if (!args.has_no_discovery) discovery.emplace().threads = threads;
  EvaluationPlan plan = args.plan;
  plan.split = *split_from(args.protocol);
  FormReader reader(encoder, threads);
  options.reader = &reader;
  auto background = make_background(reader);
  if (!background) return std::move(background).error();
  options.background = &*background;
  auto vectors = encode_forms(data, encoder, threads);
  if (!vectors) return std::move(vectors).error();
  return cross_validate(data, *vectors, rules, plan, options, discovery);
}

Result<int> run_evaluate(const EvaluateArgs& args) {
  auto settings = resolve_settings(args.settings);
  if (!settings) return std::move(settings).error();
  LabelledDataOptions columns = args.columns;
  columns.is_for_training = args.model.empty() && args.compared.empty();
  auto data = load_labelled_csv(args.data, columns);
  if (!data) return std::move(data).error();
  for (const std::string& rows : told_left_out(*data)) note("left out: " + printable(rows));
  auto encoder = open_encoder(*settings);
  if (!encoder) return std::move(encoder).error();
  if (!args.compared.empty()) {
    auto comparison = compare(args, *data, *encoder, settings->threads);
    if (!comparison) return std::move(comparison).error();
    print(*comparison, args.is_json);
    return 0;
  }
  auto evaluation = args.model.empty() ? cross_validate_file(args, *data, *encoder, settings->threads)
                                       : evaluate_model(args, *data, *encoder, settings->threads);
  if (!evaluation) return std::move(evaluation).error();
  print(*evaluation, args.is_json);
  return 0;
}

}  // namespace

Run add_evaluate(CLI::App& app) {
  auto args = std::make_shared<EvaluateArgs>();
  CLI::App* command = app.add_subcommand(
      "evaluate", "Score labelled lines: cross-validated, or with trained bundles (--model, --compare)");
  command->add_option("DATA", args->data, "CSV with the columns log_message and target_label")->required();
  command
      ->add_option(
          "--protocol", args->protocol,
          "What a fold holds out: whole forms, families of near duplicates, lines (leaky), sources, or "
          "what comes later [form]")
      ->check(CLI::IsMember({"form", "family", "line", "source", "time"}))
      ->type_name("NAME");
  command->add_option("--folds", args->plan.folds, "Folds [5]")->check(CLI::Range(2, 100))->type_name("N");
  command
      ->add_option("--seeds", args->plan.seeds, "Runs, each with the next seed; mean and range are told [1]")
      ->check(CLI::Range(1, 1000))
      ->type_name("N");
  command->add_option("--seed", args->options.seed, "Seed of the folds [1]")->type_name("N");
  command->add_option("--rules", args->rules, "Rule book of the first tier, for cross-validation")
      ->type_name("FILE");
  add_threshold_options(*command, args->thresholds);
  command->add_flag("--no-discover", args->has_no_discovery, "Discover no rules inside the folds");
  command->add_flag("--control", args->plan.has_control,
                    "Also run with shuffled labels, which must fall to the prior");
  command->add_flag("--json", args->is_json, "Print JSON");
  add_labelled_columns(*command, args->columns);
  add_settings(*command, args->settings,
               {Setting::kEncoderDir, Setting::kEncoderMode, Setting::kConfig, Setting::kThreads});
  // Only the flag chooses a bundle here: an environment that names one for `classify` must not turn a
  // cross-validation into something else.
  auto* model = command->add_option("--model", args->model, "Score this bundle instead of cross-validating")
                    ->type_name("DIR");
  command
      ->add_option("--compare", args->compared,
                   "Compare two bundles: McNemar's test, and the lines whose answer changed")
      ->expected(2)
      ->excludes(model)
      ->type_name("A B");
  return [args] {
    auto code = run_evaluate(*args);
    return code ? *code : report(code.error());
  };
}

}  // namespace logsieve
