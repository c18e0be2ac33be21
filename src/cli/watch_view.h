// The screen of `watch`: rate by tier, label mix, new templates, open alerts; redrawn in place.
#ifndef LOGSIEVE_CLI_WATCH_VIEW_H_
#define LOGSIEVE_CLI_WATCH_VIEW_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <span>
#include <string>
#include <string_view>

#include "anomaly/alert_store.h"
#include "anomaly/anomaly_event.h"
#include "record/verdict.h"

namespace logsieve {

class WatchView {
 public:
  void count(Tier tier, std::string_view label);
  void take(std::span<const AnomalyEvent> events);
  // Alerts that were open when this run began.
  void begin_with(std::span<const Alert> open);
  // The screen as text, first line first, no line longer than `columns` cells; at most `rows` lines. `seconds`: since
  // the last call, whose counts are then over.
  std::string render(double seconds, TimeMs record_time, std::size_t columns, std::size_t rows);

 private:
  static constexpr std::size_t kNewTemplates = 8;
  std::array<std::uint64_t, kTierCount> by_tier_{};  // since the last drawing
  std::uint64_t lines_ = 0;                          // in all
  std::map<std::string, std::uint64_t, std::less<>> labels_;
  std::deque<std::string> new_templates_;
  struct OpenAlert {
    std::string severity;
    std::string what;
    TimeMs since = kNoTime;
  };
  std::map<std::string, OpenAlert> open_;  // by fingerprint
};

}  // namespace logsieve

#endif  // LOGSIEVE_CLI_WATCH_VIEW_H_
