#include "cli/classify_args.h"

#include <algorithm>
#include <cstdlib>
#include <utility>

#include "cli/input_formats.h"
#include "cli/resumed_run.h"

namespace logsieve {
namespace {

Error refused(std::string what, std::string help) {
  return Error{ErrorCode::kInvalidArgument, std::move(what)}.with_help(std::move(help));
}

bool detects_at_all(const ClassifyArgs& args) {
  return args.detects || !args.detection.alerts.empty();
}

}  // namespace

void add_classify_options(CLI::App& command, ClassifyArgs& args) {
  command.add_option("INPUT", args.inputs, "Files to read; `-` or none: stdin")->type_name("FILE");
  command.add_option("--from", args.from, "Input format [auto]")
      ->check(CLI::IsMember(input_format_names()))
      ->type_name("FORMAT")
      ->envname("LOGSIEVE_FROM");
  command
      .add_option("--to", args.to, "Output: csv, jsonl, tsv, or table for people [csv for csv, else jsonl]")
      ->check(CLI::IsMember({"csv", "jsonl", "tsv", "table"}))
      ->type_name("FORMAT")
      ->envname("LOGSIEVE_TO");
  command
      .add_option(
          "--out,-o", args.out,
          "Output file, there whole or not at all; with --state the same command goes on where it stopped "
          "[stdout]")
      ->type_name("FILE");
  command.add_option("--rejects", args.rejects, "Keep records that cannot be read, with place and reason")
      ->type_name("FILE");
  command
      .add_option("--durability", args.durability,
                  "How --out survives a crash of the machine, with --state: batch, line, none [batch]")
      ->type_name("batch|line|none");
  command
      .add_option("--message-column", args.message_column,
                  "Column or field of the message [log_message, message, …]")
      ->type_name("NAME");
  command
      .add_option("--source-column", args.source_column, "Column or field of the source [source, service, …]")
      ->type_name("NAME");
  command
      .add_option("--multiline", args.multiline,
                  "Join lines of plain text to records: stack, or a regex that their first lines match")
      ->type_name("RULE");
  command.add_flag(
      "--follow,-f", args.follows,
      "Go on as files grow, through rotation; INPUT may be a quoted pattern, whose new files are found");
  command.add_flag("--from-end", args.from_end,
                   "With --follow: skip what is in the files at the first start [read from their beginning]");
  command.add_flag("--accept-new-model", args.accepts_new_model,
                   "With --state: go on with another model; what is labelled stays as it is");
  command.add_flag("--strict", args.is_strict,
                   "Stop at the first record that cannot be read, with exit code 65");
  command.add_flag("--no-header", args.has_no_header, "CSV and TSV without their first line");
  command.add_flag(
      "--unbuffered", args.is_unbuffered,
      "A line out for each line in, at once; stdin is text without --from; stderr tells failures alone");
  command.add_flag("--guard-formulas", args.guards_formulas,
                   "Put an apostrophe before fields of CSV and TSV that a spreadsheet would run");
  command.add_flag("--summary", args.has_summary, "Print counts by tier and label on stderr");
  command.add_flag("--detect", args.detects, "Watch for anomalies: see --alerts")->group("Detection");
  add_detection_options(command, args.detection);
  add_settings(command, args.settings,
               {Setting::kModel, Setting::kEncoderDir, Setting::kEncoderMode, Setting::kConfig,
                Setting::kThreads, Setting::kLlm, Setting::kLlmBaseUrl, Setting::kLlmModels,
                Setting::kLlmKeyFile, Setting::kLlmWait, Setting::kState});
}

bool ClassifyArgs::resumes() const {
  const std::string& said = settings.of(Setting::kState);
  const char* environment = std::getenv(environment_name("--state").c_str());
  const bool is_flag = !said.empty() && (environment == nullptr || said != environment);
  return !durability.empty() || (is_flag && !writes_stdout());
}

Result<void> check_follow(const ClassifyArgs& args, const Settings& settings) {
  if (!args.follows)
    return args.from_end ? refused("--from-end is for --follow", "add --follow, or leave --from-end out")
                         : ok();
  const bool has_stdin = std::find(args.inputs.begin(), args.inputs.end(), "-") != args.inputs.end();
  if (args.inputs.empty() || has_stdin)
    return refused("--follow needs files",
                   "name files or quoted patterns; stdin is read as it grows without --follow");
  if ((!args.writes_stdout() || !args.rejects.empty()) && !args.resumes())
    return refused(
        "--follow writes files only with --out FILE and --state DIR",
        "add what is missing: DIR keeps how far each file was read, so that --out and --rejects have "
        "each line once; without files the answers go to stdout");
  if (detects_at_all(args))
    return refused("--follow does not go with --detect", "`logsieve watch` follows and detects");
  if (settings.llm_wait != LlmWait::kAll)
    return refused(
        "--follow does not go with --llm-wait " + args.settings.of(Setting::kLlmWait),
        "leave --llm-wait out: lines wait for the LLM, a minute at most while its budget is used up");
  return ok();
}

Result<void> check_resumed(const ClassifyArgs& args, const Settings& settings) {
  if (!args.resumes())
    return args.accepts_new_model ? refused("--accept-new-model is for runs that go on where they stopped",
                                            "add --out FILE and --state DIR, or leave it out")
                                  : ok();
  if (auto durability = read_durability(args.durability); !durability) return std::move(durability).error();
  const std::string run = "a run that can be resumed (--state, --durability) ";
  if (args.writes_stdout())
    return refused(run + "needs --out FILE", "name the output by --out, or leave --durability out");
  const bool has_stdin = std::find(args.inputs.begin(), args.inputs.end(), "-") != args.inputs.end();
  if (!args.follows && (args.inputs.empty() || has_stdin))
    return refused("stdin cannot be read again, so its run cannot be resumed",
                   "name files, or leave --state and --durability out");
  if (args.to == "table") return refused(run + "cannot write a table", "write --to csv, jsonl or tsv");
  if (detects_at_all(args))
    return refused(run + "does not go with --detect",
                   "`logsieve watch --state DIR` detects and can be resumed");
  if (settings.llm_wait != LlmWait::kAll)
    return refused(run + "does not go with --llm-wait " + args.settings.of(Setting::kLlmWait),
                   "leave --llm-wait out, or --state and --durability");
  return ok();
}

}  // namespace logsieve
