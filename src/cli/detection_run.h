// What `classify --detect` and `watch` share: the detection stage with its state file and where events go.
#ifndef LOGSIEVE_CLI_DETECTION_RUN_H_
#define LOGSIEVE_CLI_DETECTION_RUN_H_

#include <CLI/CLI.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/append_file.h"
#include "base/result.h"
#include "cascade/detection_stage.h"

namespace logsieve {

struct DetectionArgs {
  std::string alerts;                         // file of events; empty: none
  std::string state;                          // file of what was learned; empty: none
  std::optional<std::uint64_t> warmup_lines;  // nothing: as the configuration says
  // The file of events grows from run to run; else it is that of this run.
  AppendFile::Start start = AppendFile::Start::kEmpty;
};

// --alerts, --detect-state, --warmup-lines.
void add_detection_options(CLI::App& command, DetectionArgs& args);
// Appends the files that will be written, for check_outputs. Errors: kInvalidArgument: something was said about
// detection and nothing detects.
Result<void> add_detection_outputs(const DetectionArgs& args, bool detects,
                                   std::vector<std::string>& outputs);

class DetectionRun {
 public:
  // Errors: kIo (files), kBadInput (a state that is none), kBadConfig (risk labels that the model does not have).
  static Result<std::unique_ptr<DetectionRun>> open(const DetectionArgs& args, Cascade& cascade,
                                                    DetectionOptions options);

  // `path` names the input, for its time of writing.
  void begin_input(const std::string& path);
  Result<void> observe(const Record& record, const Verdict& verdict, std::string_view form,
                       std::span<const double> numbers);
  Result<void> advance(TimeMs now);
  // Decides what was waiting.
  Result<void> conclude();
  Result<void> save() const;
  // Both.
  Result<void> finish();
  // The same learned state over another cascade, which must outlive it; `move_to` goes on with it. Errors: kBadInput,
  // kBadConfig.
  Result<DetectionStage> prepared(Cascade& cascade, DetectionOptions options) const;
  void move_to(DetectionStage stage) { stage_ = std::move(stage); }
  // Is told all events, in order.
  void listen(std::function<void(std::span<const AnomalyEvent>)> listener) {
    listener_ = std::move(listener);
  }
  const DetectionStage& stage() const { return stage_; }
  std::uint64_t firing() const { return firing_; }

 private:
  DetectionRun(DetectionArgs args, DetectionStage stage) : args_(std::move(args)), stage_(std::move(stage)) {}
  Result<void> deliver();

  DetectionArgs args_;
  DetectionStage stage_;
  std::optional<AppendFile> alerts_;
  std::function<void(std::span<const AnomalyEvent>)> listener_;
  std::vector<AnomalyEvent> events_;  // not delivered yet
  std::string text_;
  bool has_input_ = false;
  std::uint64_t firing_ = 0;
};

}  // namespace logsieve

#endif  // LOGSIEVE_CLI_DETECTION_RUN_H_
