#include <algorithm>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <fmt/format.h>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <poll.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <utility>
#include <vector>

#include "anomaly/alert_service.h"
#include "base/file.h"
#include "base/stop_signal.h"
#include "base/utf8.h"
#include "cli/commands.h"
#include "cli/console.h"
#include "cli/detection_run.h"
#include "cli/input_formats.h"
#include "cli/open_model.h"
#include "cli/settings.h"
#include "cli/watch_view.h"
#include "io/followed_file.h"
#include "io/input_stream.h"

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

struct WatchArgs {
  RawSettings settings;
  std::vector<std::string> inputs;
  std::string from = "auto";
  std::string source_column;
  std::string message_column;
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
};

nlohmann::json json_of(const FollowedFile::Position& at) {
  return {{"device", at.device}, {"inode", at.inode},         {"offset", at.offset},
          {"line", at.line},     {"head_hash", at.head_hash}, {"head_bytes", at.head_bytes}};
}

std::optional<FollowedFile::Position> position_from(const nlohmann::json& json) {
  FollowedFile::Position at;
  for (const auto& [name, value] : {std::pair{"device", &at.device},
                                    {"inode", &at.inode},
                                    {"offset", &at.offset},
                                    {"line", &at.line},
                                    {"head_hash", &at.head_hash},
                                    {"head_bytes", &at.head_bytes}}) {
    const auto member = json.is_object() ? json.find(name) : json.end();
    if (!json.is_object() || member == json.end() || !member->is_number_unsigned()) return std::nullopt;
    *value = member->get<std::uint64_t>();
  }
  return at;
}

class WatchRun {
 public:
  explicit WatchRun(const WatchArgs& args) : args_(args) {}

  Result<int> run() {
    if (auto opened = open(); !opened) return std::move(opened).error();
    while (!stop_requested()) {
      if (reload_wanted.exchange(false)) reload();
      auto has_read = read_all();
      if (!has_read) return std::move(has_read).error();
      if (auto told = on_time(!*has_read); !told) return std::move(told).error();
      if (!*has_read && (args_.is_once || all_ended())) break;
      if (!*has_read) ::poll(nullptr, 0, kIdleMs);  // a signal ends it early
    }
    return close();
  }

 private:
  Result<void> open() {
    auto settings = resolve_settings(args_.settings);
    if (!settings) return std::move(settings).error();
    settings_ = std::move(*settings);
    auto model = open_model(settings_, /*with_llm=*/false);
    if (!model) return std::move(model).error();
    model_ = std::make_unique<OpenedModel>(std::move(*model));
    state_dir_ = settings_.state_dir;
    std::error_code failure;
    std::filesystem::create_directories(state_dir_, failure);
    if (failure) return io_error("make", state_dir_, failure.value());
    DetectionArgs detection = args_.detection;
    if (detection.state.empty()) detection.state = (state_dir_ / "detector.state").string();
    auto run = DetectionRun::open(detection, model_->cascade, detection_options());
    if (!run) return std::move(run).error();
    detection_ = std::move(*run);
    auto alerts = AlertService::start(state_dir_ / "alerts.sqlite", settings_.config.alerts, wall_clock);
    if (!alerts) return std::move(alerts).error();
    alerts_ = std::move(*alerts);
    is_screen_ = ::isatty(STDOUT_FILENO) == 1;
    detection_->listen([this](std::span<const AnomalyEvent> events) { tell(events); });
    open_inputs();
    return ok();
  }

  DetectionOptions detection_options() const { return {settings_.config.detector, wall_clock(), wall_clock}; }

  void open_inputs() {
    const std::vector<std::string> names =
        args_.inputs.empty() ? std::vector<std::string>{"-"} : args_.inputs;
    nlohmann::json known = nlohmann::json::object();
    if (auto bytes = read_file(state_dir_ / "watch.json"))
      known = nlohmann::json::parse(*bytes, nullptr, /*allow_exceptions=*/false);
    for (const std::string& name : names) {
      inputs_.push_back({FollowedFile(name), input_format_from(args_.from)});
      const auto entry = known.is_object() ? known.find(to_valid_utf8(name)) : known.end();
      if (!known.is_object() || entry == known.end()) continue;
      if (const auto position = position_from(*entry)) inputs_.back().file.resume(*position);
    }
  }

  // The new rules, bundle and settings hold whole or not at all.
  void reload() {
    auto settings = resolve_settings(args_.settings);
    auto model = settings ? open_model(*settings, /*with_llm=*/false) : Result<OpenedModel>(settings.error());
    if (!model) {
      note("nothing was reloaded, the old model goes on");
      report(model.error());
      return;
    }
    auto next = std::make_unique<OpenedModel>(std::move(*model));
    DetectionOptions options{settings->config.detector, wall_clock(), wall_clock};
    if (auto moved = detection_->move_to(next->cascade, std::move(options)); !moved) {
      note("nothing was reloaded, the old model goes on");
      report(moved.error());
      return;
    }
    model_ = std::move(next);
    settings_ = std::move(*settings);
    note("rules and model reloaded");
  }

  // Whether there was anything to read.
  Result<bool> read_all() {
    bool has_read = false;
    for (Input& input : inputs_) {
      std::string lines;
      std::uint64_t first_line = 0;
      auto taken = input.file.take_lines(kChunkBytes, lines, first_line);
      if (!taken) return std::move(taken).error();
      if (!*taken) continue;
      has_read = true;
      if (auto done = process(input, std::move(lines), first_line); !done) return std::move(done).error();
    }
    return has_read;
  }

  Result<void> process(Input& input, std::string lines, std::uint64_t first_line) {
    ReaderOptions options;
    options.format = input.format;
    options.message_column = args_.message_column;
    options.source_column = args_.source_column;
    auto reader = read_records(memory_input(std::move(lines)), input.file.path(), options);
    if (!reader) return std::move(reader).error();
    if ((*reader)->format() == InputFormat::kCsv)
      return Error{ErrorCode::kBadInput, "a CSV cannot be followed"}
          .at(input.file.path())
          .with_help("classify --detect reads it; --from text takes its lines as they are");
    input.format = (*reader)->format();
    for (;;) {
      auto batch = (*reader)->next();
      if (!batch) return std::move(batch).error();
      if (batch->records.empty() && batch->rejects.empty()) return ok();
      rejects_ += batch->rejects.size();
      for (Record& record : batch->records) record.line += first_line - 1;
      auto resolved = model_->cascade.resolve(batch->records);
      if (!resolved) return std::move(resolved).error();
      if (auto done = observe(*batch, *resolved); !done) return done;
    }
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
    std::fwrite(text.data(), 1, text.size(), stdout);
    std::fflush(stdout);
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
    return save();
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
    std::fwrite(out.data(), 1, out.size(), stdout);
    std::fflush(stdout);
    last_drawing_ = now;
  }

  // The detector first: records that are read again after a kill in between are known by their time.
  Result<void> save() {
    if (auto saved = detection_->save(); !saved) return saved;
    nlohmann::json positions = nlohmann::json::object();
    for (const Input& input : inputs_)
      if (input.file.path() != "-")
        positions[to_valid_utf8(input.file.path())] = json_of(input.file.position());
    return write_file_atomic(state_dir_ / "watch.json", positions.dump() + '\n');
  }

  bool all_ended() const {
    return std::all_of(inputs_.begin(), inputs_.end(),
                       [](const Input& input) { return input.file.has_ended(); });
  }

  Result<int> close() {
    // What is only waiting to be sure is waited for in the state, unless the input is over for good.
    if (args_.is_once || all_ended())
      if (auto done = detection_->finish(); !done) return std::move(done).error();
    if (auto saved = save(); !saved) return std::move(saved).error();
    if (!alerts_->finish(kFarewellMs))
      note("some messages could not be delivered yet; they wait for the next run");
    for (const std::string& notice : alerts_->take_notices()) note(notice);
    if (rejects_ > 0) note(fmt::format("{} records could not be read", rejects_));
    return 0;
  }

  const WatchArgs& args_;
  Settings settings_;
  std::filesystem::path state_dir_;
  std::unique_ptr<OpenedModel> model_;
  std::unique_ptr<DetectionRun> detection_;
  std::unique_ptr<AlertService> alerts_;
  std::vector<Input> inputs_;
  WatchView view_;
  bool is_screen_ = false;
  std::uint64_t rejects_ = 0;
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
  add_detection_options(*command, args->detection);
  add_settings(*command, args->settings,
               {Setting::kModel, Setting::kEncoderDir, Setting::kEncoderMode, Setting::kConfig,
                Setting::kThreads, Setting::kState});
  return [args] {
    install_stop_signals();
    std::signal(SIGHUP, request_reload);
    auto code = WatchRun(*args).run();
    return code ? *code : report(code.error());
  };
}

}  // namespace logsieve
