#include <filesystem>
#include <fmt/format.h>
#include <memory>
#include <optional>
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
#include "cli/output_checks.h"
#include "cli/settings.h"
#include "cli/threshold_options.h"
#include "training/discover/rule_discovery.h"
#include "training/discover/rule_judgement.h"
#include "training/fit/background.h"
#include "training/fit/form_vectors.h"
#include "training/fit/labelled_data.h"
#include "training/fit/trainer.h"
#include "training/report/report.h"

namespace logsieve {
namespace {

struct TrainArgs {
  RawSettings settings;
  std::string data;
  std::string out;
  std::string rules;
  std::string reviewed;
  std::string report;
  LabelledDataOptions columns;
  TrainOptions options;
  ThresholdArgs thresholds;
  std::size_t min_messages = DiscoveryOptions{}.min_messages;
  bool has_no_discovery = false;
};

std::optional<DiscoveryOptions> discovery_of(const TrainArgs& args) {
  if (args.has_no_discovery) return std::nullopt;
  return DiscoveryOptions{args.min_messages, args.options.threads};
}

Result<RuleBook> load_rules(const std::string& file) {
  if (file.empty()) return RuleBook();
  return RuleBook::load(file);
}

// The rules of the book, then those that the data proves.
Result<RuleBook> with_discovered(const RuleBook& rules, const TrainArgs& args, const LabelledData& data,
                                 std::span<const float> vectors, std::vector<std::string>& told) {
  const auto options = discovery_of(args);
  if (!options) return rules;
  auto discovery = discover_rules(data, vectors, kDim, *options, rules);
  if (!discovery) return std::move(discovery).error();
  told = tell_discovery(*discovery);
  return joined_books(rules, std::move(discovery->rules));
}

Result<LabelledData> load_data(const TrainArgs& args) {
  auto data = load_labelled_csv(args.data, args.columns);
  if (!data || args.reviewed.empty()) return data;
  if (auto added = add_labelled_csv(args.reviewed, args.columns, *data); !added)
    return std::move(added).error();
  return data;
}

// What training made, and what it was made from.
struct Trained {
  std::unique_ptr<SentenceEncoder> encoder;
  std::unique_ptr<Background> background;
  std::unique_ptr<FormReader> reader;
  LabelledData data;
  std::vector<float> vectors;
  RuleBook own_rules;  // those of --rules
  Bundle bundle;
  std::vector<std::string> told;
  std::optional<SpellingChoice> spelling;
};

Result<Trained> train(TrainArgs& args, const Settings& settings) {
  Trained trained;
  auto data = load_data(args);
  if (!data) return std::move(data).error();
  trained.data = std::move(*data);
  if (auto checked = args.options.limits.check_labels(trained.data.labels.names()); !checked)
    return std::move(checked).error();
  auto opened = open_encoder(settings);
  if (!opened) return std::move(opened).error();
  trained.encoder = std::make_unique<SentenceEncoder>(std::move(*opened));
  args.options.encoder = trained.encoder.get();
  trained.reader = std::make_unique<FormReader>(*trained.encoder, args.options.threads);
  args.options.reader = trained.reader.get();
  auto background = make_background(*trained.reader);
  if (!background) return std::move(background).error();
  trained.background = std::make_unique<Background>(std::move(*background));
  args.options.background = trained.background.get();
  auto vectors = encode_forms(trained.data, *trained.encoder, args.options.threads);
  if (!vectors) return std::move(vectors).error();
  trained.vectors = std::move(*vectors);
  auto own_rules = load_rules(args.rules);
  if (!own_rules) return std::move(own_rules).error();
  auto judged = judge_rules(std::move(*own_rules), trained.data);
  if (!judged) return std::move(judged).error();
  trained.own_rules = std::move(judged->book);
  std::vector<std::string> told_of_rules;
  auto rules = with_discovered(trained.own_rules, args, trained.data, trained.vectors, told_of_rules);
  if (!rules) return std::move(rules).error();
  TrainSummary summary;
  auto bundle = train_on_vectors(trained.data, trained.vectors, std::move(*rules), args.options, &summary);
  if (!bundle) return std::move(bundle).error();
  trained.bundle = std::move(*bundle);
  trained.bundle.encoder_weights_sha256 = trained.encoder->weights_sha256();
  trained.bundle.encoder_vocab_sha256 = trained.encoder->vocab_sha256();
  trained.told = std::move(summary.lines);
  trained.spelling = summary.spelling;
  trained.told.insert(trained.told.end(), told_of_rules.begin(), told_of_rules.end());
  trained.told.insert(trained.told.end(), judged->told.begin(), judged->told.end());
  return trained;
}

Result<int> run_train(TrainArgs args) {
  std::vector<std::string> outputs = {args.out};
  if (!args.report.empty()) outputs.push_back(args.report);
  if (auto checked = check_outputs({&args.data, 1}, outputs); !checked) return std::move(checked).error();
  if (auto checked = check_bundle_folder(args.out); !checked) return std::move(checked).error();
  if (!args.report.empty())
    if (auto checked = check_report_folder(args.report); !checked) return std::move(checked).error();
  auto settings = resolve_settings(args.settings);
  if (!settings) return std::move(settings).error();
  args.options.threads = settings->threads;
  if (auto applied = apply(args.thresholds, args.options); !applied) return std::move(applied).error();
  auto trained = train(args, *settings);
  if (!trained) return std::move(trained).error();
  for (const std::string& line : trained->told) fmt::print("{}\n", printable(line));

  std::optional<Report> report;
  if (!args.report.empty()) {
    const auto discovery = discovery_of(args);
    auto made = make_report({trained->data, trained->vectors, trained->bundle, trained->own_rules,
                             args.options, discovery, std::filesystem::path(args.data).filename().string(),
                             trained->told, trained->spelling});
    if (!made) return std::move(made).error();
    report.emplace(std::move(*made));
  }
  trained->bundle.model_card =
      model_card(trained->bundle, trained->data, trained->told, report ? &*report : nullptr);
  if (auto saved = save_bundle(trained->bundle, args.out); !saved) return std::move(saved).error();
  note(fmt::format("the model bundle is in {}", args.out));
  if (!report) return 0;
  if (auto written = write_report(*report, args.report); !written) return std::move(written).error();
  note(fmt::format("the report is {}", (std::filesystem::path(args.report) / kReportPage).string()));
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
  command
      ->add_option("--report", args->report,
                   "Folder for a page that says how good the model is on lines it has not seen")
      ->type_name("DIR");
  add_labelled_columns(*command, args->columns);
  command->add_option("--seed", args->options.seed, "Seed of the folds [1]")->type_name("N");
  add_threshold_options(*command, args->thresholds);
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
