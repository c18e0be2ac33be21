// Events for the tests of alerts.
#ifndef LOGSIEVE_ANOMALY_ALERT_TEST_SUPPORT_H_
#define LOGSIEVE_ANOMALY_ALERT_TEST_SUPPORT_H_

#include <string>
#include <utility>

#include "anomaly/anomaly_event.h"

namespace logsieve {

inline constexpr TimeMs kTestNow = 1'767'571'200'000;  // 2026-01-05T00:00:00Z

inline AnomalyEvent test_event(AnomalyKind kind, std::string name, bool is_firing = true,
                               TimeMs since = kTestNow) {
  AnomalyEvent event;
  event.kind = kind;
  event.is_firing = is_firing;
  event.line = 7;
  event.since = since;
  event.time = since + (is_firing ? 0 : kMinuteMs);
  event.subject = "template";
  event.label = "Error";
  event.template_text = std::move(name);
  event.source = "api";
  event.what = "something about " + event.template_text;
  event.expected = 1.5;
  event.seen = 30;
  event.examples = {"line one", "line <two>"};
  event.fingerprint = fingerprint_of(kind, event.subject, event.template_text);
  return event;
}

}  // namespace logsieve

#endif  // LOGSIEVE_ANOMALY_ALERT_TEST_SUPPORT_H_
