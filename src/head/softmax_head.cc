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
  if (!p.word_weights.empty() && p.word_weights.size() != classes * 2 * p.dim)
    return corrupt(std::to_string(p.word_weights.size()) + " word weights for " + std::to_string(classes) +
                   " classes of " + std::to_string(2 * p.dim));
  const std::size_t terms = p.term_keys.size();
  if (p.term_idf.size() != terms || p.term_weights.size() != classes * terms)
    return corrupt(std::to_string(p.term_idf.size()) + " and " + std::to_string(p.term_weights.size()) +
                   " weights for " + std::to_string(terms) + " terms of " + std::to_string(classes) +
                   " classes");
  return ok();
}

Result<void> check_terms(const SoftmaxParameters& p) {
  if (!p.term_keys.empty() && p.term_keys.front() < 0) return corrupt("a negative term");
  if (std::adjacent_find(p.term_keys.begin(), p.term_keys.end(), std::greater_equal<>()) != p.term_keys.end())
    return corrupt("terms are not in ascending order");
  if (!is_finite(p.term_weights) || !is_finite(p.word_weights))
    return corrupt("a weight is not a finite number");
  // Not (idf <= 0): a NaN must not pass.
  if (!is_finite(p.term_idf) ||
      !std::all_of(p.term_idf.begin(), p.term_idf.end(), [](float idf) { return idf > 0.0F; }))
    return corrupt("a term's weight is not a positive number");
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
  if (auto terms = check_terms(parameters); !terms) return std::move(terms).error();
  SoftmaxHead head;
  head.parameters_ = std::move(parameters);
  return head;
}

void weigh_terms(std::span<const FormTerm> terms, std::span<const std::int32_t> keys,
                 std::span<const float> idf, std::vector<TermValue>& row) {
  row.clear();
  double squares = 0.0;
  for (const FormTerm& term : terms) {
    const auto found = std::lower_bound(keys.begin(), keys.end(), term.key);
    if (found == keys.end() || *found != term.key) continue;
    const auto column = static_cast<std::size_t>(found - keys.begin());
    const double value = static_cast<double>(term.weight) * static_cast<double>(idf[column]);
    row.push_back({column, value});
    squares += value * value;
  }
  for (TermValue& value : row) value.value /= std::sqrt(squares);
}

void SoftmaxHead::logits(const FormView& form, std::span<double> logits) const {
  const SoftmaxParameters& p = parameters_;
  assert(logits.size() == classes());
  assert(classes() == 0 || form.sentence.size() == p.dim);
  assert(!sees_words() || form.words.size() == 2 * p.dim);
  const std::span<const float> weights = p.weights;
  const std::span<const float> word_weights = p.word_weights;
  for (std::size_t k = 0; k < classes(); ++k) {
    logits[k] = dot_double(weights.subspan(k * p.dim, p.dim), form.sentence) + static_cast<double>(p.bias[k]);
    if (sees_words()) logits[k] += dot_double(word_weights.subspan(k * 2 * p.dim, 2 * p.dim), form.words);
  }
  if (p.term_keys.empty()) return;
  std::vector<FormTerm> terms;
  std::vector<TermValue> row;
  form_terms(form.text, terms);
  weigh_terms(terms, p.term_keys, p.term_idf, row);
  for (std::size_t k = 0; k < classes(); ++k)
    for (const TermValue& term : row)
      logits[k] += term.value * static_cast<double>(p.term_weights[k * p.term_keys.size() + term.column]);
}

void SoftmaxHead::logits(std::span<const float> embedding, std::span<double> logits) const {
  this->logits(FormView{embedding, {}, {}}, logits);
}

void SoftmaxHead::predict(const FormView& form, std::span<float> probabilities) const {
  assert(probabilities.size() == classes());
  std::vector<double> scaled(classes());
  logits(form, scaled);
  // The scaled logits pass through float: that moves no probability by more than 1e-6.
  float largest = -INFINITY;
  for (std::size_t k = 0; k < classes(); ++k) {
    const double logit = scaled[k] / static_cast<double>(parameters_.temperature);
    probabilities[k] = static_cast<float>(std::clamp(logit, -kLargestLogit, kLargestLogit));
    largest = std::max(largest, probabilities[k]);
  }
  double sum = 0.0;
  for (float& value : probabilities) {
    value = static_cast<float>(std::exp(static_cast<double>(value) - static_cast<double>(largest)));
    sum += static_cast<double>(value);
  }
  for (float& value : probabilities) value = static_cast<float>(static_cast<double>(value) / sum);
}

void SoftmaxHead::predict(std::span<const float> embedding, std::span<float> probabilities) const {
  predict(FormView{embedding, {}, {}}, probabilities);
}

SoftmaxAnswer SoftmaxHead::answer(std::span<const float> probabilities) const {
  assert(probabilities.size() == classes());
  if (probabilities.empty()) return {};
  const auto best = std::max_element(probabilities.begin(), probabilities.end());
  const auto k = static_cast<std::size_t>(best - probabilities.begin());
  return {parameters_.labels[k], *best, *best >= parameters_.thresholds[k]};
}

}  // namespace logsieve
