// Alerts beside the stream: events are handed over and never waited for; a thread of its own keeps them, groups them
// and delivers the messages from the durable spool, each at least once under a stable id. A sink that is down costs
// the stream nothing: its messages wait in the spool, in order, and are tried again with growing waits.
#ifndef LOGSIEVE_ANOMALY_ALERT_SERVICE_H_
#define LOGSIEVE_ANOMALY_ALERT_SERVICE_H_

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "anomaly/alert_options.h"
#include "anomaly/anomaly_event.h"
#include "base/result.h"

namespace logsieve {

struct AlertCounters {
  std::uint64_t recorded = 0;   // events kept
  std::uint64_t dropped = 0;    // events beyond the queue: counted in the next digest
  std::uint64_t delivered = 0;  // messages
  std::uint64_t attempts_failed = 0;
  std::uint64_t refused = 0;  // messages that a receiver will never take
  std::uint64_t waiting = 0;  // in the spool, as of the last look
};

class AlertService {
 public:
  // `wall_clock`: milliseconds since 1970. Errors: kIo (the store), kBadConfig (a sink that must not be used: plain
  // http to another machine, a URL that is none).
  static Result<std::unique_ptr<AlertService>> start(const std::filesystem::path& store,
                                                     const AlertOptions& options,
                                                     std::function<TimeMs()> wall_clock);
  AlertService(const AlertService&) = delete;
  AlertService& operator=(const AlertService&) = delete;
  ~AlertService();  // what is not delivered stays in the spool

  // Other options from now on, whole or not at all; messages that wait stay. Errors: kBadConfig.
  Result<void> reconfigure(const AlertOptions& options);

  // Never waits for anything but a short lock.
  void submit(std::span<const AnomalyEvent> events);
  // Waits until all that was submitted is in the store and survives a kill. False: not after `timeout_ms`.
  bool wait_recorded(std::uint32_t timeout_ms);
  // Tells everything now, without waiting for company, and tries to deliver it for at most `timeout_ms`. False: some
  // messages are still in the spool, for the next run.
  bool finish(std::uint32_t timeout_ms);

  AlertCounters counters() const;
  // What the user should hear once: a sink that refuses, a store that cannot be written.
  std::vector<std::string> take_notices();

 private:
  struct Impl;
  explicit AlertService(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace logsieve

#endif  // LOGSIEVE_ANOMALY_ALERT_SERVICE_H_
