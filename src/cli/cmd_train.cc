#include <fmt/format.h>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/utf8.h"
#include "bundle/bundle.h"
#include "cli/commands.h"
#include "cli/console.h"
#include "cli/labelled_columns.h"
#include "cli/open_model.h"
#include "cli/settings.h"
#include "training/discover/rule_discovery.h"
#include "training/fit/form_vectors.h"
#include "training/fit/labelled_data.h"
#include "training/fit/trainer.h"

namespace logsieve {
namespace {

struct TrainArgs {
  RawSettings settings;
  std::string data;
  std::string out;
  std::string rules;
  std::string reviewed;
  LabelledDataOptions columns;
  TrainOptions options;
  std::size_t min_messages = DiscoveryOptions{}.min_messages;
  bool has_no_discovery = false;
};

// The rules of the book, then those that the data proves.
Result<RuleBook> rules_of(const TrainArgs& args, const LabelledData& data, std::span<const float> vectors,
                          std::vector<std::string>& told) {
  RuleBook rules;
  if (!args.rules.empty()) {
    auto loaded = RuleBook::load(args.rules);
    if (!loaded) return std::move(loaded).error();
    rules = std::move(*loaded);
  }
  if (args.has_no_discovery) return rules;
  auto discovery = discover_rules(data, vectors, kDim, {args.min_messages, args.options.threads});
  if (!discovery) return std::move(discovery).error();
  told = tell_discovery(*discovery);
  return joined_books(rules, std::move(discovery->rules));
}

Result<int> run_train(TrainArgs args) {
  auto settings = resolve_settings(args.settings);
  if (!settings) return std::move(settings).error();
  args.options.threads = settings->threads;
  auto data = load_labelled_csv(args.data, args.columns);
  if (!data) return std::move(data).error();
  if (!args.reviewed.empty())
    if (auto added = add_labelled_csv(args.reviewed, args.columns, *data); !added)
      return std::move(added).error();
  auto encoder = open_encoder(*settings);
  if (!encoder) return std::move(encoder).error();
  TrainSummary summary;
  auto vectors = encode_forms(*data, *encoder, args.options.threads);
  if (!vectors) return std::move(vectors).error();
  std::vector<std::string> told;
  auto rules = rules_of(args, *data, *vectors, told);
  if (!rules) return std::move(rules).error();
  auto bundle = train_on_vectors(*data, *vectors, std::move(*rules), args.options, &summary);
  if (!bundle) return std::move(bundle).error();
  bundle->encoder_weights_sha256 = encoder->weights_sha256();
  bundle->encoder_vocab_sha256 = encoder->vocab_sha256();
  for (const auto* lines : {&summary.lines, &told})
    for (const std::string& line : *lines) fmt::print("{}\n", printable(line));
  if (auto saved = save_bundle(*bundle, args.out); !saved) return std::move(saved).error();
  note(fmt::format("the model bundle is in {}", args.out));
  return 0;
}

}  // namespace

Run add_train(CLI::App& app) {
  auto args = std::make_shared<TrainArgs>();
  CLI::App* command = app.add_subcommand("train", "Make a model bundle from labelled lines");
  command
      ->add_option("DATA", args->data,
                   "CSV with the columns log_message and target_label; source is used if there")
      ->required();
  command->add_option("--out,-o", args->out, "Folder of the bundle; replaced whole if it exists")
      ->required()
      ->type_name("DIR");
  command->add_option("--rules", args->rules, "Rule book of the first tier")->type_name("FILE");
  command
      ->add_option("--reviewed", args->reviewed, "More labelled lines: the CSV of `logsieve review export`")
      ->type_name("FILE");
  add_labelled_columns(*command, args->columns);
  command->add_option("--seed", args->options.seed, "Seed of the folds [1]")->type_name("N");
  command
      ->add_option("--precision", args->options.precision, "Precision each label's threshold aims at [0.99]")
      ->check(CLI::Range(0.5, 1.0))
      ->type_name("P");
  command
      ->add_option("--min-lines", args->min_messages,
                   "Distinct lines that a discovered rule must rest on [2]")
      ->check(CLI::Range(std::size_t{1}, std::size_t{1'000'000}))
      ->type_name("N");
  command->add_flag("--no-discover", args->has_no_discovery, "Use the rules of --rules only; discover none");
  add_settings(*command, args->settings,
               {Setting::kEncoderDir, Setting::kEncoderMode, Setting::kConfig, Setting::kThreads});
  return [args] {
    auto code = run_train(*args);
    return code ? *code : report(code.error());
  };
}

}  // namespace logsieve
