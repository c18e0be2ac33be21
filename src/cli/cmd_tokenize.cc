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

// The ids of the batch's records as JSON lines; up to line `end`, if there is one.
std::string format_ids(const RecordBatch& batch, const SentenceEncoder& encoder, std::uint64_t end) {
  std::vector<std::int32_t> ids;
  std::string block;
  for (const Record& record : batch.records) {
    if (end > 0 && record.line > end) break;
    ids.clear();
    encoder.tokenize(record.message, ids);
    fmt::format_to(std::back_inserter(block), "{{\"ids\":[{}]}}\n", fmt::join(ids, ","));
  }
  return block;
}

// A line of ids that is missing would shift all others against the input, so the first record that cannot be read ends
// the run; what came before it is written.
Result<void> copy_ids(RecordReader& reader, const SentenceEncoder& encoder, const std::string& input,
                      OutputFile& file) {
  for (;;) {
    auto batch = reader.next();
    if (!batch) return std::move(batch).error();
    if (batch->records.empty() && batch->rejects.empty()) return ok();
    const Reject* reject = batch->rejects.empty() ? nullptr : &batch->rejects.front();
    if (auto written = file.write(format_ids(*batch, encoder, reject != nullptr ? reject->line : 0));
        !written)
      return written;
    if (reject != nullptr)
      return Error{ErrorCode::kBadInput, reject->reason}
          .at(input, reject->line)
          .with_help(
              "the lines before it were written; mend or drop the line: ids stand for lines by their order");
  }
}

Result<int> run_tokenize(const TokenizeArgs& args) {
  auto settings = resolve_settings(args.settings);
  if (!settings) return std::move(settings).error();
  auto encoder = open_encoder(*settings);
  if (!encoder) return std::move(encoder).error();
  ReaderOptions options;
  options.format = input_format_from(args.from);
  if (options.format == InputFormat::kJsonl) options.message_column = "text";
  auto reader = open_records(args.input, options);
  if (!reader) return std::move(reader).error();
  auto file = OutputFile::create(args.out);
  if (!file) return std::move(file).error();
  auto copied = copy_ids(**reader, *encoder, args.input, *file);
  if (copied) copied = file->close();
  if (!copied && !file->is_broken_pipe()) return std::move(copied).error();
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
