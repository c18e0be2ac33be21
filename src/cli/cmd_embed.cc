#include <chrono>
#include <cstdio>
#include <fmt/format.h>
#include <memory>
#include <utility>

#include "base/progress.h"
#include "cli/commands.h"
#include "cli/console.h"
#include "cli/input_formats.h"
#include "cli/open_model.h"
#include "cli/settings.h"
#include "encoder/npy.h"
#include "io/verdict_writer.h"

namespace logsieve {
namespace {

struct EmbedArgs {
  RawSettings settings;
  std::string input = "-";
  std::string from = "text";
  std::string out;
  std::string mode;
};

struct Embedded {
  std::vector<float> vectors;
  std::size_t lines = 0;
  std::size_t tokens = 0;
  double seconds = 0;  // of encoding alone
};

Result<void> embed_batch(const RecordBatch& batch, const SentenceEncoder& encoder, std::size_t threads,
                         Embedded& done) {
  std::vector<std::string_view> texts;
  std::vector<std::int32_t> ids;
  for (const Record& record : batch.records) {
    texts.push_back(record.message);
    ids.clear();
    encoder.tokenize(record.message, ids);
    done.tokens += ids.size();
  }
  done.vectors.resize((done.lines + texts.size()) * kDim);
  const auto start = std::chrono::steady_clock::now();
  auto encoded = encoder.encode(texts, std::span<float>(done.vectors).subspan(done.lines * kDim), threads);
  done.seconds += std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  done.lines += texts.size();
  return encoded;
}

Result<int> run_embed(const EmbedArgs& args) {
  auto settings = resolve_settings(args.settings);
  if (!settings) return std::move(settings).error();
  if (!args.mode.empty()) settings->arithmetic = args.mode == "fast" ? Arithmetic::kFast : Arithmetic::kFp32;
  auto encoder = open_encoder(*settings);
  if (!encoder) return std::move(encoder).error();
  ReaderOptions options;
  options.format = input_format_from(args.from);
  if (options.format == InputFormat::kJsonl) options.message_column = "text";
  auto reader = open_records(args.input, options);
  if (!reader) return std::move(reader).error();
  Embedded done;
  Progress progress("embed", 0);
  for (;;) {
    auto batch = (*reader)->next();
    if (!batch) return std::move(batch).error();
    if (batch->records.empty() && batch->rejects.empty()) break;
    // A row that is missing would shift all others against the input.
    for (const Reject& reject : batch->rejects)
      return Error{ErrorCode::kBadInput, reject.reason}.at(args.input, reject.line);
    if (auto embedded = embed_batch(*batch, *encoder, settings->threads, done); !embedded)
      return std::move(embedded).error();
    progress.update(done.lines);
  }
  auto file = OutputFile::create(args.out);
  if (!file) return std::move(file).error();
  if (auto written = file->write(write_npy(std::vector<std::size_t>{done.lines, kDim}, done.vectors));
      !written)
    return std::move(written).error();
  if (auto closed = file->close(); !closed) return std::move(closed).error();
  fmt::print(stderr, "{{\"lines\":{},\"tokens\":{},\"encode_seconds\":{:.6f}}}\n", done.lines, done.tokens,
             done.seconds);
  return 0;
}

}  // namespace

Run add_embed(CLI::App& app) {
  auto args = std::make_shared<EmbedArgs>();
  CLI::App* command =
      app.add_subcommand("embed", "Write the sentence vector of each line: float32 [lines, 384]");
  command->add_option("INPUT", args->input,
                      "File to read; `-` or none: stdin. JSONL records are {\"text\": …}");
  command->add_option("--from", args->from, "Input format [text]")
      ->check(CLI::IsMember({"text", "jsonl"}))
      ->type_name("FORMAT");
  command->add_option("--out,-o", args->out, "A .npy file")->required()->type_name("FILE");
  command->add_option("--mode", args->mode, "--encoder-mode for this command: fp32 (exact) or fast")
      ->check(CLI::IsMember({"fp32", "fast"}))
      ->type_name("MODE");
  add_settings(*command, args->settings,
               {Setting::kEncoderDir, Setting::kEncoderMode, Setting::kConfig, Setting::kThreads});
  return [args] {
    auto code = run_embed(*args);
    return code ? *code : report(code.error());
  };
}

}  // namespace logsieve
