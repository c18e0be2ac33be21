#include "head/softmax_head.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <string>

#include "head/dot.h"

namespace logsieve {
namespace {

constexpr double kLargestLogit = 1e30;  // stays finite as a float

Error corrupt(std::string message) {
  return Error{ErrorCode::kCorruptModel, "regression head: " + std::move(message)}.with_help(
      "the model is damaged: train it again or restore it from a copy");
}

bool is_finite(const std::vector<float>& values) {
  return std::all_of(values.begin(), values.end(), [](float value) { return std::isfinite(value); });
}

Result<void> check_shapes(const SoftmaxParameters& p) {
  const std::size_t classes = p.labels.size();
  if (classes > 0 && p.dim == 0) return corrupt("vectors of length 0");
  if (p.weights.size() != classes * p.dim)
    return corrupt(std::to_string(p.weights.size()) + " weights for " + std::to_string(classes) +
                   " classes of " + std::to_string(p.dim));
  if (p.bias.size() != classes)
    return corrupt(std::to_string(p.bias.size()) + " biases for " + std::to_string(classes) + " classes");
  if (p.thresholds.size() != classes)
    return corrupt(std::to_string(p.thresholds.size()) + " thresholds for " + std::to_string(classes) +
                   " classes");
  return ok();
}

Result<void> check_values(const SoftmaxParameters& p) {
  if (!p.labels.empty() && p.labels.front() < 0) return corrupt("a negative label");
  if (std::adjacent_find(p.labels.begin(), p.labels.end(), std::greater_equal<>()) != p.labels.end())
    return corrupt("labels are not in ascending order");
  if (!is_finite(p.weights)) return corrupt("a weight is not a finite number");
  if (!is_finite(p.bias)) return corrupt("a bias is not a finite number");
  if (!std::isfinite(p.temperature) || p.temperature <= 0.0F)
    return corrupt("the temperature is not a positive number");
  if (!is_finite(p.thresholds) ||
      std::any_of(p.thresholds.begin(), p.thresholds.end(), [](float threshold) { return threshold < 0.0F; }))
    return corrupt("a threshold is not a number from 0 up");
  return ok();
}

}  // namespace

Result<SoftmaxHead> SoftmaxHead::create(SoftmaxParameters parameters) {
  if (auto shapes = check_shapes(parameters); !shapes) return std::move(shapes).error();
  if (auto values = check_values(parameters); !values) return std::move(values).error();
  SoftmaxHead head;
  head.parameters_ = std::move(parameters);
  return head;
}

void SoftmaxHead::logits(std::span<const float> embedding, std::span<double> logits) const {
  assert(logits.size() == classes());
  assert(classes() == 0 || embedding.size() == parameters_.dim);
  const std::span<const float> weights = parameters_.weights;
  for (std::size_t k = 0; k < classes(); ++k)
    logits[k] = dot_double(weights.subspan(k * parameters_.dim, parameters_.dim), embedding) +
                static_cast<double>(parameters_.bias[k]);
}

void SoftmaxHead::predict(std::span<const float> embedding, std::span<float> probabilities) const {
  assert(probabilities.size() == classes());
  assert(classes() == 0 || embedding.size() == parameters_.dim);
  const std::span<const float> weights = parameters_.weights;
  // The scaled logits pass through float: that moves no probability by more than 1e-6, and saves a buffer.
  float largest = -INFINITY;
  for (std::size_t k = 0; k < classes(); ++k) {
    const double logit = dot_double(weights.subspan(k * parameters_.dim, parameters_.dim), embedding) +
                         static_cast<double>(parameters_.bias[k]);
    const double scaled = logit / static_cast<double>(parameters_.temperature);
    probabilities[k] = static_cast<float>(std::clamp(scaled, -kLargestLogit, kLargestLogit));
    largest = std::max(largest, probabilities[k]);
  }
  double sum = 0.0;
  for (float& value : probabilities) {
    value = static_cast<float>(std::exp(static_cast<double>(value) - static_cast<double>(largest)));
    sum += static_cast<double>(value);
  }
  for (float& value : probabilities) value = static_cast<float>(static_cast<double>(value) / sum);
}

SoftmaxAnswer SoftmaxHead::answer(std::span<const float> probabilities) const {
  assert(probabilities.size() == classes());
  if (probabilities.empty()) return {};
  const auto best = std::max_element(probabilities.begin(), probabilities.end());
  const auto k = static_cast<std::size_t>(best - probabilities.begin());
  return {parameters_.labels[k], *best, *best >= parameters_.thresholds[k]};
}

}  // namespace logsieve
