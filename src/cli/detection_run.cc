#include "cli/detection_run.h"

#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fmt/format.h>
#include <span>
#include <sys/stat.h>
#include <utility>

#include "base/file.h"
#include "base/utf8.h"
#include "cli/counts.h"

namespace logsieve {
namespace {

TimeMs wall_clock() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

// When a file was last written: with that, timestamps without a year mean the same whenever it is read.
TimeMs written_at(const std::string& path) {
  struct stat status {};
  if (path == "-" || ::stat(path.c_str(), &status) != 0 || !S_ISREG(status.st_mode)) return wall_clock();
  return static_cast<TimeMs>(status.st_mtim.tv_sec) * kSecondMs;
}

// For people, where no file was named: time, severity, kind, what.
void print_table(std::span<const AnomalyEvent> events) {
  std::string rows;
  for (const AnomalyEvent& event : events)
    rows += fmt::format("{:24}  {:8}  {:12}  line {}: {}\n",
                        event.time == kNoTime ? "-" : format_time(event.time),
                        event.is_firing ? severity_name(event.severity) : "over",
                        anomaly_kind_name(event.kind), event.line, printable(event.what));
  std::fputs(rows.c_str(), stderr);
}

// What the configuration names must be there, or it would watch for nothing. The default is for any model.
Result<void> check_risk_labels(const DetectorOptions& detector, const LabelSet& labels) {
  if (detector.risk_labels == DetectorOptions().risk_labels) return ok();
  for (const std::string& label : detector.risk_labels)
    if (labels.find(label) == kNoLabel)
      return Error{ErrorCode::kBadConfig,
                   "detect: risk_labels: the model has no label \"" + printable(label) + "\""}
          .with_help("its labels: " + printable(fmt::format("{}", fmt::join(labels.names(), ", "))));
  return ok();
}

}  // namespace

void add_detection_options(CLI::App& command, DetectionArgs& args) {
  command.add_option("--alerts", args.alerts, "Write anomalies to this file, one JSON object each")
      ->type_name("FILE")
      ->group("Detection");
  command.add_option("--detect-state", args.state, "Keep what is learned in this file, from run to run")
      ->type_name("FILE")
      ->group("Detection");
  command
      .add_option("--warmup-lines", args.warmup_lines,
                  "Lines that are learned before anything counts as new [5000]")
      ->check(count_range())
      ->type_name("N")
      ->group("Detection");
}

Result<void> add_detection_outputs(const DetectionArgs& args, bool detects,
                                   std::vector<std::string>& outputs) {
  if (!args.alerts.empty()) outputs.push_back(args.alerts);
  if (!args.state.empty()) outputs.push_back(args.state);
  const char* said = !args.state.empty() ? "--detect-state" : args.warmup_lines ? "--warmup-lines" : nullptr;
  if (detects || !args.alerts.empty() || said == nullptr) return ok();
  return Error{ErrorCode::kInvalidArgument, std::string(said) + " means nothing without --detect"}.with_help(
      "add --detect, or --alerts FILE");
}

Result<std::unique_ptr<DetectionRun>> DetectionRun::open(const DetectionArgs& args, Cascade& cascade,
                                                         DetectionOptions options) {
  if (auto checked = check_risk_labels(options.detector, cascade.bundle().labels); !checked)
    return std::move(checked).error();
  options.detector.warmup_lines = args.warmup_lines.value_or(options.detector.warmup_lines);
  std::unique_ptr<DetectionRun> run(new DetectionRun(args, DetectionStage(cascade, std::move(options))));
  std::error_code ignored;
  if (!args.state.empty() && std::filesystem::exists(args.state, ignored)) {
    auto bytes = read_file(args.state);
    if (!bytes) return std::move(bytes).error();
    if (auto restored = run->stage_.restore(*bytes); !restored)
      return std::move(restored).error().at(args.state).with_help("remove the file to learn anew");
  }
  if (!args.alerts.empty()) {
    auto alerts = AppendFile::open(args.alerts, args.start);
    if (!alerts) return std::move(alerts).error();
    run->alerts_.emplace(std::move(*alerts));
  }
  return run;
}

void DetectionRun::begin_input(const std::string& path) {
  // The first input goes on where the state ended; only a further one may go back in time.
  stage_.begin_input(written_at(path), std::exchange(has_input_, true));
}

Result<void> DetectionRun::observe(const Record& record, const Verdict& verdict, std::string_view form,
                                   std::span<const double> numbers) {
  stage_.observe(record, verdict, form, numbers, events_);
  return events_.empty() ? ok() : deliver();
}

Result<void> DetectionRun::advance(TimeMs now) {
  stage_.advance(now, events_);
  return events_.empty() ? ok() : deliver();
}

Result<void> DetectionRun::deliver() {
  text_.clear();
  for (const AnomalyEvent& event : events_) {
    firing_ += event.is_firing ? 1 : 0;
    append_event_json(event, text_);
  }
  if (listener_) listener_(events_);
  if (!alerts_ && !listener_) print_table(events_);
  events_.clear();
  return alerts_ ? alerts_->append(text_) : ok();
}

Result<void> DetectionRun::conclude() {
  stage_.finish(events_);
  return deliver();
}

Result<void> DetectionRun::finish() {
  auto concluded = conclude();
  return concluded ? save() : std::move(concluded);
}

Result<void> DetectionRun::save() const {
  return args_.state.empty() ? ok() : write_file_atomic(args_.state, stage_.save());
}

Result<DetectionStage> DetectionRun::prepared(Cascade& cascade, DetectionOptions options) const {
  if (auto checked = check_risk_labels(options.detector, cascade.bundle().labels); !checked)
    return std::move(checked).error();
  options.detector.warmup_lines = args_.warmup_lines.value_or(options.detector.warmup_lines);
  DetectionStage next(cascade, std::move(options));
  if (auto restored = next.restore(stage_.save()); !restored) return std::move(restored).error();
  return next;
}

}  // namespace logsieve
