// All detectors over one stream of classified records. Decides by record time alone, so that a replay decides as the
// live run did; the same records give the same events whatever batches they come in.
//
// One thread. Memory is bounded by the options; a record costs a table look-up and three counts.
#ifndef LOGSIEVE_ANOMALY_DETECTOR_H_
#define LOGSIEVE_ANOMALY_DETECTOR_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <unordered_set>
#include <utility>
#include <vector>

#include "anomaly/anomaly_event.h"
#include "anomaly/rate_detector.h"
#include "anomaly/record_clock.h"
#include "anomaly/session_monitor.h"
#include "anomaly/value_range.h"
#include "base/result.h"

namespace logsieve {

struct DetectorOptions {
  RateOptions rates;
  // Nothing is reported as new before both are over.
  std::uint64_t warmup_lines = 5'000;
  // Not waited for where records state no time, nor for more than 100,000 lines.
  TimeMs warmup_ms = 10 * kMinuteMs;
  // A new template whose nearest known one is farther than this (cosine) and that stays alone is novel.
  float novel_similarity = 0.75F;
  TimeMs alone_ms = kMinuteMs;
  std::uint64_t alone_lines = 1'000;  // where records state no time
  TimeMs rare_after_ms = kDayMs;      // silence after which a known template is rare
  TimeMs risk_quiet_ms = kHourMs;     // a risk is over when its label was quiet for so long
  std::vector<std::string> risk_labels = {"Security Alert", "Critical Error"};
  // -ln of the probability below which a number is out of its range: one false report in 10 million numbers.
  double value_nats = 16;
  TimeMs value_quiet_ms = 10 * kMinuteMs;   // out of range no more, after so long without such a number
  std::uint32_t value_baseline_after = 30;  // such numbers while reported, and they belong to the range
  // RE2 with one group: what it matches in a message names the message's session. Empty: there are no sessions.
  std::string session_key = {};
  SessionOptions sessions;
  TimeMs late_ms = kMinuteMs;  // records so far behind the stream's time are not counted in rates
  std::size_t max_templates = 20'000;
  std::size_t max_sources = 1'000;    // beyond: one for all others
  std::size_t max_known = 1'000'000;  // templates that are remembered as seen, 8 bytes each
  std::size_t example_bytes = 500;    // of a line that is kept as an example
};

struct Observation {
  std::uint64_t line = 0;
  std::optional<TimeMs> time;
  std::string_view message;
  std::string_view source;
  std::string_view form;
  std::uint64_t form_hash = 0;           // of `form`
  std::uint32_t label = 0;               // index in the label names
  std::span<const double> numbers = {};  // that the form hides, in order; NaN where one has no value
  std::string_view session = {};         // empty: it is of none
};

// Cosine of a form to the nearest known meaning; nullopt if it cannot be told.
using Nearness = std::function<std::optional<float>(std::string_view form)>;

// Whether a form that was never seen makes a new template, or only another wording of a known one. Told of every
// form, once, in order.
using MakesTemplate = std::function<bool(std::string_view form)>;

class Detector {
 public:
  // `labels`: names by index; an index beyond them is "Unclassified". `nearness` may be empty, and
  // `makes_template`: every form is a template then.
  Detector(DetectorOptions options, std::vector<std::string> labels, Nearness nearness,
           MakesTemplate makes_template = {});

  // Appends what is to be reported.
  void observe(const Observation& record, std::vector<AnomalyEvent>& events);
  // Time passes without a record (live streams): `now` is ignored if it is not ahead.
  void advance(TimeMs now, std::vector<AnomalyEvent>& events);
  // The input is over: what was only waiting to be sure is decided.
  void finish(std::vector<AnomalyEvent>& events);
  // Another input begins, whose time may lie before that of the last one.
  void begin_input() {
    clock_.rebase();
    restored_until_ = kNoTime;
  }

  bool has_time() const { return clock_.has_time(); }
  TimeMs now() const { return clock_.now(); }
  std::uint64_t lines() const { return lines_; }
  std::uint64_t late_lines() const { return late_lines_; }  // not counted in rates
  bool is_warm() const;

  // The forms that are kept, for a miner that begins anew after a restart.
  void for_each_form(const std::function<void(std::string_view form)>& visit) const;

  // The whole state as bytes (docs/formats/detector_state.md), and back. Errors: kBadInput; nothing is changed then.
  std::string save() const;
  Result<void> restore(std::string_view bytes);

 private:
  struct WatchedValue {
    ValueRange range;
    bool is_open = false;       // reported, and not over
    std::uint32_t outside = 0;  // numbers out of the range while open
    TimeMs since = 0;
    TimeMs last = 0;  // of these numbers
    ValueFinding finding = {};
  };
  struct TemplateInfo {
    std::string form;
    std::array<std::string, 2> examples;  // the first line of the last two buckets with lines
    std::array<std::uint32_t, 3> top_source{};
    std::array<std::uint32_t, 3> top_count{};
    std::uint64_t line = 0;            // of the last example
    std::vector<WatchedValue> values;  // by place in the line
    // The series of its shape (form_shape.h); kNoSeries: not looked up yet, or the form is its own shape.
    std::uint32_t shape_series = RateDetector::kNoSeries;
    std::uint64_t shape_id = 0;
    bool is_shape_known = false;
  };
  struct Suspect {  // a new template that may be novel
    std::uint32_t series;
    std::uint64_t id;
    std::uint64_t line;
    TimeMs time;
    std::uint64_t at_line;  // lines_ when it came
    float similarity;
  };
  struct OpenRisk {
    TimeMs last = 0;
    TimeMs since = 0;
    std::uint64_t last_line = 0;
  };
  friend class DetectorState;

  std::uint32_t source_index(std::string_view source);
  void move_time(const Observation& record, std::vector<AnomalyEvent>& events);
  void close_due_buckets(TimeMs now, std::vector<AnomalyEvent>& events);
  void count_shape(const Observation& record, std::uint32_t series, std::uint32_t label,
                   std::uint32_t source);
  void count(const Observation& record, std::uint32_t series, std::uint32_t source);
  void keep_example(TemplateInfo& info, const Observation& record) const;
  void report_new(const Observation& record, std::uint32_t series, std::uint32_t source,
                  std::vector<AnomalyEvent>& events);
  void report_rare(const Observation& record, std::uint32_t series, std::vector<AnomalyEvent>& events);
  void watch_risk(const Observation& record, std::uint32_t source, std::vector<AnomalyEvent>& events);
  void watch_values(const Observation& record, std::uint32_t series, std::vector<AnomalyEvent>& events);
  void close_quiet_values(std::vector<AnomalyEvent>& events);
  AnomalyEvent value_event(std::uint32_t series, std::size_t place) const;
  void watch_session(const Observation& record, bool is_new, std::vector<AnomalyEvent>& events);
  void report_sessions(std::string_view message, std::vector<AnomalyEvent>& events);
  void judge_suspects(bool is_end, std::vector<AnomalyEvent>& events);
  void close_quiet_risks(std::vector<AnomalyEvent>& events);
  AnomalyEvent rate_event(const RateChange& change) const;
  AnomalyEvent template_event(AnomalyKind kind, std::uint32_t series) const;
  std::string subject_name(std::uint32_t series) const;
  std::string_view label_name(std::uint32_t label) const;
  std::string_view source_name(std::uint32_t source) const;
  void add_contributors(std::uint32_t series, AnomalyEvent& event) const;
  bool is_risk_label(std::uint32_t label) const { return label < is_risk_.size() && is_risk_[label]; }
  Severity severity_of(std::uint32_t label, Severity otherwise) const;
  bool is_time_known() const { return clock_.has_time(); }

  DetectorOptions options_;
  std::vector<std::string> labels_;
  std::vector<bool> is_risk_;  // by label
  Nearness nearness_;
  MakesTemplate makes_template_;
  RecordClock clock_;
  RateDetector rates_;
  std::vector<TemplateInfo> templates_;      // by series
  std::string shape_;                        // scratch memory
  std::unordered_set<std::uint64_t> known_;  // hashes of forms
  std::vector<std::string> sources_;
  std::map<std::string, std::uint32_t, std::less<>> source_index_;
  std::uint32_t last_source_ = 0;
  std::vector<std::uint32_t> label_series_;   // by label
  std::vector<std::uint32_t> source_series_;  // by source
  std::deque<Suspect> suspects_;
  std::map<std::uint64_t, OpenRisk> risks_;                      // by label << 32 | source
  std::set<std::pair<std::uint32_t, std::size_t>> open_values_;  // series and place
  SessionMonitor sessions_;
  std::vector<RateChange> changes_;               // scratch
  std::vector<SessionFinding> session_findings_;  // scratch
  std::uint64_t lines_ = 0;
  std::uint64_t line_ = 0;  // of the last record, in its input
  std::uint64_t late_lines_ = 0;
  TimeMs first_time_ = kNoTime;
  TimeMs restored_until_ = kNoTime;  // records up to here were counted before the restart
};

}  // namespace logsieve

#endif  // LOGSIEVE_ANOMALY_DETECTOR_H_
