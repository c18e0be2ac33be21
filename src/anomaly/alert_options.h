// Who is told of anomalies, when and how. Times are of the wall clock: they say when to speak, not what is an anomaly.
#ifndef LOGSIEVE_ANOMALY_ALERT_OPTIONS_H_
#define LOGSIEVE_ANOMALY_ALERT_OPTIONS_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "anomaly/timestamp.h"

namespace logsieve {

enum class SinkType : std::uint8_t {
  kFile,          // a JSON object a line: the notification
  kWebhook,       // POST of Alertmanager's webhook JSON, version 4, signed
  kAlertmanager,  // POST of the alerts to an Alertmanager, API v2
  kSlack,         // POST of {"text": …} to a Slack-compatible incoming webhook
  kStderr         // a row an alert, for people
};

struct SinkOptions {
  std::string name;  // unique; what the spool knows it by
  SinkType type = SinkType::kWebhook;
  std::string target;  // URL, or path of a file; of stderr nothing
  std::string secret;  // of the webhook: signs; empty: not signed
  bool allow_private_addresses = false;
  std::uint32_t timeout_ms = 10'000;
};

struct AlertOptions {
  TimeMs group_wait_ms = 30 * kSecondMs;     // after the first alert of a group
  TimeMs group_interval_ms = 5 * kMinuteMs;  // between messages of one group when something changed
  TimeMs repeat_interval_ms = 4 * kHourMs;   // when nothing did
  TimeMs cooldown_ms = 5 * kMinuteMs;        // after an end, before the same alert is told again
  std::size_t digest_above = 20;             // groups that are due at once: more become one message
  std::size_t max_queued_events = 10'000;    // waiting for the alert thread; more are counted, not kept
  std::size_t max_spooled = 10'000;          // messages a sink; more are counted and told by the next one
  TimeMs keep_ms = 90 * kDayMs;              // alerts that are over are forgotten so long after
  TimeMs give_up_ms = 3 * kDayMs;            // a message that could not be delivered for so long is dropped
  std::vector<SinkOptions> sinks;
};

}  // namespace logsieve

#endif  // LOGSIEVE_ANOMALY_ALERT_OPTIONS_H_
