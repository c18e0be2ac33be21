// One place that messages go to. Delivers one message at a time and says how it went; never waits by itself.
#ifndef LOGSIEVE_ANOMALY_ALERT_SINK_H_
#define LOGSIEVE_ANOMALY_ALERT_SINK_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "anomaly/alert_options.h"
#include "anomaly/alert_store.h"
#include "base/result.h"

namespace logsieve {

enum class DeliveryOutcome : std::uint8_t {
  kDelivered,
  kTryAgain,  // not reachable, overloaded, broken answer
  kRefused    // the receiver will never take this message
};

struct Delivery {
  std::int64_t row = 0;  // of the message
  DeliveryOutcome outcome = DeliveryOutcome::kTryAgain;
  std::string detail;  // of a failure
};

class AlertSink {
 public:
  virtual ~AlertSink() = default;
  virtual bool is_busy() const = 0;
  // Not while busy. `now`: wall clock, for the signature.
  virtual void start(const SpooledMessage& message, TimeMs now) = 0;
  // The outcome of what was started, once it is there; waits up to `max_wait_ms` for it.
  virtual std::optional<Delivery> outcome(std::uint32_t max_wait_ms) = 0;
};

// Errors: kBadConfig.
Result<std::unique_ptr<AlertSink>> open_sink(const SinkOptions& options);

}  // namespace logsieve

#endif  // LOGSIEVE_ANOMALY_ALERT_SINK_H_
