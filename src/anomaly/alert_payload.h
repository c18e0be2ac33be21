// Messages in the words of their receivers. A notification is some alerts of one group, or a digest of many groups.
// Stable things are labels; counts, sentences and examples are annotations, so that a receiver's grouping holds.
#ifndef LOGSIEVE_ANOMALY_ALERT_PAYLOAD_H_
#define LOGSIEVE_ANOMALY_ALERT_PAYLOAD_H_

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "anomaly/alert_options.h"
#include "anomaly/alert_store.h"

namespace logsieve {

struct Notification {
  std::string id;     // of this message: stable over its attempts
  std::string group;  // key of the group; "digest"
  std::vector<Alert> alerts;
  std::size_t left_out = 0;  // alerts that the digest only counts
  bool is_digest = false;
  TimeMs now = 0;      // wall clock
  TimeMs expires = 0;  // when a receiver may take what is not repeated for ended
};

// Whether a receiver should see the alert as firing: it is open, or an instant.
bool is_shown_firing(const Alert& alert);

// The body that a sink of this type gets; one JSON document without line end.
//   kFile, kWebhook: Alertmanager's webhook JSON, version 4
//   kAlertmanager:   the list of alerts of API v2
//   kSlack:          {"text": …}
//   kStderr:         no JSON, but a row an alert: since, severity, kind, what
std::string payload(SinkType type, const Notification& notification);

// "v1=" and the HMAC-SHA256 of "TIMESTAMP.BODY" in lower-case hexadecimal.
std::string signature(std::string_view secret, std::string_view timestamp, std::string_view body);

}  // namespace logsieve

#endif  // LOGSIEVE_ANOMALY_ALERT_PAYLOAD_H_
