#include <algorithm>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <fmt/format.h>
#include <map>
#include <memory>
#include <optional>
#include <sys/ioctl.h>
#include <unistd.h>
#include <utility>
#include <vector>

#include "anomaly/alert_service.h"
#include "base/append_file.h"
#include "base/file.h"
#include "base/stop_signal.h"
#include "cli/commands.h"
#include "cli/console.h"
#include "cli/detection_run.h"
#include "cli/input_formats.h"
#include "cli/open_model.h"
#include "cli/output_checks.h"
#include "cli/reject_line.h"
#include "cli/settings.h"
#include "cli/watch_state.h"
#include "cli/watch_view.h"
#include "io/follow_reader.h"
#include "io/input_stream.h"
#include "io/pipe_lines.h"
#include "io/verdict_writer.h"

namespace logsieve {
namespace {

using Clock = std::chrono::steady_clock;

std::atomic<bool> reload_wanted{false};

void request_reload(int /*signal*/) {
  reload_wanted = true;
}

constexpr std::size_t kChunkBytes = std::size_t{1} << 20U;
constexpr int kIdleMs = 100;
constexpr auto kDrawEvery = std::chrono::seconds(1);
constexpr auto kSaveEvery = std::chrono::seconds(30);
// Lines take a while from the writer to here. Time that passes without lines is taken to be so much earlier than it
// is, so that a live run decides as a replay of the same records does.
constexpr TimeMs kArrivalMs = 30 * kSecondMs;
constexpr std::uint32_t kFarewellMs = 5'000;  // for the last messages
constexpr std::uint32_t kRecordMs = 5'000;    // for alerts to be in the store
constexpr std::size_t kMostOpen = 10'000;     // alerts of earlier runs, on the screen

struct WatchArgs {
  RawSettings settings;
  std::vector<std::string> inputs;
  std::string from = "auto";
  std::string source_column;
  std::string message_column;
  std::string rejects;
  bool is_once = false;
  DetectionArgs detection;
};

TimeMs wall_clock() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

Error cannot_follow(const std::string& path, std::string_view what, std::string help) {
  return Error{ErrorCode::kBadInput, "a " + std::string(what) + " cannot be followed"}.at(path).with_help(
      std::move(help));
}

class WatchRun {
 public:
  WatchRun(const WatchArgs& args, OutputFile out) : args_(args), out_(std::move(out)) {}

  Result<int> run() {
    if (auto opened = open(); !opened) return std::move(opened).error();
    while (!stop_requested()) {
      if (reload_wanted.exchange(false)) reload();
      auto has_read = read_all();
      if (!has_read) return std::move(has_read).error();
      if (auto told = on_time(!*has_read); !told) return std::move(told).error();
      if (!output_failure_ && !*has_read && (args_.is_once || all_ended())) break;
      if (!output_failure_ && !*has_read && !wait_idle(kIdleMs, is_pipe_ ? STDOUT_FILENO : -1)) break;
      if (output_failure_ && out_.is_broken_pipe()) break;
      if (output_failure_) return std::move(*output_failure_);
    }
    return close();
  }

 private:
  Result<void> open() {
    if (auto checked = check_files(); !checked) return checked;
    auto settings = resolve_settings(args_.settings);
    if (!settings) return std::move(settings).error();
    settings_ = std::move(*settings);
    auto model = open_model(settings_, /*with_llm=*/false);
    if (!model) return std::move(model).error();
    model_ = std::make_unique<OpenedModel>(std::move(*model));
    if (auto opened = open_state(); !opened) return opened;
    if (auto opened = open_inputs(); !opened) return opened;
    DetectionArgs detection = args_.detection;
    if (detection.state.empty()) detection.state = (state_->folder() / "detector.state").string();
    auto run = DetectionRun::open(detection, model_->cascade, detection_options(settings_));
    if (!run) return std::move(run).error();
    detection_ = std::move(*run);
    auto alerts =
        AlertService::start(state_->folder() / "alerts.sqlite", settings_.config.alerts, wall_clock);
    if (!alerts) return std::move(alerts).error();
    alerts_ = std::move(*alerts);
    detection_->listen([this](std::span<const AnomalyEvent> events) { tell(events); });
    return ok();
  }

  Result<void> open_state() {
    auto state = WatchState::open(settings_.state_dir);
    if (!state) return std::move(state).error();
    state_.emplace(std::move(*state));
    if (!state_->complaint().empty())
      note(state_->complaint() +
           ": inputs are read from their beginning; what was counted is known by its time");
    if (!is_screen_) return ok();
    auto store = AlertStore::open(state_->folder() / "alerts.sqlite");
    if (!store) return std::move(store).error();
    auto open = store->alerts(/*only_open=*/true, kMostOpen);
    if (!open) return std::move(open).error();
    view_.begin_with(*open);
    return ok();
  }

  static DetectionOptions detection_options(const Settings& settings) {
    return {settings.config.detector, wall_clock(), wall_clock};
  }

  std::vector<std::string> input_names() const {
    return args_.inputs.empty() ? std::vector<std::string>{"-"} : args_.inputs;
  }

  Result<void> check_files() const {
    if (args_.detection.alerts == "-")
      return Error{ErrorCode::kInvalidArgument,
                   "--alerts needs a file here: watch tells its events on stdout"}
          .with_help("redirect stdout, or name a file");
    std::vector<std::string> outputs = {""};
    if (auto added = add_detection_outputs(args_.detection, /*detects=*/true, outputs); !added) return added;
    if (!args_.rejects.empty()) outputs.push_back(args_.rejects);
    return check_outputs(input_names(), outputs);
  }

  Result<void> open_inputs() {
    for (const std::string& name : input_names()) {
      if (name == "-") {
        stdin_.emplace(STDIN_FILENO);
        continue;
      }
      const auto paths = matching_inputs(name).value_or(std::vector<std::string>());
      bool is_followed = paths.empty();
      for (const std::string& path : paths) {
        auto followed = open_input_file(path);
        // What else a pattern leads to is told when it is come by, and left alone.
        const bool is_named = path == name || args_.is_once;
        if (!followed && is_named) return std::move(followed).error();
        is_followed = is_followed || !followed || *followed;
      }
      if (is_followed) followed_.push_back(name);
    }
    const auto known = state_->known(followed_);
    for (const KnownFile& file : known) stands_[file.key] = file;
    follower_.emplace(followed_, known, reader_options(input_format_from(args_.from)), FollowOptions{});
    if (args_.rejects.empty()) return ok();
    auto rejects = AppendFile::open(args_.rejects, AppendFile::Start::kKeep);
    if (!rejects) return std::move(rejects).error();
    rejects_file_.emplace(std::move(*rejects));
    return ok();
  }

  // Whether it is to be followed; else it is packed, and read once.
  Result<bool> open_input_file(const std::string& path) {
    std::error_code absent;
    if (!std::filesystem::exists(path, absent)) {
      if (args_.is_once) return io_error("open", path, ENOENT);
      note(path + " is not there: it is waited for");
      return true;
    }
    auto checked = check_followable(path);
    if (checked) return true;
    if (!args_.is_once || !std::filesystem::is_regular_file(path, absent) ||
        checked.error().code != ErrorCode::kBadInput)
      return std::move(checked).error();
    packed_.push_back(path);
    return false;
  }

  // The new rules, bundle and settings hold whole or not at all.
  void reload() {
    if (auto done = try_reload(); !done) {
      note("nothing was reloaded, the old model and settings go on");
      report(done.error());
      return;
    }
    note("rules, model and settings reloaded");
  }

  Result<void> try_reload() {
    auto settings = resolve_settings(args_.settings);
    if (!settings) return std::move(settings).error();
    if (settings->state_dir != settings_.state_dir)
      return Error{ErrorCode::kBadConfig, "the state folder cannot change while watch runs"}.with_help(
          "restart it, or put `state:` back to " + settings_.state_dir);
    auto model = open_model(*settings, /*with_llm=*/false);
    if (!model) return std::move(model).error();
    auto next = std::make_unique<OpenedModel>(std::move(*model));
    auto stage = detection_->prepared(next->cascade, detection_options(*settings));
    if (!stage) return std::move(stage).error();
    if (auto done = alerts_->reconfigure(settings->config.alerts); !done) return done;
    // Nothing can fail from here on.
    detection_->move_to(std::move(*stage));
    model_ = std::move(next);
    settings_ = std::move(*settings);
    return ok();
  }

  // Whether there was anything to read.
  Result<bool> read_all() {
    bool has_read = !packed_.empty();
    for (const std::string& path : std::exchange(packed_, {}))
      if (auto done = read_packed(path); !done) return std::move(done).error();
    if (stdin_) {
      auto lines = stdin_->take(kChunkBytes);
      if (!lines) return std::move(lines).error();
      has_read = has_read || !lines->empty();
      if (!lines->empty())
        if (auto done = process_stdin(std::move(*lines)); !done) return std::move(done).error();
    }
    for (const auto begin = Clock::now(); Clock::now() - begin < kDrawEvery;) {
      auto followed = follower_->next();
      for (const std::string& notice : follower_->take_notices()) note(notice);
      if (!followed) break;
      has_read = true;
      if (auto done = process(followed->records, followed->file.name); !done) return std::move(done).error();
      keep_up(std::move(followed->file));
    }
    keep_up({});
    return has_read;
  }

  // `file` stands behind what was processed last; key 0: none.
  void keep_up(KnownFile file) {
    for (KnownFile& moved : follower_->take_moved()) stands_[moved.key] = std::move(moved);
    if (file.key != 0) stands_[file.key] = std::move(file);
    for (const std::uint64_t key : follower_->take_forgotten()) stands_.erase(key);
  }

  ReaderOptions reader_options(InputFormat format) const {
    ReaderOptions options;
    options.format = format;
    options.message_column = args_.message_column;
    options.source_column = args_.source_column;
    return options;
  }

  Result<void> read_packed(const std::string& path) {
    auto reader = open_records(path, reader_options(input_format_from(args_.from)));
    return reader ? process_rest(**reader, path, 1) : std::move(reader).error();
  }

  Result<void> process_stdin(std::string lines) {
    if (stdin_->first_line() == 1 && is_packed(lines))
      return cannot_follow("stdin", "compressed file", "unpack it on the way: zcat FILE | logsieve watch");
    auto reader = read_records(memory_input(std::move(lines)), "-", reader_options(stdin_format_));
    if (!reader) return std::move(reader).error();
    if ((*reader)->format() == InputFormat::kCsv)
      return cannot_follow("stdin", "CSV", "name the file; --from text takes its lines as they are");
    stdin_format_ = (*reader)->format();
    return process_rest(**reader, "-", stdin_->first_line());
  }

  Result<void> process_rest(RecordReader& reader, const std::string& path, std::uint64_t first_line) {
    for (;;) {
      auto batch = reader.next();
      if (!batch) return std::move(batch).error();
      if (batch->records.empty() && batch->rejects.empty()) return ok();
      for (Reject& reject : batch->rejects) reject.line += first_line - 1;
      for (Record& record : batch->records) record.line += first_line - 1;
      if (auto done = process(*batch, path); !done) return done;
    }
  }

  Result<void> process(const RecordBatch& batch, const std::string& path) {
    for (const Reject& reject : batch.rejects)
      if (auto kept = keep_reject(path, reject); !kept) return kept;
    auto resolved = model_->cascade.resolve(batch.records);
    return resolved ? observe(batch, *resolved) : std::move(resolved).error();
  }

  Result<void> keep_reject(const std::string& path, const Reject& reject) {
    if (rejects_++ == 0) first_reject_ = fmt::format("{}:{}: {}", path, reject.line, reject.reason);
    return rejects_file_ ? rejects_file_->append(reject_line(path, reject)) : ok();
  }

  Result<void> observe(const RecordBatch& batch, const ResolvedBatch& resolved) {
    for (std::size_t i = 0; i < batch.records.size(); ++i) {
      const Verdict& verdict = resolved.verdicts[i];
      if (is_screen_) view_.count(verdict.tier, model_->cascade.bundle().labels.name(verdict.label));
      if (auto done =
              detection_->observe(batch.records[i], verdict, resolved.forms[i], resolved.numbers_of(i));
          !done)
        return done;
    }
    last_record_ = Clock::now();
    return ok();
  }

  void tell(std::span<const AnomalyEvent> events) {
    alerts_->submit(events);
    if (is_screen_) return view_.take(events);
    std::string text;
    for (const AnomalyEvent& event : events) append_event_json(event, text);
    print(text);
  }

  void print(std::string_view text) {
    if (auto written = out_.write(text); !written && !output_failure_)
      output_failure_ = std::move(written).error();
  }

  Result<void> on_time(bool is_idle) {
    const auto now = Clock::now();
    if (is_idle && !args_.is_once && detection_->stage().detector().has_time()) {
      const auto idle_ms = std::chrono::duration_cast<std::chrono::milliseconds>(now - last_record_).count();
      // From the last record on, not from the last call: `advance` moves the time that it is added to.
      if (!idle_since_) idle_since_ = detection_->stage().detector().now();
      if (idle_ms > kArrivalMs)
        if (auto moved = detection_->advance(*idle_since_ + idle_ms - kArrivalMs); !moved) return moved;
    }
    if (!is_idle) idle_since_.reset();
    for (const std::string& notice : alerts_->take_notices()) note(notice);
    if (is_screen_ && now - last_drawing_ >= kDrawEvery) draw(now);
    if (now - last_save_ < kSaveEvery) return ok();
    last_save_ = now;
    auto saved = save();
    return saved ? ok() : std::move(saved).error();
  }

  void draw(Clock::time_point now) {
    winsize size{};
    const bool has_size =
        ::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_row > 1 && size.ws_col > 0;
    const double seconds = std::chrono::duration<double>(now - last_drawing_).count();
    const Detector& detector = detection_->stage().detector();
    const std::string screen = view_.render(seconds, detector.has_time() ? detector.now() : kNoTime,
                                            has_size ? size.ws_col : 80U, has_size ? size.ws_row - 1U : 24U);
    // Home, the lines, each cleared to its end, and all below.
    std::string out = "\x1b[H";
    for (const char c : screen) out += c == '\n' ? std::string("\x1b[K\n") : std::string(1, c);
    out += "\x1b[J";
    print(out);
    last_drawing_ = now;
  }

  // Alerts first: once it is saved that lines were read, nothing else knows what they told. Then the detector: records
  // that are read again after a kill in between are known by their time. False: alerts cannot be kept now.
  Result<bool> save() {
    if (!alerts_->wait_recorded(kRecordMs)) return false;
    if (auto saved = detection_->save(); !saved) return std::move(saved).error();
    std::vector<KnownFile> files;
    for (const auto& [key, file] : stands_) files.push_back(file);
    state_->set_known(followed_, files);
    if (auto saved = state_->save(); !saved) return std::move(saved).error();
    return true;
  }

  bool all_ended() const { return followed_.empty() && (!stdin_ || stdin_->has_ended()); }

  Result<int> close() {
    // What is only waiting to be sure is waited for in the state, unless the input is over for good.
    if (args_.is_once || all_ended())
      if (auto done = detection_->conclude(); !done) return std::move(done).error();
    auto saved = save();
    if (!saved) return std::move(saved).error();
    if (!alerts_->finish(*saved ? kFarewellMs : 0) && *saved)
      note("some messages could not be delivered yet; they wait for the next run");
    for (const std::string& notice : alerts_->take_notices()) note(notice);
    if (rejects_ > 0)
      note(fmt::format("{} record{} could not be read, the first at {}{}", rejects_, rejects_ == 1 ? "" : "s",
                       first_reject_, rejects_file_ ? "; all are in " + args_.rejects : ""));
    if (!*saved)
      return Error{ErrorCode::kIo,
                   "the last alerts could not be kept; their lines are read again in the next run"}
          .at((state_->folder() / "alerts.sqlite").string());
    return stop_signal() == SIGINT ? 130 : 0;
  }

  const WatchArgs& args_;
  Settings settings_;
  std::optional<WatchState> state_;
  std::unique_ptr<OpenedModel> model_;
  std::unique_ptr<DetectionRun> detection_;
  std::unique_ptr<AlertService> alerts_;
  std::vector<std::string> followed_;  // names and patterns
  std::optional<FollowReader> follower_;
  std::map<std::uint64_t, KnownFile> stands_;  // behind what was processed, by key
  std::vector<std::string> packed_;            // not read yet
  std::optional<PipeLines> stdin_;
  InputFormat stdin_format_ = InputFormat::kAuto;  // told from the first lines
  WatchView view_;
  OutputFile out_;  // stdout
  std::optional<Error> output_failure_;
  const bool is_screen_ = ::isatty(STDOUT_FILENO) == 1;
  const bool is_pipe_ = is_pipe(STDOUT_FILENO);
  std::optional<AppendFile> rejects_file_;
  std::uint64_t rejects_ = 0;
  std::string first_reject_;
  Clock::time_point last_record_ = Clock::now();
  Clock::time_point last_drawing_ = Clock::now();
  Clock::time_point last_save_ = Clock::now();
  std::optional<TimeMs> idle_since_;
};

}  // namespace

Run add_watch(CLI::App& app) {
  auto args = std::make_shared<WatchArgs>();
  CLI::App* command =
      app.add_subcommand("watch", "Follow logs: classify, find anomalies, tell of them as they come");
  command->add_option("INPUT", args->inputs,
                      "Files to follow, through rotation, or patterns; `-` or none: stdin");
  command->add_option("--from", args->from, "Input format [auto]")
      ->check(CLI::IsMember(input_format_names()))
      ->type_name("FORMAT");
  command->add_option("--message-column", args->message_column, "Field of the message")->type_name("NAME");
  command->add_option("--source-column", args->source_column, "Field of the source")->type_name("NAME");
  command->add_flag("--once", args->is_once, "Read what is there, then end");
  command
      ->add_option("--rejects", args->rejects,
                   "Keep records that cannot be read, with place and reason, in this file")
      ->type_name("FILE");
  args->detection.start = AppendFile::Start::kKeep;
  add_detection_options(*command, args->detection);
  add_settings(*command, args->settings,
               {Setting::kModel, Setting::kEncoderDir, Setting::kEncoderMode, Setting::kConfig,
                Setting::kThreads, Setting::kState});
  return [args] {
    install_stop_signals();
    std::signal(SIGHUP, request_reload);
    auto out = OutputFile::create("-");
    auto code = out ? WatchRun(*args, std::move(*out)).run() : std::move(out).error();
    return code ? *code : report(code.error());
  };
}

}  // namespace logsieve
