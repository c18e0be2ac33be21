// Detection behind the cascade: records with their verdicts in, anomaly events out.
//
// One thread, in input order. Gives each record its time, its template by the miner, and new templates their
// nearness in meaning to what the stream has shown so far.
#ifndef LOGSIEVE_CASCADE_DETECTION_STAGE_H_
#define LOGSIEVE_CASCADE_DETECTION_STAGE_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "anomaly/detector.h"
#include "base/result.h"
#include "cascade/cascade.h"
#include "record/record.h"
#include "record/verdict.h"

namespace logsieve {

struct DetectionOptions {
  DetectorOptions detector;
  // For timestamps without a year: when the input was written.
  TimeMs reference = 0;
  // Records that state no time have this clock's (milliseconds since 1970); empty: no time at all. A file that is
  // read at once must not be given one: its lines did not arrive now.
  std::function<TimeMs()> arrival;
};

class DetectionStage {
 public:
  // `cascade` must outlive the object, which listens to the forms that it embeds and has it keep the numbers of lines.
  DetectionStage(Cascade& cascade, DetectionOptions options);
  DetectionStage(DetectionStage&&) noexcept;
  DetectionStage& operator=(DetectionStage&&) noexcept;
  ~DetectionStage();

  // Another input; `reference` as in the options. `may_go_back`: its time may lie before that of the last one.
  void begin_input(TimeMs reference, bool may_go_back);
  // `form` and `numbers` as the cascade gives them.
  void observe(const Record& record, const Verdict& verdict, std::string_view form,
               std::span<const double> numbers, std::vector<AnomalyEvent>& events);
  // Time passes without records.
  void advance(TimeMs now, std::vector<AnomalyEvent>& events);
  void finish(std::vector<AnomalyEvent>& events);

  const Detector& detector() const;
  std::string save() const;
  // Errors: kBadInput: not a state, of another version, damaged.
  Result<void> restore(std::string_view bytes);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace logsieve

#endif  // LOGSIEVE_CASCADE_DETECTION_STAGE_H_
