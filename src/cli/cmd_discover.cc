// logsieve discover: regex rules from lines, without a model.
#include <fmt/format.h>
#include <memory>
#include <optional>
#include <utility>

#include "base/file.h"
#include "base/utf8.h"
#include "bundle/bundle.h"
#include "cli/commands.h"
#include "cli/console.h"
#include "cli/input_formats.h"
#include "cli/labelled_columns.h"
#include "cli/open_model.h"
#include "cli/output_checks.h"
#include "cli/settings.h"
#include "cli/shell_quote.h"
#include "training/discover/rule_discovery.h"
#include "training/discover/rule_draft.h"
#include "training/discover/unlabelled_lines.h"
#include "training/fit/form_vectors.h"
#include "training/fit/labelled_data.h"
#include "training/fit/train_summary.h"

namespace logsieve {
namespace {

struct DiscoverArgs {
  RawSettings settings;
  std::string data;
  std::string out;
  std::string from = "auto";
  std::string model;
  LabelledDataOptions columns;
  std::optional<std::size_t> min_messages;
  bool is_unlabelled = false;
};

Result<void> write_book(const std::string& yaml, const std::string& out) {
  if (out.empty() || out == "-") {
    fmt::print("{}", yaml);
    return ok();
  }
  return write_file_atomic(out, yaml);
}

void tell(const Discovery& discovery) {
  for (const std::string& line : tell_discovery(discovery)) note(printable(line));
}

// The command that makes a book of the draft, for a person to copy.
std::string next_step(const DiscoverArgs& args) {
  const bool is_file = !args.out.empty() && args.out != "-";
  std::string command = fmt::format("logsieve rules check {} {} --unlabelled",
                                    is_file ? shell_word(args.out) : "DRAFT", shell_word(args.data));
  if (args.from != "auto") command += " --from " + args.from;
  if (!args.columns.message_column.empty())
    command += " --message-column " + shell_word(args.columns.message_column);
  if (!args.columns.source_column.empty())
    command += " --source-column " + shell_word(args.columns.source_column);
  return printable(command + " --out BOOK");
}

Result<void> discover_unlabelled(const DiscoverArgs& args, const Settings& settings,
                                 const SentenceEncoder& encoder) {
  ReaderOptions options;
  options.format = input_format_from(args.from);
  options.message_column = args.columns.message_column;
  options.source_column = args.columns.source_column;
  auto data = load_unlabelled(args.data, options);
  if (!data) return std::move(data).error();
  for (const std::string& rows : told_left_out(*data)) note("left out: " + printable(rows));
  std::optional<Bundle> bundle;
  KnownForms known;
  if (!args.model.empty()) {
    auto loaded = load_bundle(args.model);
    if (!loaded) return std::move(loaded).error();
    bundle = std::move(*loaded);
    known = {&bundle->prototypes, &bundle->labels};
  }
  auto vectors = encode_forms(*data, encoder, settings.threads, bundle ? bundle->spelling : Spelling::kWords);
  if (!vectors) return std::move(vectors).error();
  auto draft =
      draft_rules(*data, *vectors, known, {args.min_messages.value_or(1), settings.threads, next_step(args)});
  if (!draft) return std::move(draft).error();
  tell(draft->discovery);
  if (auto written = write_book(draft->yaml, args.out); !written) return written;
  if (!args.out.empty() && args.out != "-")
    note("fill in the labels that you know in " + printable(args.out) + ", then: " + next_step(args));
  return ok();
}

Result<void> discover_labelled(const DiscoverArgs& args, const Settings& settings,
                               const SentenceEncoder& encoder) {
  LabelledDataOptions columns = args.columns;
  columns.is_for_rules = true;
  auto data = load_labelled_csv(args.data, columns);
  if (!data) return unlabelled_hint(std::move(data).error());
  for (const std::string& rows : told_left_out(*data)) note("left out: " + printable(rows));
  auto vectors = encode_forms(*data, encoder, settings.threads);
  if (!vectors) return std::move(vectors).error();
  auto discovery = discover_rules(
      *data, *vectors, kDim, {args.min_messages.value_or(DiscoveryOptions{}.min_messages), settings.threads});
  if (!discovery) return std::move(discovery).error();
  tell(*discovery);
  auto book = joined_books(RuleBook(), std::move(discovery->rules));
  if (!book) return std::move(book).error();
  return write_book(book->to_yaml(), args.out);
}

Result<int> run_discover(const DiscoverArgs& args) {
  if (auto checked = check_outputs({&args.data, 1}, {&args.out, 1}); !checked)
    return std::move(checked).error();
  if (auto checked = check_writable(args.out); !checked) return std::move(checked).error();
  auto settings = resolve_settings(args.settings);
  if (!settings) return std::move(settings).error();
  auto encoder = open_encoder(*settings);
  if (!encoder) return std::move(encoder).error();
  auto done = args.is_unlabelled ? discover_unlabelled(args, *settings, *encoder)
                                 : discover_labelled(args, *settings, *encoder);
  if (!done) return std::move(done).error();
  return 0;
}

}  // namespace

Run add_discover(CLI::App& app) {
  auto args = std::make_shared<DiscoverArgs>();
  CLI::App* command = app.add_subcommand(
      "discover",
      "Find regex rules in labelled lines, each with its proof, or draft them for logs without labels");
  command
      ->add_option("DATA", args->data,
                   "CSV with the columns log_message and target_label; any log with --unlabelled")
      ->required();
  command->add_option("--out,-o", args->out, "Rule book to write [stdout]")
      ->check(named_file)
      ->type_name("FILE");
  auto* unlabelled =
      command->add_flag("--unlabelled", args->is_unlabelled,
                        "Draft a book from logs without labels, biggest kinds first, labels left to fill in");
  command->add_option("--from", args->from, "Format of the logs, with --unlabelled [auto]")
      ->check(CLI::IsMember(input_format_names()))
      ->type_name("FORMAT")
      ->needs(unlabelled);
  command
      ->add_option("--model", args->model,
                   "Bundle whose labelled forms say what a kind is most like, with --unlabelled")
      ->type_name("DIR")
      ->needs(unlabelled);
  command
      ->add_option("--min-lines", args->min_messages,
                   "Distinct lines that a rule must rest on [2; 1 with --unlabelled]")
      ->check(CLI::Range(std::size_t{1}, std::size_t{1'000'000}))
      ->type_name("N");
  add_labelled_columns(*command, args->columns);
  command->get_option("--label-column")->excludes(unlabelled);
  add_settings(*command, args->settings,
               {Setting::kEncoderDir, Setting::kEncoderMode, Setting::kConfig, Setting::kThreads});
  return [args] {
    auto code = run_discover(*args);
    return code ? *code : report(code.error());
  };
}

}  // namespace logsieve
