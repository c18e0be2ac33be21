// The learned rate of one series (a label, a template or a source) and how surprising its last counts are.
//
// Model: counts a bucket are negative binomial; the rate has a gamma posterior whose evidence fades with a half-life
// (West & Harrison 1997, discounting), the dispersion is learned at each scale. O(1) state, O(1) a bucket.
#ifndef LOGSIEVE_ANOMALY_RATE_SERIES_H_
#define LOGSIEVE_ANOMALY_RATE_SERIES_H_

#include <array>
#include <cstddef>
#include <cstdint>

#include "anomaly/timestamp.h"

namespace logsieve {

enum class SeriesKind : std::uint8_t { kLabel, kTemplate, kSource };
enum class Deviation : std::uint8_t { kNone, kBurst, kDip, kGone };

inline constexpr TimeMs kBucketMs = 10 * kSecondMs;
inline constexpr double kBucketSeconds = 10.0;
inline constexpr std::array<std::size_t, 3> kScales = {1, 6, 30};  // windows, in buckets: 10 s, 1 min, 5 min
inline constexpr std::size_t kRing = 30;
inline constexpr std::size_t kMinuteScale = 1;  // index in kScales

struct RateOptions {
  double half_life_s = 3600;     // of what is known about a rate
  double min_exposure_s = 600;   // a series younger than this is not tested
  std::uint32_t min_active = 5;  // buckets in which it was seen, before it is tested
  double discovery_rate = 1e-5;  // false discoveries among those of one bucket, over all series
  double min_burst_count = 10;   // lines in the window
  double min_burst_ratio = 2.5;  // over the expected count
  double min_dip_expected = 8;   // lines that should have come
  double max_dip_ratio = 0.4;    // of the expected count
  double peak_ratio = 1.5;       // a burst is higher, a silence longer than any before by this factor
  TimeMs gone_after_ms = 10 * kMinuteMs;   // a silence so long is `gone`, a shorter one a `dip`
  TimeMs baseline_after_ms = 6 * kHourMs;  // a deviation that lasts so long is the new normal
  TimeMs together_ms = kMinuteMs;          // deviations of one kind that begin within this are one incident
  std::size_t max_seasons = 4096;          // series whose habits over the week are kept, 2 KB each
  double min_season_lines = 10;  // lines an hour: a series that writes less has no habits worth keeping
};

// What a test found. `nats` is -ln of the bound on its probability.
struct RateFinding {
  Deviation kind = Deviation::kNone;
  double nats = 0;
  double expected = 0;  // lines in the window
  double seen = 0;
  double window_s = 0;
};

struct RateSeries {
  std::uint64_t id = 0;
  SeriesKind kind = SeriesKind::kTemplate;
  Deviation open = Deviation::kNone;
  bool is_subject = false;     // of its incident, while open
  bool was_candidate = false;  // at the last bucket: labels and sources must persist
  std::uint32_t held =
      0;  // buckets in a row too surprising to learn from and not surprising enough to tell; not kept
  std::uint32_t label = 0;     // of its last record
  std::uint32_t source = 0;    // of its last record
  std::uint32_t incident = 0;  // while open
  std::uint32_t current = 0;   // lines in the bucket that is being filled
  std::int32_t valid = 0;      // closed buckets since the start or the last deviation; < 0: cooling down
  std::uint32_t active = 0;    // buckets with lines, saturating
  std::array<std::uint32_t, kRing> ring{};      // the last closed buckets; position is the owner's
  double events = 0;                            // faded sum of lines
  double exposure_s = 0;                        // faded time
  std::array<double, kScales.size()> spread{};  // faded sum of (count - expected)^2 in windows side by side
  std::array<double, kScales.size()> mean{};    // faded sum of expected
  std::array<std::uint32_t, kScales.size()> samples{};
  // Highest count of a window, slowly fading; windows of the last two stretches of their length are kept aside, or what
  // grows over a minute would outgrow its own beginning.
  std::array<double, kScales.size()> peak{};
  std::array<double, kScales.size()> recent_peak{};
  std::array<double, kScales.size()> last_peak{};
  double gap_mean = 0;  // buckets between buckets with lines (Welford)
  double gap_m2 = 0;
  std::uint32_t gaps = 0;
  double longest_gap = 0;    // in buckets, slowly fading
  std::uint32_t silent = 0;  // closed buckets without lines, up to now
  TimeMs first_seen = 0;
  TimeMs last_seen = 0;  // to the bucket
  TimeMs since = 0;      // when the open deviation began
  TimeMs opened = 0;     // when it was found

  double rate() const { return exposure_s > 0 ? events / exposure_s : 0; }  // lines a second
  double window_sum(std::size_t buckets, std::size_t newest) const;
  double dispersion(std::size_t scale) const;
};

// How much more than in an average hour is expected of a series: in this hour, of which `buckets` are closed, and in the
// hour before. 1 without a season.
struct SeasonFactor {
  double now = 1;
  double before = 1;
  std::size_t buckets = kRing;
  // Over the last `window` buckets.
  double over(std::size_t window) const {
    if (window <= buckets) return now;
    const auto old = static_cast<double>(window - buckets);
    return (now * static_cast<double>(buckets) + before * old) / static_cast<double>(window);
  }
};

// The most surprising finding of a series whose newest closed bucket is ring[newest]; kNone if it is too young or
// nothing is unusual enough in size.
RateFinding examine(const RateSeries& series, std::size_t newest, const SeasonFactor& factor,
                    const RateOptions& options);

// Closes the current bucket into ring[newest]; `end` is when it ended.
void roll(RateSeries& series, std::size_t newest, TimeMs end);

// Whether an open deviation is over.
bool has_recovered(const RateSeries& series, std::size_t newest, const SeasonFactor& factor);

// How much of the past is left after one window of each scale, and of peaks and gaps after one bucket.
struct RateFades {
  explicit RateFades(double half_life_s);
  std::array<double, kScales.size()> window{};
  double peak = 1;
  double gap = 1;
};

// Learns the newest closed bucket. `bucket` is its number, for windows side by side.
void learn(RateSeries& series, std::size_t newest, std::uint64_t bucket, const SeasonFactor& factor,
           const RateFades& fades);

}  // namespace logsieve

#endif  // LOGSIEVE_ANOMALY_RATE_SERIES_H_
