#include <algorithm>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <fmt/format.h>
#include <functional>
#include <memory>
#include <optional>
#include <poll.h>
#include <unistd.h>
#include <utility>
#include <vector>

#include "base/number_of.h"
#include "base/progress.h"
#include "base/stop_signal.h"
#include "bundle/bundle.h"
#include "cascade/classify_stream.h"
#include "cli/classify_args.h"
#include "cli/classify_output.h"
#include "cli/classify_summary.h"
#include "cli/commands.h"
#include "cli/console.h"
#include "cli/detection_run.h"
#include "cli/follow_session.h"
#include "cli/input_formats.h"
#include "cli/open_model.h"
#include "cli/opinions.h"
#include "cli/output_checks.h"
#include "cli/reject_line.h"
#include "cli/resumed_run.h"
#include "cli/settings.h"
#include "io/resumable_output.h"
#include "io/verdict_writer.h"

namespace logsieve {
namespace {

// Most records a chunk: with lines of 60 bytes it is the 1 MiB that a batch has at most.
constexpr std::size_t kChunkRecords = std::size_t{16} << 10U;

// A write that was reported as good may not have reached the disk (sysexits.h: EX_OSERR).
constexpr int kLostSync = 71;

// A run after so many that committed nothing goes record by record, for more records than a chunk has.
constexpr std::uint64_t kFailedRuns = 2;
constexpr std::size_t kCarefulRecords = 20'000;

bool can_read_now(int fd) {
  pollfd wait{fd, POLLIN, 0};
  return ::poll(&wait, 1, 0) > 0;
}

// "app.csv.gz" is named by csv.
bool is_named_by(std::string_view path, InputFormat format) {
  for (const std::string_view packed : {".gz", ".zst"})
    if (path.ends_with(packed)) path.remove_suffix(packed.size());
  const std::string_view extension = path.substr(std::min(path.rfind('.'), path.size()));
  if (format == InputFormat::kCsv && extension == ".tsv") return true;
  if (format == InputFormat::kJsonl && (extension == ".ndjson" || extension == ".json")) return true;
  return extension.size() > 1 && extension.substr(1) == input_format_name(format);
}

class ClassifyRun {
 public:
  explicit ClassifyRun(const ClassifyArgs& args) : args_(args) {}

  Result<int> run() {
    auto settings = resolve_settings(args_.settings);
    if (!settings) return std::move(settings).error();
    if (auto checked = check_follow(args_, *settings); !checked) return std::move(checked).error();
    auto inputs = args_.follows ? followed_inputs() : expand_inputs(args_.inputs);
    if (!inputs) return std::move(inputs).error();
    std::vector<std::string> outputs = {args_.out};
    if (!args_.rejects.empty()) outputs.push_back(args_.rejects);
    if (auto added = add_detection_outputs(args_.detection, args_.detects, outputs); !added)
      return std::move(added).error();
    if (auto checked = check_outputs(*inputs, outputs); !checked) return std::move(checked).error();
    if (auto checked = check_resumed(args_, *settings); !checked) return std::move(checked).error();
    auto opened_model = open_model(*settings, /*with_llm=*/true);
    if (!opened_model) return std::move(opened_model).error();
    model_.emplace(std::move(*opened_model));
    OpenedModel* const model = &*model_;
    if (auto opened = open_outputs(*settings, args_.follows ? args_.inputs : *inputs); !opened)
      return std::move(opened).error();
    const bool defers = model->llm && settings->llm_wait != LlmWait::kAll;
    ClassifyOutput output([this](std::string_view bytes) { return write(bytes); }, model->cascade,
                          {args_.to, settings->llm_wait != LlmWait::kAll,
                           args_.has_no_header || (resumed_ && !resumed_->is_empty()), args_.guards_formulas,
                           args_.is_unbuffered, args_.message_column});
    if (auto opened = open_deferred(*settings, *model, defers); !opened) return std::move(opened).error();
    if (args_.detects || !args_.detection.alerts.empty()) {
      auto detection =
          DetectionRun::open(args_.detection, model->cascade, {settings->config.detector, 0, {}});
      if (!detection) return std::move(detection).error();
      detection_ = std::move(*detection);
    }
    const auto start = std::chrono::steady_clock::now();
    auto done = args_.follows ? follow(*settings, *model, output) : classify_inputs(*inputs, *model, output);
    if (!done && is_broken_pipe()) return 0;
    if (!done) {
      // What was classified before the fault is whole; a file still appears only if all of it is.
      if (is_stdout()) [[maybe_unused]]
        const auto ignored = output.flush();
      return failed(std::move(done).error());
    }
    seconds_ = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    if (totals_.is_interrupted) return interrupted(output, *settings);
    if (auto closed = close(output); !closed)
      return is_broken_pipe() ? Result<int>(0) : failed(std::move(closed).error());
    if (detection_)
      if (auto finished = detection_->finish(); !finished) return std::move(finished).error();
    if (totals_.deferred > 0)
      note(number_of(totals_.deferred, "record") + " deferred: `logsieve llm drain` asks the LLM about them");
    tell_end(*settings);
    return 0;
  }

 private:
  Result<void> classify_inputs(const std::vector<std::string>& inputs, OpenedModel& model,
                               ClassifyOutput& output) {
    for (std::size_t i = resumed_ ? resumed_->position().source : 0; i < inputs.size(); ++i) {
      auto done = classify_input(i, inputs[i], model, output);
      // While it was opened and its format told; classify_stream sees to the rest.
      if (!done && done.error().code == ErrorCode::kInterrupted) totals_.is_interrupted = true;
      if (totals_.is_interrupted) break;
      if (!done) return done;
      if (is_careful_ && careful_records_ == 0) {
        is_careful_ = false;
        --i;  // the rest of this input as ever
      }
    }
    return ok();
  }

  bool is_stdout() const { return args_.writes_stdout(); }
  bool is_broken_pipe() const { return file_ && file_->is_broken_pipe(); }

  // What is there of them now. Files that are not are waited for.
  Result<std::vector<std::string>> followed_inputs() const {
    std::vector<std::string> there;
    for (const std::string& name : args_.inputs)
      for (std::string& path : matching_inputs(name).value_or(std::vector<std::string>())) {
        std::error_code absent;
        if (std::filesystem::exists(path, absent)) {
          // What else a pattern leads to is told when it is come by, and left alone.
          auto checked = check_followable(path);
          if (!checked && path == name) return std::move(checked).error();
          if (!checked) continue;
          there.push_back(std::move(path));
        } else if (!args_.is_unbuffered) {
          note(path + " is not there: it is waited for");
        }
      }
    return there;
  }

  Result<void> open_outputs(const Settings& settings, const std::vector<std::string>& inputs) {
    if (args_.resumes()) return open_resumed(settings, inputs);
    auto file = OutputFile::create(args_.out);
    if (!file) return std::move(file).error();
    file_.emplace(std::move(*file));
    if (args_.rejects.empty()) return ok();
    auto rejects = OutputFile::create(args_.rejects);
    if (!rejects) return std::move(rejects).error();
    rejects_.emplace(std::move(*rejects));
    return ok();
  }

  Result<void> open_resumed(const Settings& settings, const std::vector<std::string>& inputs) {
    auto bundle = bundle_id(settings.model);
    if (!bundle) return std::move(bundle).error();
    auto identity = run_identity(
        inputs, args_.follows,
        fmt::format("out {}\nrejects {}\nto {}\nfrom {}\nmessage-column {}\nsource-column {}\nmultiline {}\n"
                    "header {}\nguard {}\n"
                    "bundle {}\nencoder-mode {}\nllm {}\n",
                    full_path(args_.out), full_path(args_.rejects), args_.to, args_.from,
                    args_.message_column, args_.source_column, args_.multiline, !args_.has_no_header,
                    args_.guards_formulas, *bundle, static_cast<int>(settings.arithmetic),
                    model_->llm ? "on" : "off"));
    if (!identity) return std::move(identity).error();
    bool has_new_model = false;
    auto resumed = ResumableOutput::open({settings.state_dir, args_.out, args_.rejects, std::move(*identity),
                                          *read_durability(args_.durability)},
                                         [&](std::span<const IdentityChange> changes) -> Result<void> {
                                           auto judged = judge_changes(changes, args_.accepts_new_model);
                                           if (!judged) return std::move(judged).error();
                                           has_new_model = *judged;
                                           return ok();
                                         });
    if (!resumed) return std::move(resumed).error();
    resumed_.emplace(std::move(*resumed));
    if (has_new_model)
      note(fmt::format("another model labels from here on: {} keeps what stands in its first {} bytes",
                       args_.out, resumed_->output_bytes()));
    is_careful_ = resumed_->failed_runs() >= kFailedRuns ||
                  (args_.follows ? is_followed_death_ahead(*resumed_) : resumed_->has_death_ahead());
    if (is_careful_) note("earlier runs ended here without a commit: going record by record for a while");
    if (resumed_->is_resumed() && !args_.follows)
      note(fmt::format("going on at line {} of {}", resumed_->position().line,
                       inputs[std::min<std::size_t>(resumed_->position().source, inputs.size() - 1)]));
    return ok();
  }

  Result<void> write(std::string_view bytes) {
    return resumed_ ? resumed_->write(bytes) : file_->write(bytes);
  }

  Result<void> close(ClassifyOutput& output) {
    if (auto flushed = output.flush(); !flushed) return flushed;
    if (resumed_ && !args_.follows) {
      // Also the header of an input without records; but not what came behind a record that is half read.
      auto ended = can_restart_ ? resumed_->commit(resumed_->position()) : resumed_->end_run();
      if (!ended) return ended;
    }
    if (resumed_) return resumed_->flush();
    if (auto closed = file_->close(); !closed) return closed;
    return rejects_ ? rejects_->close() : ok();
  }

  // A lost sync has an exit code of its own: the disk must be looked at before the command is repeated.
  Result<int> failed(Error error) const {
    if (!resumed_ || !resumed_->has_lost_sync()) return error;
    report(error);
    return kLostSync;
  }

  Result<int> interrupted(ClassifyOutput& output, const Settings& settings) {
    if (args_.follows) return follow_ended(output, settings);
    if (resumed_) {
      if (auto closed = close(output); !closed) return failed(std::move(closed).error());
      note("interrupted after " + number_of(totals_.records, "record") +
           ": the same command goes on from here");
      return 130;
    }
    if (!is_stdout()) {
      note(fmt::format("interrupted after {}: {} was not written", number_of(totals_.records, "record"),
                       args_.out));
      return 130;
    }
    if (auto flushed = output.flush(); !flushed && !is_broken_pipe()) return std::move(flushed).error();
    note("interrupted after " + number_of(totals_.records, "record"));
    return 130;
  }

  // What stands before the place that an earlier run reached was classified by it.
  Result<void> go_on(std::size_t index, RecordReader& reader) {
    if (!resumed_ || resumed_->position().source != index || resumed_->position().offset == 0) return ok();
    return reader.skip_to(resumed_->position().offset, resumed_->position().line);
  }

  Result<void> classify_input(std::size_t index, const std::string& input, OpenedModel& model,
                              ClassifyOutput& output) {
    if (input == "-" && ::isatty(STDIN_FILENO) == 1 && !args_.is_unbuffered)
      note("reading what is typed; Ctrl-D ends it");
    ReaderOptions reading = reader_options();
    // A filter's format is not for its first line to tell.
    const bool names_fields = !args_.message_column.empty() || !args_.source_column.empty();
    if (input == "-" && args_.is_unbuffered && args_.from == "auto" && !names_fields)
      reading.format = InputFormat::kText;
    auto reader = open_records(input, reading);
    if (!reader) return std::move(reader).error();
    if (args_.from == "auto") tell_format(input, (*reader)->format());
    if (auto begun = output.begin_input(**reader); !begun) return std::move(begun).error().at(input);
    if (auto skipped = go_on(index, **reader); !skipped) return std::move(skipped).error().at(input);
    std::error_code no_size;
    const auto size = std::filesystem::file_size(input, no_size);
    Progress progress("classify", no_size ? 0 : static_cast<std::size_t>(size), Progress::Unit::kBytesRead);
    if (detection_) detection_->begin_input(input);
    StreamSink sink = sink_for(model, output, [&input]() -> const std::string& { return input; });
    // Someone who types or follows a pipe sees each answer at once; a file is written in blocks.
    if (input == "-" || args_.is_unbuffered)
      sink.on_batch_end = [&](const RecordBatch&) { return output.flush(); };
    if (resumed_)
      sink.on_batch_end = [&, index](const RecordBatch& batch) {
        auto flushed = output.flush();
        // A line that the input was cut in is read again by the next run, which may find it whole.
        can_restart_ = batch.can_restart && !batch.is_cut_short;
        if (!flushed || !can_restart_) return flushed;
        return resumed_->commit({index, batch.end_offset, batch.end_line});
      };
    sink.on_progress = [&](std::uint64_t bytes) { progress.update(bytes); };
    StreamOptions options;
    options.stop = &stop_requested();
    if (input == "-") options.is_idle = [] { return !can_read_now(STDIN_FILENO); };
    options.deferred = deferred_ ? &*deferred_ : nullptr;
    options.defers = defers_;
    options.input = input;
    options.ids = &output.ids();
    return classify(
        **reader, [this](const RecordBatch&) { return resumed_->position(); }, model, sink, options);
  }

  // `name` is that of the input which the next reject is of.
  StreamSink sink_for(OpenedModel& model, ClassifyOutput& output,
                      const std::function<const std::string&()>& name) {
    StreamSink sink;
    if (!detection_ && !args_.is_strict && !is_careful_)
      sink.format = output.chunk_format(model.cascade.threads());
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
    const bool are_formatted = static_cast<bool>(sink.format);
    sink.on_reject = [this, name, &output, are_formatted](const Reject& reject) {
      auto kept = keep_reject(name(), reject);
      return kept && args_.is_unbuffered && !are_formatted ? output.append(reject) : std::move(kept);
    };
    return sink;
  }

  Result<void> classify(RecordReader& reader, CarefulReader::Place place, OpenedModel& model,
                        const StreamSink& sink, StreamOptions& options) {
    options.leaves_unanswered = resumed_.has_value();
    if (!is_careful_) return classify_stream(reader, model.cascade, model.llm.get(), sink, options, totals_);
    options.max_waiting_bytes = 0;
    CarefulReader careful(reader, *resumed_, std::move(place), careful_records_);
    return classify_stream(careful, model.cascade, model.llm.get(), sink, options, totals_);
  }

  Result<void> follow(const Settings& settings, OpenedModel& model, ClassifyOutput& output) {
    FollowSession::Options session_options;
    session_options.output = resumed_ ? &*resumed_ : nullptr;
    session_options.output_pipe = is_stdout() && is_pipe(STDOUT_FILENO) ? STDOUT_FILENO : -1;
    session_options.tell = [this](const std::string& notice) {
      if (!args_.is_unbuffered) note(notice);
    };
    session_options.on_wait = [this, &settings] { save_opinions(settings); };
    while (!totals_.is_interrupted) {
      // A new one where records are no longer read one by one: batches have another size then.
      const bool was_careful = is_careful_;
      FollowSession session(followed_reader(), session_options);
      while (!totals_.is_interrupted && is_careful_ == was_careful)
        if (auto done = follow_layout(settings, session, model, output); !done) return done;
      if (auto finished = session.finish(); !finished) return finished;
    }
    return ok();
  }

  // Until lines of another layout come.
  Result<void> follow_layout(const Settings& settings, FollowSession& session, OpenedModel& model,
                             ClassifyOutput& output) {
    auto goes_on = session.wait_for_layout();
    if (!goes_on) return std::move(goes_on).error();
    totals_.is_interrupted = !*goes_on;
    if (totals_.is_interrupted) return ok();
    if (auto begun = output.begin_input(session); !begun) return begun;
    StreamSink sink = sink_for(model, output, [&session]() -> const std::string& { return session.name(); });
    sink.on_batch_end = [&](const RecordBatch& batch) {
      save_opinions(settings);
      auto flushed = output.flush();
      return flushed ? session.commit(batch) : std::move(flushed);
    };
    StreamOptions options;
    options.stop = &stop_requested();
    options.is_idle = [&session] { return !session.has_ready(); };
    options.ids = &output.ids();
    auto done = classify(
        session, [&session](const RecordBatch& batch) { return session.place_of(batch); }, model, sink,
        options);
    if (is_careful_ && careful_records_ == 0) is_careful_ = false;
    return done;
  }

  std::unique_ptr<FollowReader> followed_reader() const {
    FollowOptions options;
    options.from_end = args_.from_end;
    for (const std::string& path : {args_.out, args_.rejects})
      if (const auto id = file_id(path, STDOUT_FILENO)) options.left_out.push_back(*id);
    const auto known = resumed_ ? followed_from(resumed_->notes()) : std::vector<KnownFile>();
    return std::make_unique<FollowReader>(args_.inputs, known, reader_options(), std::move(options));
  }

  // By a signal, as such a run does; or because nobody reads what it writes.
  Result<int> follow_ended(ClassifyOutput& output, const Settings& settings) {
    if (auto closed = close(output); !closed)
      return is_broken_pipe() ? Result<int>(0) : failed(std::move(closed).error());
    tell_end(settings);
    if (!args_.is_unbuffered && stop_requested())
      note("ended after " + number_of(totals_.records, "record") +
           (resumed_ ? ": the same command goes on from here" : ""));
    return stop_signal() == SIGINT ? 130 : 0;
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
    if (resumed_) return args_.rejects.empty() ? ok() : resumed_->write_reject(reject_line(input, reject));
    return rejects_ ? rejects_->write(reject_line(input, reject)) : ok();
  }

  ReaderOptions reader_options() const {
    ReaderOptions options;
    options.format = input_format_from(args_.from);
    options.message_column = args_.message_column;
    options.source_column = args_.source_column;
    options.multiline = args_.multiline;
    options.rejects_blank_lines = args_.is_unbuffered;
    // Many short lines are worth a chunk of their own; with the LLM, more batches are kept at a time.
    if (!model_->llm) options.batch_records = kChunkRecords;
    if (is_careful_ || (resumed_ && args_.durability == "line")) options.batch_records = 1;
    return options;
  }

  // What was guessed must be seen, but not once for each of a thousand files, nor where the name says it.
  void tell_format(const std::string& input, InputFormat format) {
    if (told_format_ == format || is_named_by(input, format) || args_.is_unbuffered) return;
    told_format_ = format;
    note(fmt::format("reading {} as {}", input == "-" ? "stdin" : input, input_format_name(format)));
  }

  void save_opinions(const Settings& settings) { tell_unsaved(opinions_.save_if_due(review_file(settings))); }

  static void tell_unsaved(const Result<void>& saved) {
    if (!saved) note("the review queue was not written: " + saved.error().message);
  }

  void tell_end(const Settings& settings) {
    tell_unsaved(opinions_.save(review_file(settings)));
    tell_rejects();
    if (args_.has_summary) std::fputs(classify_summary(totals_, seconds_, model_->llm.get()).c_str(), stderr);
  }

  void tell_rejects() const {
    if (totals_.rejects == 0) return;
    note(fmt::format("{} could not be read, the first at {}; {}", number_of(totals_.rejects, "record"),
                     *first_reject_,
                     !args_.rejects.empty() ? "all are in " + args_.rejects : "--rejects FILE keeps them"));
  }

  const ClassifyArgs& args_;
  ClassifyTotals totals_;
  std::optional<DeferredLines> deferred_;
  bool defers_ = false;
  Opinions opinions_;
  std::optional<OpenedModel> model_;
  std::unique_ptr<DetectionRun> detection_;  // listens to the model, so it goes first
  std::optional<OutputFile> file_;
  std::optional<OutputFile> rejects_;
  std::optional<ResumableOutput> resumed_;  // then the two above are not there
  std::optional<std::string> first_reject_;
  bool is_careful_ = false;
  std::size_t careful_records_ = kCarefulRecords;  // left to be read so
  bool can_restart_ = true;                        // at the end of the last batch
  InputFormat told_format_ = InputFormat::kAuto;
  double seconds_ = 0;
};

}  // namespace

Run add_classify(CLI::App& app) {
  auto args = std::make_shared<ClassifyArgs>();
  add_classify_options(*app.add_subcommand("classify", "Label each record of the inputs, in order"), *args);
  return [args] {
    install_stop_signals();
    auto code = ClassifyRun(*args).run();
    return code ? *code : report(code.error());
  };
}

}  // namespace logsieve
