// Orders and combinations of templates in sessions (all records with one session key: a request, a block, a user):
// a pair of templates in a row that was never seen, and, when a session is over, a combination of templates and how
// often each came that was never seen. Counts above kManyTimes are one.
//
// Such a thing is telling only where new ones are rare. What share of all lines would bring one by chance is the share
// of those seen once so far (Good 1953): nothing is reported while that is above `most_novelty`.
//
// One thread. Memory is bounded by the options; a record costs three look-ups.
#ifndef LOGSIEVE_ANOMALY_SESSION_MONITOR_H_
#define LOGSIEVE_ANOMALY_SESSION_MONITOR_H_

#include <cstddef>
#include <cstdint>
#include <list>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "anomaly/timestamp.h"

namespace logsieve {

struct SessionOptions {
  TimeMs idle_ms = 5 * kMinuteMs;      // a session without records for so long is over
  std::size_t max_sessions = 10'000;   // open at a time; beyond, the one that was silent longest is over
  std::size_t max_patterns = 200'000;  // of each kind; beyond, new ones are neither learned nor reported
  double most_novelty = 1e-4;          // expected false reports a line
};

struct SessionFinding {
  bool is_order = false;  // a pair in a row, else the combination of a whole session
  std::string session;
  std::uint64_t before = 0;  // hash of the form before, of a pair
  std::uint64_t form = 0;    // hash of the last form
  std::uint64_t line = 0;    // of the last record
  TimeMs time = 0;           // of the last record
  std::uint64_t seen = 0;    // pairs, or sessions, so far
};

class SessionMonitor {
 public:
  explicit SessionMonitor(SessionOptions options) : options_(options) {}
  SessionMonitor(SessionMonitor&&) = default;
  SessionMonitor& operator=(SessionMonitor&&) = default;

  // A record of a session. `is_explained`: it was reported for another reason, so its session needs no report.
  // Appends at most one finding a session, here and in `end_idle`; here also of a session that had to make room.
  void observe(std::string_view session, std::uint64_t form, std::uint64_t line, TimeMs time,
               bool is_explained, std::vector<SessionFinding>& findings);
  // Appends what sessions that are over by `now` give.
  void end_idle(TimeMs now, std::vector<SessionFinding>& findings);
  std::size_t open_sessions() const { return by_age_.size(); }

  // For the state file.
  struct Session {
    std::string key;
    std::uint64_t last_form = 0;
    std::uint64_t last_line = 0;
    TimeMs last_time = 0;
    std::uint64_t combination = 0;  // a hash that does not depend on the order of records
    bool is_told = false;
    std::vector<std::uint64_t> forms;  // one entry a record, at most kManyTimes of a form
  };
  struct Pattern {
    std::uint64_t hash = 0;
    bool is_repeated = false;
  };
  struct State {
    std::vector<Session> sessions;  // the one that was silent longest first
    std::vector<Pattern> pairs;     // by hash
    std::vector<Pattern> combinations;
    std::uint64_t pairs_seen = 0;
    std::uint64_t sessions_seen = 0;
    std::uint64_t lines_of_ended = 0;
  };
  State state() const;
  void restore(State state);

  static constexpr std::size_t kManyTimes = 4;
  static constexpr std::size_t kMostForms = 64;  // entries a session; what comes beyond is in no combination

 private:
  using Sessions = std::list<Session>;
  class Patterns {
   public:
    // Whether the pattern is new, and there is room to know that.
    bool learn(std::uint64_t hash, std::size_t most);
    std::size_t seen_once() const { return seen_once_; }
    const std::unordered_map<std::uint64_t, bool>& all() const { return is_repeated_; }
    void restore(const std::vector<Pattern>& patterns);

   private:
    std::unordered_map<std::uint64_t, bool> is_repeated_;
    std::size_t seen_once_ = 0;
  };

  void end_oldest(std::vector<SessionFinding>& findings);
  bool is_rare(const Patterns& patterns, std::uint64_t lines) const;

  SessionOptions options_;
  Sessions by_age_;
  std::unordered_map<std::string_view, Sessions::iterator> by_key_;  // keys live in the list
  Patterns pairs_;
  Patterns combinations_;
  std::uint64_t pairs_seen_ = 0;
  std::uint64_t sessions_seen_ = 0;
  std::uint64_t lines_of_ended_ = 0;
};

}  // namespace logsieve

#endif  // LOGSIEVE_ANOMALY_SESSION_MONITOR_H_
