#include "training/fit/temperature.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <cmath>
#include <string>

namespace logsieve {
namespace {

constexpr std::size_t kMaxHalvings = 100;
constexpr double kRelativeWidth = 1e-10;

double weight_of(const HeldOutLogits& rows, std::size_t row) {
  return rows.weights.empty() ? 1.0 : rows.weights[row];
}

// Derivative of the summed NLL by 1/T: sum of w * (mean of z under softmax(z / T) - z[y]). It grows with 1/T.
double slope(const HeldOutLogits& rows, double temperature) {
  double total = 0.0;
  std::vector<double> p(rows.classes);
  for (std::size_t row = 0; row < rows.y.size(); ++row) {
    const auto z = rows.logits.subspan(row * rows.classes, rows.classes);
    softmax(z, temperature, p);
    double mean = 0.0;
    for (std::size_t k = 0; k < rows.classes; ++k) mean += p[k] * z[k];
    total += weight_of(rows, row) * (mean - z[static_cast<std::size_t>(rows.y[row])]);
  }
  return total;
}

Result<void> check(const HeldOutLogits& rows) {
  const auto invalid = [](const char* why) {
    return Error{ErrorCode::kInvalidArgument, std::string("temperature: ") + why};
  };
  if (rows.classes == 0 || rows.logits.size() != rows.y.size() * rows.classes)
    return invalid("not one row of logits a label");
  if (!rows.weights.empty() && rows.weights.size() != rows.y.size()) return invalid("not one weight a row");
  if (!std::all_of(rows.logits.begin(), rows.logits.end(), [](double z) { return std::isfinite(z); }))
    return invalid("a logit is not a finite number");
  double total = 0.0;
  for (std::size_t row = 0; row < rows.y.size(); ++row) {
    if (rows.y[row] < 0 || static_cast<std::size_t>(rows.y[row]) >= rows.classes)
      return invalid("a class is out of range");
    if (!(weight_of(rows, row) >= 0)) return invalid("a weight is not a number from 0 up");
    total += weight_of(rows, row);
  }
  if (!(total > 0) || !std::isfinite(total)) return invalid("no row has weight");
  return ok();
}

std::size_t bin_of(double confidence) {
  const double upper = std::ceil(confidence * static_cast<double>(kCalibrationBins));
  return std::min(kCalibrationBins - 1, static_cast<std::size_t>(std::max(1.0, upper)) - 1);
}

}  // namespace

Result<double> fit_temperature(const HeldOutLogits& rows, TemperatureRange range) {
  if (auto checked = check(rows); !checked) return std::move(checked).error();
  // The NLL is convex in 1/T: its slope changes sign once, where T is best.
  if (slope(rows, range.low) <= 0) return range.low;
  if (slope(rows, range.high) >= 0) return range.high;
  double low = std::log(range.low);
  double high = std::log(range.high);
  for (std::size_t i = 0; i < kMaxHalvings && high - low > kRelativeWidth; ++i) {
    const double middle = 0.5 * (low + high);
    (slope(rows, std::exp(middle)) > 0 ? low : high) = middle;
  }
  return std::exp(0.5 * (low + high));
}

double mean_nll(const HeldOutLogits& rows, double temperature) {
  double total = 0.0;
  double weight = 0.0;
  for (std::size_t row = 0; row < rows.y.size(); ++row) {
    const auto z = rows.logits.subspan(row * rows.classes, rows.classes);
    const double top = *std::max_element(z.begin(), z.end());
    double sum = 0.0;
    for (const double value : z) sum += std::exp((value - top) / temperature);
    const double nll = std::log(sum) + (top - z[static_cast<std::size_t>(rows.y[row])]) / temperature;
    total += weight_of(rows, row) * nll;
    weight += weight_of(rows, row);
  }
  return weight > 0 ? total / weight : 0.0;
}

void softmax(std::span<const double> logits, double temperature, std::span<double> probabilities) {
  assert(logits.size() == probabilities.size());
  if (logits.empty()) return;
  const double top = *std::max_element(logits.begin(), logits.end());
  double sum = 0.0;
  for (std::size_t k = 0; k < logits.size(); ++k) {
    probabilities[k] = std::exp((logits[k] - top) / temperature);
    sum += probabilities[k];
  }
  for (double& p : probabilities) p /= sum;
}

double calibration_error(std::span<const ScoredAnswer> answers) {
  std::array<double, kCalibrationBins> confidence{};
  std::array<double, kCalibrationBins> right{};
  for (const ScoredAnswer& answer : answers) {
    const std::size_t bin = bin_of(answer.confidence);
    confidence[bin] += answer.confidence;
    right[bin] += answer.is_right ? 1.0 : 0.0;
  }
  double gap = 0.0;
  for (std::size_t bin = 0; bin < kCalibrationBins; ++bin) gap += std::abs(right[bin] - confidence[bin]);
  return answers.empty() ? 0.0 : gap / static_cast<double>(answers.size());
}

double brier_score(std::span<const ScoredAnswer> answers) {
  double total = 0.0;
  for (const ScoredAnswer& answer : answers) {
    const double off = answer.confidence - (answer.is_right ? 1.0 : 0.0);
    total += off * off;
  }
  return answers.empty() ? 0.0 : total / static_cast<double>(answers.size());
}

}  // namespace logsieve
