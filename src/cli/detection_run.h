// What `classify --detect` and `watch` share: the detection stage with its state file and where events go.
#ifndef LOGSIEVE_CLI_DETECTION_RUN_H_
#define LOGSIEVE_CLI_DETECTION_RUN_H_

#include <CLI/CLI.hpp>
#include <cstdint>
#include <cstdio>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "cascade/detection_stage.h"

namespace logsieve {

struct DetectionArgs {
  std::string alerts;  // file of events; empty: none
  std::string state;   // file of what was learned; empty: none
  std::uint64_t warmup_lines = DetectorOptions{}.warmup_lines;
};

// --alerts, --detect-state, --warmup-lines.
void add_detection_options(CLI::App& command, DetectionArgs& args);

class DetectionRun {
 public:
  // Errors: kIo (files), kBadInput (a state that is none).
  static Result<std::unique_ptr<DetectionRun>> open(const DetectionArgs& args, Cascade& cascade,
                                                    DetectionOptions options);

  // `path` names the input, for its time of writing.
  void begin_input(const std::string& path);
  Result<void> observe(const Record& record, const Verdict& verdict, std::string_view form,
                       std::span<const double> numbers);
  Result<void> advance(TimeMs now);
  // Decides what was waiting, and saves the state.
  Result<void> finish();
  Result<void> save() const;
  // The same learned state over another cascade, which must outlive the object. Errors: kBadInput; it then goes on as
  // it was.
  Result<void> move_to(Cascade& cascade, DetectionOptions options);
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
  struct FileCloser {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };
  std::unique_ptr<std::FILE, FileCloser> alerts_;
  std::function<void(std::span<const AnomalyEvent>)> listener_;
  std::vector<AnomalyEvent> events_;  // not delivered yet
  std::string text_;
  bool has_input_ = false;
  std::uint64_t firing_ = 0;
};

}  // namespace logsieve

#endif  // LOGSIEVE_CLI_DETECTION_RUN_H_
