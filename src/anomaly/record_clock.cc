#include "anomaly/record_clock.h"

#include <algorithm>

namespace logsieve {

TimeMs RecordClock::advance(std::optional<TimeMs> time) {
  if (!time) return now_;
  if (!has_time_) {
    has_time_ = true;
    witnesses_ = 0;
    return now_ = *time;
  }
  if (*time <= now_ + kLeapMs) {
    witnesses_ = 0;
    return now_ = std::max(now_, *time);
  }
  // Witnesses must be in order, or several wrong dates would speak for each other.
  witnesses_ = witnesses_ > 0 && *time >= leap_ ? witnesses_ + 1 : 1;
  leap_ = *time;
  if (witnesses_ < kWitnesses) return now_;
  witnesses_ = 0;
  return now_ = *time;
}

}  // namespace logsieve
