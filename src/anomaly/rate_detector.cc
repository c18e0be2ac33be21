#include "anomaly/rate_detector.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "anomaly/count_tail.h"

namespace logsieve {
namespace {

constexpr double kCandidateNats = 7;     // below this no number of series makes a discovery
constexpr double kContributorNats = 5;   // a template that may explain the change of its label or source
constexpr double kExplainedShare = 0.6;  // of the change
constexpr std::size_t kExplainers =
    3;  // templates; a change of more than these is the label's or source's own
constexpr std::int32_t kCoolDownBuckets = 6;
constexpr std::uint32_t kHeldBuckets = 6;  // a minute

bool is_whole(const RateSeries& series) {
  return series.kind != SeriesKind::kTemplate;
}
int subject_rank(SeriesKind kind) {
  return kind == SeriesKind::kSource ? 2 : kind == SeriesKind::kLabel ? 1 : 0;
}
bool is_fall(Deviation kind) {
  return kind == Deviation::kDip || kind == Deviation::kGone;
}

}  // namespace

RateDetector::RateDetector(RateOptions options, std::size_t max_series)
    : options_(options), fades_(options.half_life_s), max_series_(max_series) {}

std::uint32_t RateDetector::find(SeriesKind kind, std::uint64_t id) const {
  const auto& table = by_id_[static_cast<std::size_t>(kind)];
  const auto known = table.find(id);
  return known == table.end() ? kNoSeries : known->second;
}

std::uint32_t RateDetector::series_of(SeriesKind kind, std::uint64_t id) {
  auto& table = by_id_[static_cast<std::size_t>(kind)];
  if (const auto known = table.find(id); known != table.end()) return known->second;
  if (table.size() >= max_series_ && id != kOverflow) return series_of(kind, kOverflow);
  auto index = static_cast<std::uint32_t>(series_.size());
  if (free_.empty()) {
    series_.emplace_back();
  } else {
    index = free_.back();
    free_.pop_back();
  }
  RateSeries fresh;
  fresh.id = id;
  fresh.kind = kind;
  fresh.first_seen = bucket_end_;
  series_[index] = fresh;
  table.emplace(id, index);
  return index;
}

void RateDetector::start(TimeMs now) {
  bucket_end_ = now - now % kBucketMs + kBucketMs;
  find_factors(now);
}

void RateDetector::advance(TimeMs now, std::vector<RateChange>& changes) {
  if (now - bucket_end_ > kMaxGapMs) {
    close_bucket(changes);
    break_off(changes);
    start(now);
  }
  while (now >= bucket_end_) close_bucket(changes);
}

void RateDetector::break_off(std::vector<RateChange>& changes) {
  while (!subjects_.empty()) resolve(subjects_.front(), changes);
  for (std::uint32_t i = 0; i < series_.size(); ++i) settle_afresh(i);
  for (auto& [index, season] : seasons_) season.is_whole = false;
}

void RateDetector::forget_silent() {
  auto& table = by_id_[static_cast<std::size_t>(SeriesKind::kTemplate)];
  if (table.size() * 10 < max_series_ * 9) return;
  std::vector<std::pair<TimeMs, std::uint32_t>> silent;
  for (const auto& [id, index] : table)
    if (id != kOverflow && series_[index].open == Deviation::kNone && series_[index].current == 0)
      silent.emplace_back(series_[index].last_seen, index);
  const std::size_t count = std::min(silent.size(), max_series_ / 10 + 1);
  std::sort(silent.begin(), silent.end());
  for (std::size_t i = 0; i < count; ++i) {
    const std::uint32_t index = silent[i].second;
    table.erase(series_[index].id);
    seasons_.erase(index);
    series_[index] = RateSeries{};
    series_[index].id = kOverflow;
    free_.push_back(index);
  }
  forgotten_ += count;
}

void RateDetector::close_bucket(std::vector<RateChange>& changes) {
  std::vector<Candidate> candidates;
  std::size_t tests = 0;
  std::vector<std::uint32_t> learning;
  const auto hour_buckets = static_cast<std::size_t>((bucket_end_ - kBucketMs) % kHourMs / kBucketMs + 1);
  for (SeasonFactor& some : factors_) some.buckets = hour_buckets;
  for (std::uint32_t i = 0; i < series_.size(); ++i) {
    RateSeries& series = series_[i];
    roll(series, newest(), bucket_end_);
    if (series.open != Deviation::kNone) {
      examine_open(i, changes);
      continue;
    }
    const RateFinding finding = examine(series, newest(), factor(i), options_);
    tests += series.exposure_s >= options_.min_exposure_s * std::min(factor(i).now, 1.0) ? 1 : 0;
    if (finding.nats >= kCandidateNats) {
      candidates.push_back({i, finding});
    } else {
      series.held = 0;
      learning.push_back(i);
    }
  }
  std::vector<Candidate> found = discoveries(candidates, tests);
  std::vector<bool> is_found(candidates.empty() ? 0 : series_.size());
  for (const Candidate& candidate : found) is_found[candidate.series] = true;
  // What is nearly a discovery is not learned from at once: the beginning of a burst would raise the bar for the rest.
  for (const Candidate& candidate : candidates)
    if (!is_found[candidate.series] && ++series_[candidate.series].held > kHeldBuckets)
      learning.push_back(candidate.series);
  for (const std::uint32_t i : learning) {
    series_[i].was_candidate = false;
    learn(series_[i], newest(), bucket_, factor(i), fades_);
  }
  open_incidents(std::move(found), changes);
  count_hour();
  forget_silent();
  if (bucket_end_ % kHourMs == 0) begin_hour();
  ++bucket_;
  bucket_end_ += kBucketMs;
}

void RateDetector::count_hour() {
  for (auto& [index, season] : seasons_) season.lines += series_[index].ring[newest()];
}

// The hour that ends with the present bucket is learned; series that have come to write much get habits.
void RateDetector::begin_hour() {
  const std::size_t ended = HourOfWeek::index_of(bucket_end_ - 1);
  for (auto& [index, season] : seasons_) {
    if (season.is_whole) season.habit.learn(ended, season.lines);
    season.lines = 0;
    season.is_whole = true;
  }
  for (std::uint32_t i = 0; i < series_.size() && seasons_.size() < options_.max_seasons; ++i) {
    const RateSeries& series = series_[i];
    const double an_hour = static_cast<double>(kHourMs) / kSecondMs;
    if (series.id == kOverflow || series.rate() * an_hour < options_.min_season_lines) continue;
    if (bucket_end_ - series.first_seen >= kDayMs) seasons_[i].is_whole = true;
  }
  const std::size_t next = HourOfWeek::index_of(bucket_end_);
  for (auto& [index, season] : seasons_) {
    if (season.is_known || series_[index].open != Deviation::kNone || !season.habit.factor(next)) continue;
    // So far the rate was that of the last hours, from now on it is that of an average one.
    if (const auto last = season.habit.factor(ended)) {
      season.is_known = true;
      series_[index].exposure_s *= *last;
    }
  }
  find_factors(bucket_end_);
}

void RateDetector::find_factors(TimeMs now) {
  factors_.assign(series_.size(), SeasonFactor());
  for (const auto& [index, season] : seasons_) {
    if (!season.is_known) continue;
    factors_[index].now = season.habit.factor(HourOfWeek::index_of(now)).value_or(1.0);
    factors_[index].before = season.habit.factor(HourOfWeek::index_of(now - kHourMs)).value_or(1.0);
  }
}

std::vector<RateDetector::Candidate> RateDetector::discoveries(std::vector<Candidate> candidates,
                                                               std::size_t tests) const {
  std::stable_sort(candidates.begin(), candidates.end(),
                   [](const Candidate& a, const Candidate& b) { return a.finding.nats > b.finding.nats; });
  std::vector<double> nats;
  for (const Candidate& candidate : candidates) nats.push_back(candidate.finding.nats);
  candidates.resize(false_discovery_cut(nats, tests, options_.discovery_rate));
  return candidates;
}

// Whether a few templates with this label (or of this source) changed by most of what the whole changed by.
bool RateDetector::is_explained(const Candidate& whole) const {
  const RateSeries& subject = series_[whole.series];
  const auto buckets = static_cast<std::size_t>(whole.finding.window_s / kBucketSeconds);
  const std::size_t window = std::clamp<std::size_t>(buckets, 1, kRing);
  const double sign = is_fall(whole.finding.kind) ? -1.0 : 1.0;
  std::vector<double> parts;
  for (std::uint32_t i = 0; i < series_.size(); ++i) {
    const RateSeries& series = series_[i];
    if (series.kind != SeriesKind::kTemplate) continue;
    if ((subject.kind == SeriesKind::kLabel ? series.label : series.source) != subject.id) continue;
    const double expected =
        series.rate() * factor(i).over(window) * kBucketSeconds * static_cast<double>(window);
    const double seen = series.window_sum(window, newest());
    const double nats = sign > 0 ? upper_tail_nats(seen, expected, series.dispersion(0))
                                 : lower_tail_nats(seen, expected, series.dispersion(0));
    if (series.open != Deviation::kNone || nats >= kContributorNats)
      parts.push_back(sign * (seen - expected));
  }
  std::sort(parts.rbegin(), parts.rend());
  double sum = 0;
  for (std::size_t i = 0; i < std::min(parts.size(), kExplainers); ++i) sum += std::max(0.0, parts[i]);
  return sum >= kExplainedShare * sign * (whole.finding.seen - whole.finding.expected);
}

// The subject of an open incident that began a moment ago, went the same way and so has the same cause.
std::uint32_t RateDetector::subject_together_with(const Candidate& candidate) const {
  const auto found = std::find_if(subjects_.rbegin(), subjects_.rend(), [&](std::uint32_t subject) {
    return is_fall(series_[subject].open) == is_fall(candidate.finding.kind) &&
           bucket_end_ - series_[subject].opened <= options_.together_ms;
  });
  return found == subjects_.rend() ? kNoSeries : *found;
}

void RateDetector::open_incidents(const std::vector<Candidate>& found, std::vector<RateChange>& changes) {
  std::vector<Candidate> ready;
  for (const Candidate& candidate : found) {
    RateSeries& series = series_[candidate.series];
    const bool has_persisted = std::exchange(series.was_candidate, true);
    if (!is_whole(series) || (has_persisted && !is_explained(candidate))) ready.push_back(candidate);
  }
  // A source that changes as a whole is the subject before a label, that before a template.
  std::stable_sort(ready.begin(), ready.end(), [&](const Candidate& a, const Candidate& b) {
    return subject_rank(series_[a.series].kind) > subject_rank(series_[b.series].kind);
  });
  for (const Candidate& candidate : ready) {
    const std::uint32_t subject = subject_together_with(candidate);
    if (subject != kNoSeries) {
      open_series(candidate, series_[subject].incident, false);
      for (RateChange& change : changes)
        if (!change.is_resolved && change.at == bucket_end_ && change.series == subject &&
            change.related.size() < kMaxRelated)
          change.related.push_back(candidate.series);
      continue;
    }
    open_series(candidate, next_incident_++, true);
    subjects_.push_back(candidate.series);
    changes.push_back(
        {candidate.series, candidate.finding, false, series_[candidate.series].since, bucket_end_, {}});
  }
}

void RateDetector::open_series(const Candidate& candidate, std::uint32_t incident, bool is_subject) {
  RateSeries& series = series_[candidate.series];
  series.open = candidate.finding.kind;
  series.incident = incident;
  series.is_subject = is_subject;
  series.opened = bucket_end_;
  series.since = bucket_end_ - static_cast<TimeMs>(candidate.finding.window_s * kSecondMs);
  series.was_candidate = false;
}

void RateDetector::examine_open(std::uint32_t index, std::vector<RateChange>& changes) {
  RateSeries& series = series_[index];
  const TimeMs lasted = bucket_end_ - series.since;
  if (lasted > kMinuteMs && has_recovered(series, newest(), factor(index))) return resolve(index, changes);
  if (lasted > options_.baseline_after_ms) {
    // The new normal: what the last five minutes were.
    series.exposure_s = std::min(series.exposure_s, options_.min_exposure_s);
    series.events = series.window_sum(kRing, newest()) / (kRing * kBucketSeconds) /
                    factor(index).over(kRing) * series.exposure_s;
    return resolve(index, changes);
  }
  const TimeMs silence = static_cast<TimeMs>(series.silent) * kBucketMs;
  if (series.open == Deviation::kDip && silence >= options_.gone_after_ms) escalate_to_gone(index, changes);
}

// Nothing for so long is no dip any more.
void RateDetector::escalate_to_gone(std::uint32_t index, std::vector<RateChange>& changes) {
  RateSeries& series = series_[index];
  const double silent_s = static_cast<double>(series.silent) * kBucketSeconds;
  const double expected = series.rate() * factor(index).over(series.silent) * silent_s;
  if (series.is_subject)
    changes.push_back(
        {index, {Deviation::kDip, 0, expected, 0, silent_s}, true, series.since, bucket_end_, {}});
  series.open = Deviation::kGone;
  if (series.is_subject)
    changes.push_back(
        {index, {Deviation::kGone, 0, expected, 0, silent_s}, false, series.since, bucket_end_, {}});
}

void RateDetector::resolve(std::uint32_t index, std::vector<RateChange>& changes) {
  RateSeries& series = series_[index];
  const double window_s = kBucketSeconds * kScales[kMinuteScale];
  const RateFinding last{series.open, 0, series.rate() * factor(index).over(kScales[kMinuteScale]) * window_s,
                         series.window_sum(kScales[kMinuteScale], newest()), window_s};
  if (series.is_subject) {
    changes.push_back({index, last, true, series.since, bucket_end_, {}});
    std::erase(subjects_, index);
  }
  // What was counted meanwhile must not look like a change of the label or source that it belongs to.
  if (!is_whole(series))
    for (const auto& [kind, id] :
         {std::pair{SeriesKind::kLabel, series.label}, {SeriesKind::kSource, series.source}})
      if (const std::uint32_t whole = find(kind, id);
          whole != kNoSeries && series_[whole].open == Deviation::kNone)
        series_[whole].valid = 0;
  settle_afresh(index);
}

void RateDetector::settle_afresh(std::uint32_t index) {
  RateSeries& series = series_[index];
  series.open = Deviation::kNone;
  series.is_subject = false;
  series.was_candidate = false;
  series.silent = 0;
  series.valid = -kCoolDownBuckets;
  series.recent_peak = {};  // the beginning of what was a deviation
  series.last_peak = {};
}

void RateDetector::restore(State state) {
  bucket_end_ = state.bucket_end;
  bucket_ = state.bucket;
  next_incident_ = state.next_incident;
  series_ = std::move(state.series);
  seasons_ = std::move(state.seasons);
  subjects_.clear();
  free_.clear();
  for (auto& table : by_id_) table.clear();
  for (std::uint32_t i = 0; i < series_.size(); ++i) {
    const RateSeries& series = series_[i];
    const bool is_known = by_id_[static_cast<std::size_t>(series.kind)].emplace(series.id, i).second;
    if (!is_known) free_.push_back(i);
    if (series.is_subject) subjects_.push_back(i);
  }
  std::stable_sort(subjects_.begin(), subjects_.end(),
                   [&](std::uint32_t a, std::uint32_t b) { return series_[a].opened < series_[b].opened; });
  find_factors(bucket_end_ - kBucketMs);
}

}  // namespace logsieve
