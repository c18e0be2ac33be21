#include "anomaly/rate_series.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "anomaly/count_tail.h"

namespace logsieve {
namespace {

constexpr std::uint32_t kMinSamples = 8;             // windows of a scale before its dispersion is trusted
constexpr double kPriorMean = 4.0;                   // lines of a Poisson prior on the dispersion
constexpr double kGapHalfLifeBuckets = 30 * 8640.0;  // a month
constexpr double kPeakHalfLifeBuckets = 8640;        // a day
// A heartbeat: gaps of at least half a minute that hardly vary. Four missed beats are enough, whatever its rate.
constexpr std::uint32_t kHeartbeatGaps = 30;
constexpr double kHeartbeatVariation = 0.2;
constexpr double kHeartbeatMinGap = 3;
constexpr double kHeartbeatMissed = 4;
constexpr double kHeartbeatNats = 30;

bool is_heartbeat(const RateSeries& series) {
  if (series.gaps < kHeartbeatGaps || series.gap_mean < kHeartbeatMinGap) return false;
  return std::sqrt(series.gap_m2 / series.gaps) < kHeartbeatVariation * series.gap_mean;
}

// A template is narrower than a label or source, which others outweigh: less of a change is telling. What people
// call one template may also be a part of ours (numbers of either sign, dates by weekday): of ten times a third of
// our lines, we see four times.
constexpr double kTemplateShare = 0.4;

double burst_ratio(const RateSeries& series, const RateOptions& options) {
  const double excess = options.min_burst_ratio - 1;
  return 1 + (series.kind == SeriesKind::kTemplate ? kTemplateShare * excess : excess);
}
double dip_ratio(const RateSeries& series, const RateOptions& options) {
  const double loss = 1 - options.max_dip_ratio;
  return 1 - (series.kind == SeriesKind::kTemplate ? (1 - kTemplateShare) * loss : loss);
}
double peak_ratio(const RateSeries& series, const RateOptions& options) {
  const double excess = options.peak_ratio - 1;
  return 1 + (series.kind == SeriesKind::kTemplate ? kTemplateShare * excess : excess);
}

void keep_stronger(RateFinding& best, const RateFinding& other) {
  if (other.nats > best.nats) best = other;
}

// The rate itself is known to so many events only: that adds variance.
double with_doubt(double dispersion, double expected, const RateSeries& series, double window_s) {
  return dispersion + (series.events > 0 ? expected / series.events : window_s / series.exposure_s);
}

RateFinding examine_window(const RateSeries& series, std::size_t scale, std::size_t newest,
                           const SeasonFactor& factor, const RateOptions& options) {
  const std::size_t buckets = kScales[scale];
  const double window_s = static_cast<double>(buckets) * kBucketSeconds;
  const double expected = series.rate() * factor.over(buckets) * window_s;
  const double seen = series.window_sum(buckets, newest);
  const double dispersion = with_doubt(series.dispersion(scale), expected, series, window_s);
  if (seen >= options.min_burst_count && seen >= burst_ratio(series, options) * expected &&
      seen > peak_ratio(series, options) * series.peak[scale])
    return {Deviation::kBurst, upper_tail_nats(seen, expected, dispersion), expected, seen, window_s};
  if (scale >= kMinuteScale && expected >= options.min_dip_expected &&
      seen <= dip_ratio(series, options) * expected)
    return {Deviation::kDip, lower_tail_nats(seen, expected, dispersion), expected, seen, window_s};
  return {};
}

// The silence since the last line, of whatever length.
RateFinding examine_silence(const RateSeries& series, const SeasonFactor& factor,
                            const RateOptions& options) {
  const double gap = series.silent;
  if (gap == 0 || gap <= options.peak_ratio * series.longest_gap) return {};
  const double window_s = gap * kBucketSeconds;
  const double expected = series.rate() * factor.over(series.silent) * window_s;
  const std::size_t scale = gap >= kScales[2] ? 2 : gap >= kScales[1] ? 1 : 0;
  const bool is_long = window_s * kSecondMs >= static_cast<double>(options.gone_after_ms);
  const Deviation kind = is_long ? Deviation::kGone : Deviation::kDip;
  if (is_heartbeat(series) && gap > kHeartbeatMissed * series.gap_mean)
    return {Deviation::kGone, kHeartbeatNats, expected, 0, window_s};
  if (expected < options.min_dip_expected) return {};
  const double dispersion = with_doubt(series.dispersion(scale), expected, series, window_s);
  return {kind, lower_tail_nats(0, expected, dispersion), expected, 0, window_s};
}

void learn_gap(RateSeries& series) {
  const double gap = series.silent + 1.0;
  ++series.gaps;
  const double delta = gap - series.gap_mean;
  series.gap_mean += delta / series.gaps;
  series.gap_m2 += delta * (gap - series.gap_mean);
  series.longest_gap = std::max(series.longest_gap, static_cast<double>(series.silent));
}

}  // namespace

double RateSeries::window_sum(std::size_t buckets, std::size_t newest) const {
  double sum = 0;
  for (std::size_t i = 0; i < buckets; ++i) sum += ring[(newest + kRing - i) % kRing];
  return sum;
}

double RateSeries::dispersion(std::size_t scale) const {
  double worst = 1;
  for (std::size_t i = 0; i <= scale; ++i)
    worst = std::max(worst, (spread[i] + kPriorMean) / (mean[i] + kPriorMean));
  return worst;
}

RateFinding examine(const RateSeries& series, std::size_t newest, const SeasonFactor& factor,
                    const RateOptions& options) {
  // Time counts by how much is expected of it.
  if (series.exposure_s < options.min_exposure_s * std::min(factor.now, 1.0) ||
      series.active < options.min_active)
    return {};
  RateFinding best;
  for (std::size_t scale = 0; scale < kScales.size(); ++scale) {
    if (series.valid < static_cast<std::int32_t>(kScales[scale]) || series.samples[scale] < kMinSamples)
      continue;
    keep_stronger(best, examine_window(series, scale, newest, factor, options));
  }
  if (series.valid > 0) keep_stronger(best, examine_silence(series, factor, options));
  return best;
}

bool has_recovered(const RateSeries& series, std::size_t newest, const SeasonFactor& factor) {
  const std::size_t minute = kScales[kMinuteScale];
  const double expected = series.rate() * factor.over(minute) * kBucketSeconds * static_cast<double>(minute);
  const double seen = series.window_sum(kScales[kMinuteScale], newest);
  if (series.open == Deviation::kBurst) return seen <= 1.3 * expected + 4;
  return seen >= std::max(1.0, 0.75 * expected);
}

void roll(RateSeries& series, std::size_t newest, TimeMs end) {
  series.ring[newest] = series.current;
  if (series.valid < std::numeric_limits<std::int32_t>::max()) ++series.valid;
  if (series.current == 0) {
    ++series.silent;
    return;
  }
  if (series.active > 0 && series.open == Deviation::kNone) learn_gap(series);
  if (series.active < std::numeric_limits<std::uint32_t>::max()) ++series.active;
  series.silent = 0;
  series.last_seen = end;
  series.current = 0;
}

RateFades::RateFades(double half_life_s) {
  for (std::size_t scale = 0; scale < kScales.size(); ++scale)
    window[scale] = std::exp2(-kBucketSeconds * static_cast<double>(kScales[scale]) / half_life_s);
  peak = std::exp2(-1 / kPeakHalfLifeBuckets);
  gap = std::exp2(-1 / kGapHalfLifeBuckets);
}

void learn(RateSeries& series, std::size_t newest, std::uint64_t bucket, const SeasonFactor& factor,
           const RateFades& fades) {
  for (std::size_t scale = 0; scale < kScales.size(); ++scale) {
    const std::size_t buckets = kScales[scale];
    series.peak[scale] *= fades.peak;
    if (series.valid < static_cast<std::int32_t>(buckets)) continue;
    const double seen = series.window_sum(buckets, newest);
    series.recent_peak[scale] = std::max(series.recent_peak[scale], seen);
    if (bucket % buckets != 0) continue;
    series.peak[scale] = std::max(series.peak[scale], series.last_peak[scale]);
    series.last_peak[scale] = std::exchange(series.recent_peak[scale], 0.0);
    const double expected =
        series.rate() * factor.over(buckets) * kBucketSeconds * static_cast<double>(buckets);
    series.spread[scale] = series.spread[scale] * fades.window[scale] + (seen - expected) * (seen - expected);
    series.mean[scale] = series.mean[scale] * fades.window[scale] + expected;
    if (series.samples[scale] < kMinSamples) ++series.samples[scale];
  }
  series.events = series.events * fades.window[0] + series.ring[newest];
  series.exposure_s = series.exposure_s * fades.window[0] + kBucketSeconds * factor.now;
  series.longest_gap *= fades.gap;
}

}  // namespace logsieve
