#include "anomaly/alert_notifier.h"

#include <algorithm>
#include <fmt/format.h>
#include <map>
#include <utility>

#include "base/hash.h"

namespace logsieve {
namespace {

constexpr std::size_t kDigestAlerts = 50;  // shown in a digest; the others are counted
constexpr std::size_t kRepeatedAlerts = 1'000;

std::string message_id(const std::string& group, TimeMs now) {
  return fmt::format("{:016x}", xxh3_128(group + '\0' + std::to_string(now)).low);
}

bool is_muted(const Alert& alert, const std::vector<Mute>& mutes) {
  return std::any_of(mutes.begin(), mutes.end(), [&](const Mute& mute) { return mute.fits(alert); });
}

}  // namespace

std::string group_key(const Alert& alert) {
  return alert.kind + '/' + alert.label + '/' + alert.template_text + '/' + alert.source;
}

Result<void> AlertNotifier::record(std::span<const AnomalyEvent> events, TimeMs now) {
  return store_.database().transaction([&]() -> Result<void> {
    for (const AnomalyEvent& event : events)
      if (auto recorded = store_.record(event, now); !recorded) return std::move(recorded).error();
    return ok();
  });
}

// Alerts that changed since they were told, by group. What needs no telling is marked as told on the way.
Result<std::vector<AlertNotifier::Group>> AlertNotifier::pending_groups(TimeMs now) {
  auto untold = store_.untold();
  if (!untold) return std::move(untold).error();
  auto mutes = store_.mutes(now);
  if (!mutes) return std::move(mutes).error();
  std::map<std::string, Group> groups;
  for (AlertStore::Untold& some : *untold) {
    const bool has_come_and_gone = some.told.empty() && !is_shown_firing(some.alert);
    const bool is_silenced = is_muted(some.alert, *mutes);
    if (has_come_and_gone || (is_silenced && !some.alert.is_open())) {
      if (auto marked = store_.mark_told(some.alert, now); !marked) return std::move(marked).error();
      continue;
    }
    if (is_silenced) continue;  // told when the mute ends, if it is still open
    auto ended = store_.last_end_told(some.alert.fingerprint);
    if (!ended) return std::move(ended).error();
    if (some.told.empty() && *ended != kNoTime && now - *ended < options_.cooldown_ms) continue;
    const std::string key = group_key(some.alert);
    Group& group = groups.try_emplace(key, Group{key, {}, some.changed}).first->second;
    group.first_change = std::min(group.first_change, some.changed);
    group.alerts.push_back(std::move(some.alert));
  }
  std::vector<Group> found;
  for (auto& [key, group] : groups) found.push_back(std::move(group));
  return found;
}

// Groups of open alerts whose last message is long ago.
Result<std::vector<AlertNotifier::Group>> AlertNotifier::repeated_groups(TimeMs now,
                                                                         const std::vector<Group>& already) {
  auto open = store_.alerts(true, kRepeatedAlerts);
  if (!open) return std::move(open).error();
  auto mutes = store_.mutes(now);
  if (!mutes) return std::move(mutes).error();
  std::map<std::string, Group> groups;
  for (Alert& alert : *open) {
    if (alert.is_acknowledged || is_muted(alert, *mutes)) continue;
    const std::string key = group_key(alert);
    if (std::any_of(already.begin(), already.end(), [&](const Group& group) { return group.key == key; }))
      continue;
    auto last = store_.last_flush(key);
    if (!last) return std::move(last).error();
    if (*last == kNoTime || now - *last < options_.repeat_interval_ms) continue;
    groups.try_emplace(key, Group{key, {}, now}).first->second.alerts.push_back(std::move(alert));
  }
  std::vector<Group> found;
  for (auto& [key, group] : groups) found.push_back(std::move(group));
  return found;
}

Result<bool> AlertNotifier::is_due(const Group& group, TimeMs now) {
  auto last = store_.last_flush(group.key);
  if (!last) return std::move(last).error();
  if (now - group.first_change < options_.group_wait_ms) return false;
  return *last == kNoTime || now - *last >= options_.group_interval_ms;
}

Result<void> AlertNotifier::write(const Notification& notification) {
  for (const SinkOptions& sink : options_.sinks) {
    auto waiting = store_.spooled(sink.name);
    if (!waiting) return std::move(waiting).error();
    if (*waiting >= options_.max_spooled) {
      dropped_ += notification.alerts.size();
      continue;
    }
    if (auto spooled =
            store_.spool(sink.name, notification.id, payload(sink.type, notification), notification.now);
        !spooled)
      return spooled;
  }
  return ok();
}

Result<std::size_t> AlertNotifier::flush_groups(const std::vector<Group>& due, TimeMs now) {
  std::vector<Notification> messages;
  const TimeMs expires = now + 2 * options_.repeat_interval_ms;
  if (due.size() > options_.digest_above || (dropped_ > 0 && !due.empty())) {
    Notification digest{
        message_id("digest", now), "digest", {}, std::exchange(dropped_, 0), true, now, expires};
    for (const Group& group : due)
      for (const Alert& alert : group.alerts) {
        if (digest.alerts.size() < kDigestAlerts)
          digest.alerts.push_back(alert);
        else
          ++digest.left_out;
      }
    messages.push_back(std::move(digest));
  } else {
    for (const Group& group : due)
      messages.push_back({message_id(group.key, now), group.key, group.alerts, 0, false, now, expires});
  }
  for (const Notification& message : messages)
    if (auto written = write(message); !written) return std::move(written).error();
  for (const Group& group : due) {
    if (auto set = store_.set_last_flush(group.key, now); !set) return std::move(set).error();
    for (const Alert& alert : group.alerts)
      if (auto marked = store_.mark_told(alert, now); !marked) return std::move(marked).error();
  }
  return messages.size();
}

Result<std::size_t> AlertNotifier::flush_if(TimeMs now, bool waits) {
  std::size_t written = 0;
  auto done = store_.database().transaction([&]() -> Result<void> {
    auto groups = pending_groups(now);
    if (!groups) return std::move(groups).error();
    auto repeated = repeated_groups(now, *groups);
    if (!repeated) return std::move(repeated).error();
    std::vector<Group> due;
    for (Group& group : *groups) {
      auto is_ready = waits ? is_due(group, now) : Result<bool>(true);
      if (!is_ready) return std::move(is_ready).error();
      if (*is_ready) due.push_back(std::move(group));
    }
    for (Group& group : *repeated) due.push_back(std::move(group));
    auto flushed = flush_groups(due, now);
    if (!flushed) return std::move(flushed).error();
    written = *flushed;
    return ok();
  });
  return done ? Result<std::size_t>(written) : std::move(done).error();
}

Result<std::size_t> AlertNotifier::flush(TimeMs now) {
  return flush_if(now, true);
}

Result<std::size_t> AlertNotifier::flush_all(TimeMs now) {
  return flush_if(now, false);
}

}  // namespace logsieve
