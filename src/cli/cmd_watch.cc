#include <algorithm>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <fmt/format.h>
#include <fstream>
#include <memory>
#include <optional>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
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
#include "io/followed_file.h"
#include "io/input_stream.h"
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

struct Input {
  FollowedFile file;
  InputFormat format = InputFormat::kAuto;  // told from the first lines
  bool is_packed = false;                   // read whole, once
  bool is_done = false;                     // it was
};

// gzip, zstd, bzip2, xz: what has no lines until it is unpacked.
bool is_packed(std::string_view head) {
  using namespace std::string_view_literals;
  for (const std::string_view magic : {"\x1f\x8b"sv, "\x28\xb5\x2f\xfd"sv, "\xfd\x37zXZ"sv})
    if (head.starts_with(magic)) return true;
  return head.starts_with("BZh") && head.substr(std::min<std::size_t>(4, head.size()), 3) == "1AY";
}

std::string head_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::string head(8, '\0');
  file.read(head.data(), static_cast<std::streamsize>(head.size()));
  head.resize(static_cast<std::size_t>(file.gcount()));
  return head;
}

bool is_pipe(int fd) {
  struct stat status {};
  return ::fstat(fd, &status) == 0 && (S_ISFIFO(status.st_mode) || S_ISSOCK(status.st_mode));
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
      if (!output_failure_ && !*has_read && !wait_idle()) break;
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
      std::error_code absent;
      const bool is_there = name == "-" || std::filesystem::exists(name, absent);
      if (!is_there && args_.is_once) return io_error("open", name, ENOENT);
      if (!is_there) note(name + " is not there: it is waited for");
      const bool packed = is_there && name != "-" && std::filesystem::is_regular_file(name, absent) &&
                          is_packed(head_of(name));
      if (packed && !args_.is_once)
        return cannot_follow(name, "compressed file", "--once reads it to its end");
      inputs_.push_back({FollowedFile(name), input_format_from(args_.from), packed});
      if (const auto position = state_->position(name)) inputs_.back().file.resume(*position);
    }
    if (args_.rejects.empty()) return ok();
    auto rejects = AppendFile::open(args_.rejects, AppendFile::Start::kKeep);
    if (!rejects) return std::move(rejects).error();
    rejects_file_.emplace(std::move(*rejects));
    return ok();
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
    bool has_read = false;
    for (Input& input : inputs_) {
      if (input.is_packed) {
        if (std::exchange(input.is_done, true)) continue;
        if (auto done = read_packed(input); !done) return std::move(done).error();
        has_read = true;
        continue;
      }
      std::string lines;
      std::uint64_t first_line = 0;
      auto taken = input.file.take_lines(kChunkBytes, lines, first_line);
      if (!taken) return std::move(taken).error();
      if (!*taken) continue;
      has_read = true;
      if (auto done = process_lines(input, std::move(lines), first_line); !done)
        return std::move(done).error();
    }
    return has_read;
  }

  ReaderOptions reader_options(InputFormat format) const {
    ReaderOptions options;
    options.format = format;
    options.message_column = args_.message_column;
    options.source_column = args_.source_column;
    return options;
  }

  Result<void> read_packed(const Input& input) {
    auto reader = open_records(input.file.path(), reader_options(input.format));
    return reader ? process(**reader, input.file.path(), 1) : std::move(reader).error();
  }

  Result<void> process_lines(Input& input, std::string lines, std::uint64_t first_line) {
    if (first_line == 1 && is_packed(lines))
      return cannot_follow(input.file.path(), "compressed file",
                           "unpack it on the way: zcat FILE | logsieve watch");
    auto reader =
        read_records(memory_input(std::move(lines)), input.file.path(), reader_options(input.format));
    if (!reader) return std::move(reader).error();
    if ((*reader)->format() == InputFormat::kCsv)
      return cannot_follow(input.file.path(), "CSV",
                           "classify --detect reads it; --from text takes its lines as they are");
    input.format = (*reader)->format();
    return process(**reader, input.file.path(), first_line);
  }

  Result<void> process(RecordReader& reader, const std::string& path, std::uint64_t first_line) {
    for (;;) {
      auto batch = reader.next();
      if (!batch) return std::move(batch).error();
      if (batch->records.empty() && batch->rejects.empty()) return ok();
      for (Reject& reject : batch->rejects) {
        reject.line += first_line - 1;
        if (auto kept = keep_reject(path, reject); !kept) return kept;
      }
      for (Record& record : batch->records) record.line += first_line - 1;
      auto resolved = model_->cascade.resolve(batch->records);
      if (!resolved) return std::move(resolved).error();
      if (auto done = observe(*batch, *resolved); !done) return done;
    }
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

  // Waits a little; a signal ends it early. False: whoever read our events is gone.
  bool wait_idle() const {
    pollfd out{is_pipe_ ? STDOUT_FILENO : -1, 0, 0};
    return ::poll(&out, 1, kIdleMs) <= 0 || (out.revents & POLLERR) == 0;
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
    for (const Input& input : inputs_)
      if (input.file.path() != "-" && !input.is_packed)
        state_->set_position(input.file.path(), input.file.position());
    if (auto saved = state_->save(); !saved) return std::move(saved).error();
    return true;
  }

  bool all_ended() const {
    return std::all_of(inputs_.begin(), inputs_.end(),
                       [](const Input& input) { return input.file.has_ended(); });
  }

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
  std::vector<Input> inputs_;
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
  command->add_option("INPUT", args->inputs, "Files to follow, through rotation; `-` or none: stdin");
  command->add_option("--from", args->from, "Input format: text, jsonl, syslog [auto]")
      ->check(CLI::IsMember({"auto", "text", "jsonl", "syslog"}))
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
