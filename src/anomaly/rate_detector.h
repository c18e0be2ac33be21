// Bursts, dips and silences over many series at once: bounded memory, O(1) a record, O(series) a bucket.
//
// At the end of each bucket of 10 s every series is examined; what is surprising enough after false-discovery
// control over all series (Benjamini-Hochberg) opens an incident. Series that change together are one incident: the
// most telling of them is its subject, the others are related. A label or source is a subject only where a few
// templates do not explain its change. While a series deviates it learns nothing.
#ifndef LOGSIEVE_ANOMALY_RATE_DETECTOR_H_
#define LOGSIEVE_ANOMALY_RATE_DETECTOR_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <unordered_map>
#include <vector>

#include "anomaly/hour_of_week.h"
#include "anomaly/rate_series.h"

namespace logsieve {

struct RateChange {
  std::uint32_t series = 0;
  RateFinding finding;
  bool is_resolved = false;
  TimeMs since = 0;
  TimeMs at = 0;
  std::vector<std::uint32_t> related;  // series, the most surprising first
};

class RateDetector {
 public:
  static constexpr std::size_t kMaxRelated = 8;

  // `max_series`: of each kind; series beyond share one, with id kOverflow. Where templates fill nine tenths of
  // theirs, the tenth of them that was silent longest is forgotten at the end of the bucket.
  RateDetector(RateOptions options, std::size_t max_series);
  static constexpr std::uint64_t kOverflow = ~std::uint64_t{0};

  // The index of a series, made if it is new. Another series may have it after `advance` has forgotten this one.
  std::uint32_t series_of(SeriesKind kind, std::uint64_t id);
  // The same, or kNoSeries if there is none.
  static constexpr std::uint32_t kNoSeries = ~std::uint32_t{0};
  std::uint32_t find(SeriesKind kind, std::uint64_t id) const;
  void count(std::uint32_t series, std::uint32_t label, std::uint32_t source) {
    RateSeries& s = series_[series];
    ++s.current;
    s.label = label;
    s.source = source;
  }
  const RateSeries& series(std::uint32_t index) const { return series_[index]; }
  std::size_t size() const { return series_.size(); }  // indices are below this
  std::uint64_t forgotten() const { return forgotten_; }

  // Sets the time of the first bucket; needed once before `advance`.
  void start(TimeMs now);
  bool is_started() const { return bucket_end_ != 0; }
  // `now` lies before the bucket that is being filled.
  bool is_ahead_of(TimeMs now) const { return now < bucket_end_ - kBucketMs; }
  // The time begins anew at `now`: what is open ends, rates stay known.
  void restart(TimeMs now, std::vector<RateChange>& changes) {
    break_off(changes);
    start(now);
  }
  std::uint64_t bucket() const { return bucket_; }
  bool is_due(TimeMs now) const { return now >= bucket_end_; }
  // Closes every bucket that ends by `now`. A gap of more than kMaxGap is taken for a break in the recording: it is
  // skipped, and nothing is learned or judged from it.
  static constexpr TimeMs kMaxGapMs = kDayMs;
  void advance(TimeMs now, std::vector<RateChange>& changes);

  // The habits of a series over the week, kept for up to RateOptions::max_seasons of those that write much.
  struct Season {
    HourOfWeek habit;
    double lines = 0;       // of the present hour
    bool is_whole = false;  // the hour was seen from its beginning
    bool is_known = false;  // the series' rate is that of an average hour
  };

  // For the state file.
  struct State {
    TimeMs bucket_end = 0;
    std::uint64_t bucket = 0;
    std::uint32_t next_incident = 1;
    std::vector<RateSeries> series;
    std::map<std::uint32_t, Season> seasons;  // by series
  };
  State state() const { return {bucket_end_, bucket_, next_incident_, series_, seasons_}; }
  void restore(State state);

 private:
  struct Candidate {
    std::uint32_t series;
    RateFinding finding;
  };
  void close_bucket(std::vector<RateChange>& changes);
  void examine_open(std::uint32_t index, std::vector<RateChange>& changes);
  void resolve(std::uint32_t index, std::vector<RateChange>& changes);
  void settle_afresh(std::uint32_t index);
  std::vector<Candidate> discoveries(std::vector<Candidate> candidates, std::size_t tests) const;
  bool is_explained(const Candidate& whole) const;
  void open_incidents(const std::vector<Candidate>& found, std::vector<RateChange>& changes);
  void open_series(const Candidate& candidate, std::uint32_t incident, bool is_subject);
  std::uint32_t subject_together_with(const Candidate& candidate) const;
  void escalate_to_gone(std::uint32_t index, std::vector<RateChange>& changes);
  void break_off(std::vector<RateChange>& changes);
  void forget_silent();
  void count_hour();
  void begin_hour();
  void find_factors(TimeMs now);
  SeasonFactor factor(std::uint32_t series) const {
    return series < factors_.size() ? factors_[series] : SeasonFactor();
  }
  std::size_t newest() const { return static_cast<std::size_t>(bucket_ % kRing); }

  RateOptions options_;
  RateFades fades_;
  std::size_t max_series_;
  std::vector<RateSeries> series_;
  std::unordered_map<std::uint64_t, std::uint32_t> by_id_[3];
  TimeMs bucket_end_ = 0;
  std::uint64_t bucket_ = 0;
  std::uint32_t next_incident_ = 1;
  std::vector<std::uint32_t> subjects_;  // of the open incidents, oldest first
  std::vector<std::uint32_t> free_;      // places of forgotten series
  std::uint64_t forgotten_ = 0;
  std::map<std::uint32_t, Season> seasons_;
  std::vector<SeasonFactor> factors_;  // by series
};

}  // namespace logsieve

#endif  // LOGSIEVE_ANOMALY_RATE_DETECTOR_H_
