// Alerts, mutes and the spool of messages, in one SQLite file: what was committed survives a kill and a power cut.
// Several processes may use it at once (`watch` and `alerts ack`). One thread an object.
#ifndef LOGSIEVE_ANOMALY_ALERT_STORE_H_
#define LOGSIEVE_ANOMALY_ALERT_STORE_H_

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "anomaly/anomaly_event.h"
#include "base/result.h"
#include "base/sqlite.h"

namespace logsieve {

// One alert: from the event that raised it to the one that ended it.
struct Alert {
  std::string id;  // fingerprint and beginning: the same when the same records are read again
  std::string fingerprint;
  std::string kind;
  std::string severity;
  std::string subject;
  std::string label;
  std::string template_text;
  std::string source;
  std::string what;
  std::vector<std::string> examples;
  std::vector<Contributor> sources;  // most lines first
  double expected = 0;
  double seen = 0;
  TimeMs since = 0;        // in record time; of records that state none, when it was told
  TimeMs ended = kNoTime;  // kNoTime: open
  std::uint64_t line = 0;
  bool is_acknowledged = false;
  bool is_open() const { return ended == kNoTime; }
  bool is_instant() const;  // of a kind that does not end
};

// Alerts that it fits are not told. Empty fields fit everything; others must be equal.
struct Mute {
  std::int64_t id = 0;
  std::string kind;
  std::string label;
  std::string template_text;
  std::string source;
  TimeMs until = kNoTime;  // wall clock; kNoTime: for ever
  std::string reason;
  bool fits(const Alert& alert) const;
};

// A message to a sink that has not been delivered.
struct SpooledMessage {
  std::int64_t row = 0;
  std::string id;  // the same at each attempt: receivers can drop repeats
  std::string body;
  std::int64_t attempts = 0;
  TimeMs created = 0;
};

class AlertStore {
 public:
  // Errors: kIo. Makes missing folders.
  static Result<AlertStore> open(const std::filesystem::path& file);

  SqliteDatabase& database() { return database_; }

  // `now`: wall clock. False: nothing new (the same alert raised or ended again).
  Result<bool> record(const AnomalyEvent& event, TimeMs now);
  // Open alerts, or all, newest first.
  Result<std::vector<Alert>> alerts(bool only_open, std::size_t limit);
  // Open alerts, and instants that were told of at or after `instants_since` (wall clock); newest first.
  Result<std::vector<Alert>> open_and_recent(TimeMs instants_since, std::size_t limit);
  // Errors: kInvalidArgument: nothing, or the beginning of several.
  Result<std::optional<Alert>> find(std::string_view id_prefix);
  // Errors: kNotFound, kInvalidArgument.
  Result<void> acknowledge(std::string_view id_prefix);

  Result<std::int64_t> add_mute(const Mute& mute);
  Result<void> remove_mute(std::int64_t id);
  // Those in force at `now`; the others are removed.
  Result<std::vector<Mute>> mutes(TimeMs now);

  Result<void> spool(std::string_view sink, std::string_view id, std::string_view body, TimeMs now);
  Result<std::size_t> spooled(std::string_view sink);
  // The oldest message of a sink, if it is time to try it. Messages of one sink go out in order.
  Result<std::optional<SpooledMessage>> due(std::string_view sink, TimeMs now);
  Result<void> delivered(std::int64_t row);
  Result<void> failed(std::int64_t row, TimeMs next_try);

  // For the notifier: alerts whose state was not told yet, with what is remembered of their group.
  struct Untold {
    Alert alert;
    std::string told;    // "", "firing" or "resolved": what was told last
    TimeMs changed = 0;  // wall clock
  };
  Result<std::vector<Untold>> untold();
  Result<void> mark_told(const Alert& alert, TimeMs now);
  // Wall clock at which an end of this fingerprint was told last; kNoTime: never.
  Result<TimeMs> last_end_told(std::string_view fingerprint);
  // Forgets alerts that are over and did not change since `before` (wall clock), and when their groups were told. A replay
  // of their records would raise them anew. How many alerts.
  Result<std::size_t> prune(TimeMs before);
  Result<TimeMs> last_flush(std::string_view group);
  Result<void> set_last_flush(std::string_view group, TimeMs now);

 private:
  explicit AlertStore(SqliteDatabase database) : database_(std::move(database)) {}
  Result<std::vector<Alert>> select(const std::string& where, std::string_view argument, std::size_t limit);
  SqliteDatabase database_;
};

}  // namespace logsieve

#endif  // LOGSIEVE_ANOMALY_ALERT_STORE_H_
