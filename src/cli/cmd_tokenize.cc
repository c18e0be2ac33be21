#include <fmt/format.h>
#include <iterator>
#include <memory>
#include <utility>

#include "cli/commands.h"
#include "cli/console.h"
#include "cli/input_formats.h"
#include "cli/open_model.h"
#include "cli/settings.h"
#include "io/verdict_writer.h"

namespace logsieve {
namespace {

struct TokenizeArgs {
  RawSettings settings;
  std::string input = "-";
  std::string from = "text";
  std::string out;
};

Result<int> run_tokenize(const TokenizeArgs& args) {
  auto settings = resolve_settings(args.settings);
  if (!settings) return std::move(settings).error();
  auto encoder = open_encoder(*settings);
  if (!encoder) return std::move(encoder).error();
  ReaderOptions options;
  options.format = input_format_from(args.from);
  auto reader = open_records(args.input, options);
  if (!reader) return std::move(reader).error();
  auto file = OutputFile::create(args.out);
  if (!file) return std::move(file).error();
  std::vector<std::int32_t> ids;
  std::string block;
  for (;;) {
    auto batch = (*reader)->next();
    if (!batch) return std::move(batch).error();
    if (batch->records.empty() && batch->rejects.empty()) break;
    for (const Reject& reject : batch->rejects)
      return Error{ErrorCode::kBadInput, reject.reason}.at(args.input, reject.line);
    block.clear();
    for (const Record& record : batch->records) {
      ids.clear();
      encoder->tokenize(record.message, ids);
      fmt::format_to(std::back_inserter(block), "{{\"ids\":[{}]}}\n", fmt::join(ids, ","));
    }
    if (auto written = file->write(block); !written)
      return file->is_broken_pipe() ? Result<int>(0) : std::move(written).error();
  }
  if (auto closed = file->close(); !closed)
    return file->is_broken_pipe() ? Result<int>(0) : std::move(closed).error();
  return 0;
}

}  // namespace

Run add_tokenize(CLI::App& app) {
  auto args = std::make_shared<TokenizeArgs>();
  CLI::App* command =
      app.add_subcommand("tokenize", "Print the word-piece ids of each line, as the encoder sees them");
  command->add_option("INPUT", args->input,
                      "File to read; `-` or none: stdin. JSONL records are {\"text\": …}");
  command->add_option("--from", args->from, "Input format [text]")
      ->check(CLI::IsMember({"text", "jsonl"}))
      ->type_name("FORMAT");
  command->add_option("--out,-o", args->out, "Output file [stdout]")->type_name("FILE");
  add_settings(*command, args->settings, {Setting::kEncoderDir, Setting::kConfig});
  return [args] {
    auto code = run_tokenize(*args);
    return code ? *code : report(code.error());
  };
}

}  // namespace logsieve
