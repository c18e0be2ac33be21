#include <chrono>
#include <filesystem>
#include <fmt/format.h>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <poll.h>
#include <unistd.h>
#include <utility>
#include <vector>

#include "base/progress.h"
#include "base/stop_signal.h"
#include "base/utf8.h"
#include "cascade/classify_stream.h"
#include "cascade/explanation.h"
#include "cascade/record_ids.h"
#include "cli/commands.h"
#include "cli/console.h"
#include "cli/detection_run.h"
#include "cli/input_formats.h"
#include "cli/open_model.h"
#include "cli/opinions.h"
#include "cli/output_checks.h"
#include "cli/settings.h"
#include "cli/verdict_table.h"
#include "io/verdict_writer.h"

namespace logsieve {
namespace {

// Most records a chunk: with lines of 60 bytes it is the 1 MiB that a batch has at most.
constexpr std::size_t kChunkRecords = std::size_t{16} << 10U;

bool can_read_now(int fd) {
  pollfd wait{fd, POLLIN, 0};
  return ::poll(&wait, 1, 0) > 0;
}

struct ClassifyArgs {
  RawSettings settings;
  std::vector<std::string> inputs;
  std::string from = "auto";
  std::string to;
  std::string out;
  std::string rejects;
  std::string message_column;
  std::string source_column;
  bool is_strict = false;
  bool has_summary = false;
  bool detects = false;
  DetectionArgs detection;
};

// Where verdicts go: formatted bytes, collected to blocks, or a table for people.
class VerdictOutput {
 public:
  static constexpr std::size_t kBlockBytes = std::size_t{1} << 20U;

  // `with_deferral`: two more columns, llm_deferred and record_id.
  VerdictOutput(OutputFile file, const Cascade& cascade, std::string to, bool with_deferral)
      : file_(std::move(file)), cascade_(cascade), to_(std::move(to)), with_deferral_(with_deferral) {}

  // Called for each input; the header is written once.
  Result<void> begin_input(const RecordReader& reader) {
    if (to_ == "table") {
      if (!table_) buffer_ += table_.emplace(terminal_columns(160)).header();
      return ok();
    }
    formatter_.emplace(format_of(reader), reader, with_deferral_);
    ids_ = {};
    std::string header;
    formatter_->header(header);
    if (header_ && *header_ != header)
      return Error{ErrorCode::kBadInput, "this input's columns differ from those of the first one"}.with_help(
          "classify it in a run of its own, or write --to jsonl");
    if (!header_) buffer_ += header;
    header_ = header;
    return ok();
  }

  // Output that other threads may make; `append` is then for the rest. Empty: each record must go through `append`.
  ChunkFormat chunk_format(std::size_t threads) const {
    if (table_) return {};
    // A copy a worker: a formatter has scratch memory.
    auto formatters = std::make_shared<std::vector<VerdictFormatter>>(threads, *formatter_);
    return [this, formatters](const RecordBatch& input, const ResolvedBatch& resolved, LineRange lines,
                              std::size_t worker, std::string& out) {
      const VerdictFormatter& formatter = (*formatters)[worker];
      for (std::size_t i = lines.begin; i < lines.end; ++i)
        formatter.append(input.records[i], named(resolved.verdicts[i], resolved.forms[i]), out);
    };
  }

  // Names the deferred records of the present input.
  RecordIds& ids() { return ids_; }

  // Formatted already.
  Result<void> append(std::string_view text) {
    if (text.size() < kBlockBytes / 2) {
      buffer_ += text;
      return buffer_.size() < kBlockBytes ? ok() : flush();
    }
    auto flushed = flush();
    return flushed ? file_.write(text) : std::move(flushed);
  }

  Result<void> append(const Record& record, const Verdict& verdict, std::string_view form) {
    const LabelSet& labels = cascade_.bundle().labels;
    if (table_) {
      auto reason = why(cascade_, verdict, form);
      if (!reason) return std::move(reason).error();
      buffer_ += table_->row(record, labels.name(verdict.label), verdict, *reason);
    } else {
      NamedVerdict words = named(verdict, form);
      std::array<char, 32> id{};
      if (verdict.is_deferred) {
        id = hex_digits(ids_.of(record));
        words.record_id = {id.data(), id.size()};
      }
      formatter_->append(record, words, buffer_);
    }
    return buffer_.size() < kBlockBytes ? ok() : flush();
  }

  Result<void> flush() {
    auto written = file_.write(buffer_);
    buffer_.clear();
    return written;
  }

  Result<void> close() {
    if (auto flushed = flush(); !flushed) return flushed;
    return file_.close();
  }

  bool is_broken_pipe() const { return file_.is_broken_pipe(); }

 private:
  NamedVerdict named(const Verdict& verdict, std::string_view form) const {
    const std::string_view rule =
        verdict.rule < 0 ? std::string_view()
                         : cascade_.bundle().rules.rules()[static_cast<std::size_t>(verdict.rule)].name;
    return {cascade_.bundle().labels.name(verdict.label),
            verdict.confidence,
            tier_name(verdict.tier),
            rule,
            form,
            verdict.is_deferred};
  }

  OutputFormat format_of(const RecordReader& reader) const {
    if (to_ == "csv") return OutputFormat::kCsv;
    if (to_ == "tsv") return OutputFormat::kTsv;
    if (to_ == "jsonl") return OutputFormat::kJsonl;
    return reader.format() == InputFormat::kCsv ? OutputFormat::kCsv : OutputFormat::kJsonl;
  }

  OutputFile file_;
  const Cascade& cascade_;
  std::string to_;
  bool with_deferral_;
  RecordIds ids_;
  std::string buffer_;
  std::optional<std::string> header_;
  std::optional<VerdictFormatter> formatter_;
  std::optional<VerdictTable> table_;
};

// Rejected records as JSON lines: place, reason, and what stood there.
Result<void> write_reject(OutputFile& file, const std::string& input, const Reject& reject) {
  const nlohmann::ordered_json line = {{"input", to_valid_utf8(input)},
                                       {"line", reject.line},
                                       {"reason", to_valid_utf8(reject.reason)},
                                       {"record", to_valid_utf8(reject.raw)}};
  return file.write(line.dump() + '\n');
}

class ClassifyRun {
 public:
  explicit ClassifyRun(const ClassifyArgs& args) : args_(args) {}

  Result<int> run() {
    auto settings = resolve_settings(args_.settings);
    if (!settings) return std::move(settings).error();
    auto inputs = expand_inputs(args_.inputs);
    if (!inputs) return std::move(inputs).error();
    std::vector<std::string> outputs = {args_.out};
    if (!args_.rejects.empty()) outputs.push_back(args_.rejects);
    if (auto checked = check_outputs(*inputs, outputs); !checked) return std::move(checked).error();
    auto opened_model = open_model(*settings, /*with_llm=*/true);
    if (!opened_model) return std::move(opened_model).error();
    model_.emplace(std::move(*opened_model));
    OpenedModel* const model = &*model_;
    auto file = OutputFile::create(args_.out);
    if (!file) return std::move(file).error();
    const bool defers = model->llm && settings->llm_wait != LlmWait::kAll;
    VerdictOutput output(std::move(*file), model->cascade, args_.to, settings->llm_wait != LlmWait::kAll);
    if (auto opened = open_deferred(*settings, *model, defers); !opened) return std::move(opened).error();
    if (!args_.rejects.empty()) {
      auto rejects = OutputFile::create(args_.rejects);
      if (!rejects) return std::move(rejects).error();
      rejects_.emplace(std::move(*rejects));
    }
    if (args_.detects || !args_.detection.alerts.empty()) {
      auto detection =
          DetectionRun::open(args_.detection, model->cascade, {settings->config.detector, 0, {}});
      if (!detection) return std::move(detection).error();
      detection_ = std::move(*detection);
    }
    const auto start = std::chrono::steady_clock::now();
    for (const std::string& input : *inputs) {
      auto done = classify_input(input, *model, output);
      if (!done && output.is_broken_pipe()) return 0;
      if (!done) {
        // What was classified before the fault is whole; a file still appears only if all of it is.
        if (is_stdout()) [[maybe_unused]]
          const auto ignored = output.flush();
        return std::move(done).error();
      }
      if (totals_.is_interrupted) break;
    }
    if (totals_.is_interrupted) return interrupted(output);
    if (auto closed = output.close(); !closed)
      return output.is_broken_pipe() ? Result<int>(0) : std::move(closed).error();
    if (detection_)
      if (auto finished = detection_->finish(); !finished) return std::move(finished).error();
    if (rejects_)
      if (auto closed = rejects_->close(); !closed) return std::move(closed).error();
    seconds_ = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    if (auto kept = opinions_.save(review_file(*settings)); !kept)
      note("the review queue was not written: " + kept.error().message);
    tell_rejects();
    if (totals_.deferred > 0)
      note(fmt::format("{} record{} deferred: `logsieve llm drain` asks the LLM about them", totals_.deferred,
                       totals_.deferred == 1 ? " is" : "s are"));
    if (args_.has_summary) print_summary(*model);
    return 0;
  }

 private:
  bool is_stdout() const { return args_.out.empty() || args_.out == "-"; }

  Result<int> interrupted(VerdictOutput& output) {
    if (!is_stdout()) {
      note(fmt::format("interrupted after {} records: {} was not written", totals_.records, args_.out));
      return 130;
    }
    if (auto flushed = output.flush(); !flushed && !output.is_broken_pipe())
      return std::move(flushed).error();
    note(fmt::format("interrupted after {} records", totals_.records));
    return 130;
  }

  Result<void> classify_input(const std::string& input, OpenedModel& model, VerdictOutput& output) {
    auto reader = open_records(input, reader_options());
    if (!reader) return std::move(reader).error();
    if (args_.from == "auto" && input == "-")
      note(fmt::format("reading {}", input_format_name((*reader)->format())));
    if (auto begun = output.begin_input(**reader); !begun) return std::move(begun).error().at(input);
    std::error_code no_size;
    const auto size = std::filesystem::file_size(input, no_size);
    Progress progress("classify", no_size ? 0 : static_cast<std::size_t>(size));
    if (detection_) detection_->begin_input(input);
    StreamSink sink;
    if (!detection_ && !args_.is_strict) sink.format = output.chunk_format(model.cascade.threads());
    sink.on_text = [&](std::string_view text) { return output.append(text); };
    sink.on_record = [&](const Record& record, const Verdict& verdict, std::string_view form,
                         std::span<const double> numbers) {
      auto written = output.append(record, verdict, form);
      return written && detection_ ? detection_->observe(record, verdict, form, numbers) : std::move(written);
    };
    if (model.llm)
      sink.on_opinion = [&](const Record& record, std::string_view form, const Verdict& before,
                            bool is_second, const LlmAnswer& answer) {
        opinions_.add(record.message, form, before, is_second, answer, model.cascade.bundle().labels);
      };
    sink.on_reject = [&](const Reject& reject) { return keep_reject(input, reject); };
    // Someone who types or follows a pipe sees each answer at once; a file is written in blocks.
    if (input == "-") sink.on_batch_end = [&](std::uint64_t) { return output.flush(); };
    sink.on_progress = [&](std::uint64_t bytes) { progress.update(bytes); };
    StreamOptions options;
    options.stop = &stop_requested();
    if (input == "-") options.is_idle = [] { return !can_read_now(STDIN_FILENO); };
    options.deferred = deferred_ ? &*deferred_ : nullptr;
    options.defers = defers_;
    options.input = input;
    options.ids = &output.ids();
    return classify_stream(**reader, model.cascade, model.llm.get(), sink, options, totals_);
  }

  // Kept where something may be deferred in this run, or was in an earlier one and may be settled now.
  Result<void> open_deferred(const Settings& settings, const OpenedModel& model, bool defers) {
    defers_ = defers;
    if (!model.llm) return ok();
    auto opened = DeferredLines::open(llm_state_file(settings));
    if (!opened) return std::move(opened).error();
    auto count = opened->count();
    if (!count) return std::move(count).error();
    if (defers || *count > 0) deferred_.emplace(std::move(*opened));
    return ok();
  }

  Result<void> keep_reject(const std::string& input, const Reject& reject) {
    if (args_.is_strict)
      return Error{ErrorCode::kBadInput, reject.reason}
          .at(input, reject.line)
          .with_help("without --strict such records are counted, and kept by --rejects FILE");
    if (!first_reject_) first_reject_ = fmt::format("{}:{}: {}", input, reject.line, reject.reason);
    return rejects_ ? write_reject(*rejects_, input, reject) : ok();
  }

  ReaderOptions reader_options() const {
    ReaderOptions options;
    options.format = input_format_from(args_.from);
    options.message_column = args_.message_column;
    options.source_column = args_.source_column;
    // Many short lines are worth a chunk of their own; with the LLM, more batches are kept at a time.
    if (!model_->llm) options.batch_records = kChunkRecords;
    return options;
  }

  void tell_rejects() const {
    if (totals_.rejects == 0) return;
    note(fmt::format("{} record{} could not be read, the first at {}; {}", totals_.rejects,
                     totals_.rejects == 1 ? "" : "s", *first_reject_,
                     rejects_ ? "all are in " + args_.rejects : "--rejects FILE keeps them"));
  }

  void print_summary(const OpenedModel& model) const {
    const double rate = seconds_ > 0 ? static_cast<double>(totals_.records) / seconds_ : 0;
    std::string text = fmt::format("{} lines in {:.2f} s ({:.0f}/s), {} forms judged, {} rejected\n",
                                   totals_.records, seconds_, rate, totals_.tiers.forms, totals_.rejects);
    const auto percent = [&](std::uint64_t part) {
      return totals_.records == 0 ? 0.0
                                  : 100.0 * static_cast<double>(part) / static_cast<double>(totals_.records);
    };
    text += "by tier ";
    for (std::size_t i = 0; i < kTierCount; ++i)
      if (totals_.tiers.lines[i] > 0)
        text += fmt::format("  {} {} ({:.1f} %)", tier_name(static_cast<Tier>(i)), totals_.tiers.lines[i],
                            percent(totals_.tiers.lines[i]));
    text += "\nby label";
    for (const auto& [label, count] : totals_.labels) text += fmt::format("  {} {}", printable(label), count);
    if (model.llm) {
      const LlmCounters llm = model.llm->counters();
      text +=
          fmt::format("\nllm       {} requests, {} retries, {} forms answered ({} from the store), {} failed",
                      llm.requests, llm.retries, llm.answered, llm.stored, llm.failed);
    }
    std::fputs((text + "\n").c_str(), stderr);
  }

  const ClassifyArgs& args_;
  ClassifyTotals totals_;
  std::optional<DeferredLines> deferred_;
  bool defers_ = false;
  Opinions opinions_;
  std::optional<OpenedModel> model_;
  std::unique_ptr<DetectionRun> detection_;  // listens to the model, so it goes first
  std::optional<OutputFile> rejects_;
  std::optional<std::string> first_reject_;
  double seconds_ = 0;
};

}  // namespace

Run add_classify(CLI::App& app) {
  auto args = std::make_shared<ClassifyArgs>();
  CLI::App* command = app.add_subcommand("classify", "Label each record of the inputs, in order");
  command->add_option("INPUT", args->inputs, "Files to read; `-` or none: stdin")->type_name("FILE");
  command->add_option("--from", args->from, "Input format [auto]")
      ->check(CLI::IsMember(input_format_names()))
      ->type_name("FORMAT")
      ->envname("LOGSIEVE_FROM");
  command
      ->add_option("--to", args->to, "Output: csv, jsonl, tsv, or table for people [csv for csv, else jsonl]")
      ->check(CLI::IsMember({"csv", "jsonl", "tsv", "table"}))
      ->type_name("FORMAT")
      ->envname("LOGSIEVE_TO");
  command->add_option("--out,-o", args->out, "Output file, there whole or not at all [stdout]")
      ->type_name("FILE");
  command->add_option("--rejects", args->rejects, "Keep records that cannot be read, with place and reason")
      ->type_name("FILE");
  command
      ->add_option("--message-column", args->message_column,
                   "Column or field of the message [log_message, message, …]")
      ->type_name("NAME");
  command
      ->add_option("--source-column", args->source_column,
                   "Column or field of the source [source, service, …]")
      ->type_name("NAME");
  command->add_flag("--strict", args->is_strict,
                    "Stop at the first record that cannot be read, with exit code 65");
  command->add_flag("--summary", args->has_summary, "Print counts by tier and label on stderr");
  command->add_flag("--detect", args->detects, "Watch for anomalies: see --alerts")->group("Detection");
  add_detection_options(*command, args->detection);
  add_settings(*command, args->settings,
               {Setting::kModel, Setting::kEncoderDir, Setting::kEncoderMode, Setting::kConfig,
                Setting::kThreads, Setting::kLlm, Setting::kLlmBaseUrl, Setting::kLlmModels,
                Setting::kLlmKeyFile, Setting::kLlmWait, Setting::kState});
  return [args] {
    install_stop_signals();
    auto code = ClassifyRun(*args).run();
    return code ? *code : report(code.error());
  };
}

}  // namespace logsieve
