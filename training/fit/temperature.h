// Temperature scaling and the figures that say whether a confidence can be believed.
// Source: Guo, Pleiss, Sun, Weinberger, On Calibration of Modern Neural Networks (ICML 2017).
#ifndef LOGSIEVE_TRAINING_FIT_TEMPERATURE_H_
#define LOGSIEVE_TRAINING_FIT_TEMPERATURE_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "base/result.h"

namespace logsieve {

// Logits of rows that the classifier has not seen, with the truth. Spans must outlive the call only.
struct HeldOutLogits {
  std::span<const double> logits;  // [n, classes] row-major
  std::size_t classes = 0;
  std::span<const std::int32_t> y;       // [n] in [0, classes)
  std::span<const double> weights = {};  // [n], >= 0; empty: all 1
};

// Ends of the search. A classifier that is never wrong on the held-out rows would be given a temperature of 0,
// one that knows nothing an infinite one; the lower end keeps a perfect score on few rows from turning every
// answer into certainty.
struct TemperatureRange {
  double low = 0.05;
  double high = 100.0;
};

// The T that minimises mean_nll, to 1e-9 relative. kInvalidArgument: a shape is off, no row has weight, or a
// logit is not finite. O(60 n classes).
Result<double> fit_temperature(const HeldOutLogits& rows, TemperatureRange range = {});

// Weighted mean of logsumexp(z / T) - z[y] / T.
double mean_nll(const HeldOutLogits& rows, double temperature);

// softmax(logits / T); `probabilities` [classes] may be the logits themselves.
void softmax(std::span<const double> logits, double temperature, std::span<double> probabilities);

// An answer and whether it was right.
struct ScoredAnswer {
  double confidence = 0.0;  // [0, 1]
  bool is_right = false;
};

inline constexpr std::size_t kCalibrationBins = 15;

// Expected calibration error: sum over bins (m/15, (m+1)/15] of share of answers x |accuracy - mean confidence|;
// a confidence of 0 falls into the first bin. 0 for no answers.
double calibration_error(std::span<const ScoredAnswer> answers);

// Mean of (confidence - right)^2 over the top label (Brier 1950). 0 for no answers.
double brier_score(std::span<const ScoredAnswer> answers);

}  // namespace logsieve

#endif  // LOGSIEVE_TRAINING_FIT_TEMPERATURE_H_
