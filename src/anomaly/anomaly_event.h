// What the detectors report: one event when something begins, one when it is over.
#ifndef LOGSIEVE_ANOMALY_ANOMALY_EVENT_H_
#define LOGSIEVE_ANOMALY_ANOMALY_EVENT_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "anomaly/timestamp.h"

namespace logsieve {

enum class AnomalyKind : std::uint8_t {
  kNewTemplate,  // a template never seen before
  kGone,         // a regular template, label or source that stopped
  kBurst,        // far more lines than usual
  kDip,          // far fewer
  kNovel,        // a single line unlike anything seen, in meaning
  kRare,         // known, but for the first time in long
  kValue,        // a number out of its learned range
  kSequence,     // an order of templates in a session that was never seen
  kRisk          // a label that someone must look at, at once
};
inline constexpr std::size_t kAnomalyKinds = 9;
std::string_view anomaly_kind_name(AnomalyKind kind);  // new_template, gone, burst, …
// New, novel and rare are instants: they do not end.
constexpr bool is_instant(AnomalyKind kind) {
  return kind == AnomalyKind::kNewTemplate || kind == AnomalyKind::kNovel || kind == AnomalyKind::kRare ||
         kind == AnomalyKind::kSequence;
}
// kAnomalyKinds where there is none of that name.
std::size_t anomaly_kind_index(std::string_view name);

enum class Severity : std::uint8_t { kInfo, kWarning, kCritical };
std::string_view severity_name(Severity severity);

struct Contributor {
  std::string name;
  double lines = 0;
};

struct AnomalyEvent {
  AnomalyKind kind = AnomalyKind::kBurst;
  bool is_firing = true;  // else resolved
  Severity severity = Severity::kWarning;
  std::uint64_t line =
      0;             // 1-based, in the input: the line that it is about, else the one at which it was decided
  TimeMs time = 0;   // when it was decided, in record time; kNoTime where the records state none
  TimeMs since = 0;  // when it began
  std::string fingerprint;  // 16 hexadecimal digits: the same for the same kind and subject, in every run
  std::string subject;      // "template", "label" or "source"
  std::string label;
  std::string template_text;
  std::string source;
  std::string what;     // one sentence
  double expected = 0;  // lines in the window (value: the upper end of the range)
  double seen = 0;
  double window_s = 0;  // 0: no window
  double novelty = -1;  // 1 - cosine to the nearest known template; -1: not known
  std::vector<std::string> examples;
  std::vector<Contributor> sources;  // who wrote most of the lines, most first
  std::vector<std::string> related;  // what changed together with it
};

inline constexpr TimeMs kNoTime = INT64_MIN;

// One JSON object and a line end. Docs: docs/formats/alerts.md.
void append_event_json(const AnomalyEvent& event, std::string& out);

// 16 hexadecimal digits of a hash of the parts.
std::string fingerprint_of(AnomalyKind kind, std::string_view subject, std::string_view name);

}  // namespace logsieve

#endif  // LOGSIEVE_ANOMALY_ANOMALY_EVENT_H_
