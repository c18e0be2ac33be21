// One time for a stream whose records state their own: it never runs backwards, and no single record with a wrong
// date can move it. Decisions are made by this time, so a replay decides as the live run did.
#ifndef LOGSIEVE_ANOMALY_RECORD_CLOCK_H_
#define LOGSIEVE_ANOMALY_RECORD_CLOCK_H_

#include <cstddef>
#include <cstdint>
#include <optional>

#include "anomaly/timestamp.h"

namespace logsieve {

class RecordClock {
 public:
  static constexpr TimeMs kLeapMs = kHourMs;    // a record so far ahead is believed only with its followers
  static constexpr std::size_t kWitnesses = 3;  // consecutive records that agree on a leap

  // The stream's time at a record that states `time`; without one, that of the record before.
  TimeMs advance(std::optional<TimeMs> time);
  // A new input begins: its first record sets the time, backwards too. Not to be called for the first input after
  // a restart, so that records that were seen before the restart are known by their time.
  void rebase() { has_time_ = false; }

  bool has_time() const { return has_time_; }
  TimeMs now() const { return now_; }
  void restore(TimeMs now) {
    now_ = now;
    has_time_ = true;
  }

 private:
  TimeMs now_ = 0;
  bool has_time_ = false;
  TimeMs leap_ = 0;  // where the last record ahead stood
  std::size_t witnesses_ = 0;
};

}  // namespace logsieve

#endif  // LOGSIEVE_ANOMALY_RECORD_CLOCK_H_
