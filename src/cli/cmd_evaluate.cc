#include <fmt/format.h>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "bundle/bundle.h"
#include "cli/commands.h"
#include "cli/console.h"
#include "cli/labelled_columns.h"
#include "cli/open_model.h"
#include "cli/settings.h"
#include "training/evaluate/evaluation.h"

namespace logsieve {
namespace {

struct EvaluateArgs {
  RawSettings settings;
  std::string data;
  std::string rules;
  std::string model;
  std::string protocol = "form";
  LabelledDataOptions columns;
  TrainOptions options;
  bool is_json = false;
  bool has_no_discovery = false;
};

Result<Evaluation> evaluate(const EvaluateArgs& args, const Settings& settings) {
  auto data = load_labelled_csv(args.data, args.columns);
  if (!data) return std::move(data).error();
  auto encoder = open_encoder(settings);
  if (!encoder) return std::move(encoder).error();
  TrainOptions options = args.options;
  options.threads = settings.threads;
  if (!args.model.empty()) {
    auto bundle = load_bundle(args.model);
    if (!bundle) return std::move(bundle).error();
    if (bundle->encoder_weights_sha256 != encoder->weights_sha256())
      return Error{ErrorCode::kCorruptModel, "the encoder is not the one that this bundle was trained with"};
    return evaluate_bundle(*data, *bundle, *encoder, settings.threads);
  }
  RuleBook rules;
  if (!args.rules.empty()) {
    auto loaded = RuleBook::load(args.rules);
    if (!loaded) return std::move(loaded).error();
    rules = std::move(*loaded);
  }
  std::optional<DiscoveryOptions> discovery;
  if (!args.has_no_discovery) discovery.emplace().threads = settings.threads;
  return cross_validate(*data, rules, *encoder, *protocol_from(args.protocol), options, discovery);
}

Result<int> run_evaluate(const EvaluateArgs& args) {
  auto settings = resolve_settings(args.settings);
  if (!settings) return std::move(settings).error();
  auto evaluation = evaluate(args, *settings);
  if (!evaluation) return std::move(evaluation).error();
  if (args.is_json)
    fmt::print("{}\n", to_json(*evaluation).dump(2));
  else
    fmt::print("{}", to_text(*evaluation));
  return 0;
}

}  // namespace

Run add_evaluate(CLI::App& app) {
  auto args = std::make_shared<EvaluateArgs>();
  CLI::App* command = app.add_subcommand(
      "evaluate", "Score labelled lines: cross-validated, or with a trained bundle (--model)");
  command->add_option("DATA", args->data, "CSV with the columns log_message and target_label")->required();
  command
      ->add_option("--protocol", args->protocol,
                   "What a fold holds out: whole forms, lines (leaky) or sources [form]")
      ->check(CLI::IsMember({"form", "line", "source"}))
      ->type_name("NAME");
  command->add_option("--folds", args->options.folds, "Folds [5]")->check(CLI::Range(2, 100))->type_name("N");
  command->add_option("--seed", args->options.seed, "Seed of the folds [1]")->type_name("N");
  command->add_option("--rules", args->rules, "Rule book of the first tier, for cross-validation")
      ->type_name("FILE");
  command
      ->add_option("--precision", args->options.precision, "Precision each label's threshold aims at [0.99]")
      ->check(CLI::Range(0.5, 1.0))
      ->type_name("P");
  command->add_flag("--no-discover", args->has_no_discovery, "Discover no rules inside the folds");
  command->add_flag("--json", args->is_json, "Print JSON");
  add_labelled_columns(*command, args->columns);
  add_settings(*command, args->settings,
               {Setting::kEncoderDir, Setting::kEncoderMode, Setting::kConfig, Setting::kThreads});
  // Only the flag chooses a bundle here: an environment that names one for `classify` must not turn a
  // cross-validation into something else.
  command->add_option("--model", args->model, "Score this bundle instead of cross-validating")
      ->type_name("DIR");
  return [args] {
    auto code = run_evaluate(*args);
    return code ? *code : report(code.error());
  };
}

}  // namespace logsieve
