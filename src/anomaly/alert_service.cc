#include "anomaly/alert_service.h"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <iterator>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

#include "anomaly/alert_notifier.h"
#include "anomaly/alert_sink.h"
#include "anomaly/alert_store.h"

namespace logsieve {
namespace {

constexpr TimeMs kFirstRetryMs = kSecondMs;
constexpr TimeMs kLongestRetryMs = 5 * kMinuteMs;
constexpr std::uint32_t kPollMs = 20;  // while something is under way
constexpr auto kTick = std::chrono::milliseconds(250);
constexpr std::size_t kMaxNotices = 100;

TimeMs retry_wait(std::int64_t attempts) {
  return std::min(kLongestRetryMs, kFirstRetryMs << std::min<std::int64_t>(attempts, 20));
}

}  // namespace

struct AlertService::Impl {
  struct Sink {
    SinkOptions options;
    std::unique_ptr<AlertSink> sink;
    bool is_failing = false;    // it was said
    std::int64_t attempts = 0;  // of the message under way
    TimeMs created = 0;
  };

  Impl(AlertStore with, AlertOptions given, std::function<TimeMs()> clock)
      : store(std::move(with)),
        options(given),
        notifier(store, std::move(given)),
        wall_clock(std::move(clock)) {}

  static Result<std::vector<Sink>> open_sinks(const AlertOptions& options);
  void run(const std::stop_token& stop);
  void take_options();
  void work();
  void take_queue();
  void prune();
  void deliver(Sink& sink);
  void settle(Sink& sink, const Delivery& delivery);
  bool is_all_delivered();
  void note(std::string text);
  // Notes an error, once in a row.
  template <typename T>
  bool holds(const Result<T>& result) {
    if (result) return true;
    note("alerts: " + result.error().message);
    return false;
  }

  AlertStore store;
  AlertOptions options;
  AlertNotifier notifier;
  std::function<TimeMs()> wall_clock;
  std::vector<Sink> sinks;
  TimeMs next_pruning = 0;

  std::mutex mutex;
  std::condition_variable_any changed;
  std::vector<AnomalyEvent> queue;
  bool has_failed = false;    // the store could not be written the last time
  bool is_recording = false;  // what was in the queue is on its way to the store
  std::optional<std::pair<AlertOptions, std::vector<Sink>>> next;  // of reconfigure
  std::uint64_t dropped_now = 0;
  AlertCounters counters;
  std::vector<std::string> notices;
  bool tells_all = false;  // finish was called
  bool is_idle = false;    // and everything was delivered
  std::jthread thread;
};

void AlertService::Impl::note(std::string text) {
  const std::lock_guard lock(mutex);
  if (notices.size() < kMaxNotices && (notices.empty() || notices.back() != text))
    notices.push_back(std::move(text));
}

void AlertService::Impl::take_queue() {
  std::vector<AnomalyEvent> events;
  std::uint64_t dropped = 0;
  {
    const std::lock_guard lock(mutex);
    events.swap(queue);
    is_recording = !events.empty();
    dropped = std::exchange(dropped_now, 0);
  }
  notifier.count_dropped(dropped);
  if (events.empty()) return;
  const bool is_kept = holds(notifier.record(events, wall_clock()));
  const std::lock_guard lock(mutex);
  is_recording = false;
  has_failed = !is_kept;
  if (is_kept) {
    counters.recorded += events.size();
    changed.notify_all();
    return;
  }
  // They wait for a store that can be written again, before those that came meanwhile.
  events.insert(events.end(), std::make_move_iterator(queue.begin()), std::make_move_iterator(queue.end()));
  const std::size_t beyond = events.size() - std::min(events.size(), options.max_queued_events);
  events.resize(events.size() - beyond);
  queue.swap(events);
  dropped_now += beyond;
  counters.dropped += beyond;
}

void AlertService::Impl::take_options() {
  const std::lock_guard lock(mutex);
  if (!next) return;
  options = next->first;
  notifier.set_options(options);
  sinks = std::move(next->second);
  next.reset();
}

void AlertService::Impl::settle(Sink& sink, const Delivery& delivery) {
  const TimeMs now = wall_clock();
  const std::string name = "sink \"" + sink.options.name + "\"";
  const bool is_too_old = now - sink.created > options.give_up_ms;
  if (delivery.outcome == DeliveryOutcome::kTryAgain && !is_too_old) {
    holds(store.failed(delivery.row, now + retry_wait(sink.attempts)));
    if (!std::exchange(sink.is_failing, true))
      note(name + " cannot be reached (" + delivery.detail + "): messages wait");
    const std::lock_guard lock(mutex);
    ++counters.attempts_failed;
    return;
  }
  holds(store.delivered(delivery.row));
  const bool is_delivered = delivery.outcome == DeliveryOutcome::kDelivered;
  if (!is_delivered) note(name + ": a message is dropped: " + delivery.detail);
  if (is_delivered) sink.is_failing = false;
  const std::lock_guard lock(mutex);
  ++(is_delivered ? counters.delivered : counters.refused);
}

void AlertService::Impl::deliver(Sink& sink) {
  if (sink.sink->is_busy()) {
    if (const auto delivery = sink.sink->outcome(kPollMs)) settle(sink, *delivery);
    return;
  }
  const TimeMs now = wall_clock();
  auto message = store.due(sink.options.name, now);
  if (!holds(message) || !*message) return;
  sink.attempts = (*message)->attempts;
  sink.created = (*message)->created;
  sink.sink->start(**message, now);
}

void AlertService::Impl::prune() {
  const TimeMs now = wall_clock();
  if (now < next_pruning) return;
  next_pruning = now + kHourMs;
  holds(store.prune(now - options.keep_ms));
}

bool AlertService::Impl::is_all_delivered() {
  std::size_t waiting = 0;
  for (const Sink& sink : sinks) {
    auto some = store.spooled(sink.options.name);
    waiting += holds(some) ? *some : 0;
  }
  const std::lock_guard lock(mutex);
  counters.waiting = waiting;
  return waiting == 0 && queue.empty() && !is_recording;
}

void AlertService::Impl::work() {
  take_options();
  take_queue();
  bool everything = false;
  {
    const std::lock_guard lock(mutex);
    everything = tells_all;
  }
  holds(everything ? notifier.flush_all(wall_clock()) : notifier.flush(wall_clock()));
  for (Sink& sink : sinks) deliver(sink);
  prune();
  const bool is_done = is_all_delivered();
  const std::lock_guard lock(mutex);
  is_idle = everything && is_done;
  if (is_idle) changed.notify_all();
}

void AlertService::Impl::run(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    work();
    const bool is_busy =
        std::any_of(sinks.begin(), sinks.end(), [](const Sink& sink) { return sink.sink->is_busy(); });
    if (is_busy) continue;
    std::unique_lock lock(mutex);
    // A store that could not be written is not tried again at once.
    changed.wait_for(lock, stop, tells_all ? std::chrono::milliseconds(kPollMs) : kTick,
                     [&] { return !queue.empty() && !has_failed; });
  }
}

AlertService::AlertService(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

AlertService::~AlertService() {
  impl_->thread.request_stop();
  impl_->changed.notify_all();
}

Result<std::unique_ptr<AlertService>> AlertService::start(const std::filesystem::path& store,
                                                          const AlertOptions& options,
                                                          std::function<TimeMs()> wall_clock) {
  auto opened = AlertStore::open(store);
  if (!opened) return std::move(opened).error();
  auto impl = std::make_unique<Impl>(std::move(*opened), options, std::move(wall_clock));
  auto sinks = Impl::open_sinks(options);
  if (!sinks) return std::move(sinks).error();
  impl->sinks = std::move(*sinks);
  Impl* started = impl.get();
  impl->thread = std::jthread([started](const std::stop_token& stop) { started->run(stop); });
  return std::unique_ptr<AlertService>(new AlertService(std::move(impl)));
}

Result<std::vector<AlertService::Impl::Sink>> AlertService::Impl::open_sinks(const AlertOptions& options) {
  std::vector<Sink> sinks;
  for (const SinkOptions& sink_options : options.sinks) {
    auto sink = open_sink(sink_options);
    if (!sink) return std::move(sink).error();
    sinks.push_back({sink_options, std::move(*sink)});
  }
  return sinks;
}

Result<void> AlertService::reconfigure(const AlertOptions& options) {
  auto sinks = Impl::open_sinks(options);
  if (!sinks) return std::move(sinks).error();
  const std::lock_guard lock(impl_->mutex);
  impl_->next.emplace(options, std::move(*sinks));
  return ok();
}

bool AlertService::wait_recorded(std::uint32_t timeout_ms) {
  std::unique_lock lock(impl_->mutex);
  return impl_->changed.wait_for(lock, std::chrono::milliseconds(timeout_ms),
                                 [&] { return impl_->queue.empty() && !impl_->is_recording; });
}

void AlertService::submit(std::span<const AnomalyEvent> events) {
  const std::lock_guard lock(impl_->mutex);
  const std::size_t room =
      impl_->options.max_queued_events - std::min(impl_->queue.size(), impl_->options.max_queued_events);
  const std::size_t taken = std::min(room, events.size());
  impl_->queue.insert(impl_->queue.end(), events.begin(),
                      events.begin() + static_cast<std::ptrdiff_t>(taken));
  impl_->dropped_now += events.size() - taken;
  impl_->counters.dropped += events.size() - taken;
  impl_->changed.notify_all();
}

bool AlertService::finish(std::uint32_t timeout_ms) {
  std::unique_lock lock(impl_->mutex);
  impl_->tells_all = true;
  impl_->is_idle = false;
  impl_->changed.notify_all();
  return impl_->changed.wait_for(lock, std::chrono::milliseconds(timeout_ms), [&] { return impl_->is_idle; });
}

AlertCounters AlertService::counters() const {
  const std::lock_guard lock(impl_->mutex);
  return impl_->counters;
}

std::vector<std::string> AlertService::take_notices() {
  const std::lock_guard lock(impl_->mutex);
  return std::exchange(impl_->notices, {});
}

}  // namespace logsieve
