#include "anomaly/session_monitor.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "base/random.h"

namespace logsieve {
namespace {

std::uint64_t mixed(std::uint64_t hash) {
  return Random(hash).next();
}

}  // namespace

bool SessionMonitor::Patterns::learn(std::uint64_t hash, std::size_t most) {
  if (const auto known = is_repeated_.find(hash); known != is_repeated_.end()) {
    if (!std::exchange(known->second, true)) --seen_once_;
    return false;
  }
  if (is_repeated_.size() >= most) return false;
  is_repeated_.emplace(hash, false);
  ++seen_once_;
  return true;
}

void SessionMonitor::Patterns::restore(const std::vector<Pattern>& patterns) {
  is_repeated_.clear();
  seen_once_ = 0;
  for (const Pattern& pattern : patterns)
    if (is_repeated_.emplace(pattern.hash, pattern.is_repeated).second)
      seen_once_ += pattern.is_repeated ? 0 : 1;
}

// Of the patterns before the one in question, which is among those seen once.
bool SessionMonitor::is_rare(const Patterns& patterns, std::uint64_t lines) const {
  return static_cast<double>(patterns.seen_once()) <= options_.most_novelty * static_cast<double>(lines);
}

void SessionMonitor::observe(std::string_view key, std::uint64_t form, std::uint64_t line, TimeMs time,
                             bool is_explained, std::vector<SessionFinding>& findings) {
  auto known = by_key_.find(key);
  const bool is_first = known == by_key_.end();
  if (is_first) {
    if (by_age_.size() >= options_.max_sessions) end_oldest(findings);
    by_age_.emplace_back().key = key;
    known = by_key_.emplace(by_age_.back().key, std::prev(by_age_.end())).first;
  } else {
    by_age_.splice(by_age_.end(), by_age_, known->second);
  }
  Session& session = *known->second;
  const std::uint64_t before = std::exchange(session.last_form, form);
  session.last_line = line;
  session.last_time = time;
  session.is_told = session.is_told || is_explained;
  const auto times = static_cast<std::size_t>(std::count(session.forms.begin(), session.forms.end(), form));
  if (times < kManyTimes && session.forms.size() < kMostForms) {
    session.forms.push_back(form);
    session.combination += mixed(form + mixed(times));
  }
  if (is_first) return;
  ++pairs_seen_;
  const bool is_new = pairs_.learn(mixed(before) + form, options_.max_patterns);
  if (!is_new || session.is_told || !is_rare(pairs_, pairs_seen_)) return;
  session.is_told = true;
  findings.push_back({true, session.key, before, form, line, time, pairs_seen_});
}

void SessionMonitor::end_oldest(std::vector<SessionFinding>& findings) {
  const Session& session = by_age_.front();
  ++sessions_seen_;
  lines_of_ended_ += session.forms.size();
  const bool is_new = combinations_.learn(session.combination, options_.max_patterns);
  if (is_new && !session.is_told && is_rare(combinations_, lines_of_ended_))
    findings.push_back(
        {false, session.key, 0, session.last_form, session.last_line, session.last_time, sessions_seen_});
  by_key_.erase(session.key);
  by_age_.pop_front();
}

void SessionMonitor::end_idle(TimeMs now, std::vector<SessionFinding>& findings) {
  while (!by_age_.empty() && now - by_age_.front().last_time >= options_.idle_ms) end_oldest(findings);
}

SessionMonitor::State SessionMonitor::state() const {
  State state;
  state.sessions.assign(by_age_.begin(), by_age_.end());
  for (const auto& [patterns, into] :
       {std::pair{&pairs_, &state.pairs}, {&combinations_, &state.combinations}}) {
    for (const auto& [hash, is_repeated] : patterns->all()) into->push_back({hash, is_repeated});
    std::sort(into->begin(), into->end(), [](const Pattern& a, const Pattern& b) { return a.hash < b.hash; });
  }
  state.pairs_seen = pairs_seen_;
  state.sessions_seen = sessions_seen_;
  state.lines_of_ended = lines_of_ended_;
  return state;
}

void SessionMonitor::restore(State state) {
  by_key_.clear();
  by_age_.assign(std::make_move_iterator(state.sessions.begin()),
                 std::make_move_iterator(state.sessions.end()));
  for (auto session = by_age_.begin(); session != by_age_.end();) {
    const bool is_known = !by_key_.emplace(session->key, session).second;
    session = is_known ? by_age_.erase(session) : std::next(session);
  }
  pairs_.restore(state.pairs);
  combinations_.restore(state.combinations);
  pairs_seen_ = state.pairs_seen;
  sessions_seen_ = state.sessions_seen;
  lines_of_ended_ = state.lines_of_ended;
}

}  // namespace logsieve
