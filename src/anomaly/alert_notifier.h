// Says when a message is due: groups wait for company, changes of a group are told together, what goes on is
// repeated, a flood becomes a digest (Alertmanager's group_wait, group_interval, repeat_interval). Messages go to the
// store's spool, in one transaction with the note that they were written. One thread. Time is given, never read.
#ifndef LOGSIEVE_ANOMALY_ALERT_NOTIFIER_H_
#define LOGSIEVE_ANOMALY_ALERT_NOTIFIER_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "anomaly/alert_options.h"
#include "anomaly/alert_payload.h"
#include "anomaly/alert_store.h"

namespace logsieve {

class AlertNotifier {
 public:
  // `store` must outlive the object.
  AlertNotifier(AlertStore& store, AlertOptions options) : store_(store), options_(std::move(options)) {}

  void set_options(AlertOptions options) { options_ = std::move(options); }

  // Keeps events as alerts. Errors: kIo; none of them is kept then.
  Result<void> record(std::span<const AnomalyEvent> events, TimeMs now);
  // Events that were dropped before they came here: the next digest says so.
  void count_dropped(std::size_t events) { dropped_ += events; }
  // Writes the messages that are due to the spool; how many.
  Result<std::size_t> flush(TimeMs now);
  // No longer wait for what is not told yet: everything is due.
  Result<std::size_t> flush_all(TimeMs now);

 private:
  struct Group {
    std::string key;
    std::vector<Alert> alerts;  // to be told
    TimeMs first_change = 0;
  };
  Result<std::vector<Group>> pending_groups(TimeMs now);
  Result<std::vector<Group>> repeated_groups(TimeMs now, const std::vector<Group>& already);
  Result<bool> is_due(const Group& group, TimeMs now);
  Result<void> write(const Notification& notification);
  Result<std::size_t> flush_groups(const std::vector<Group>& due, TimeMs now);
  Result<std::size_t> flush_if(TimeMs now, bool waits);

  AlertStore& store_;
  AlertOptions options_;
  std::size_t dropped_ = 0;
};

// (kind, label, template, source), separated by '/'.
std::string group_key(const Alert& alert);

}  // namespace logsieve

#endif  // LOGSIEVE_ANOMALY_ALERT_NOTIFIER_H_
