#include "head/novelty.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <string>
#include <utility>

#include "head/word_key.h"

namespace logsieve {
namespace {

bool is_ascending(const std::vector<std::int32_t>& keys) {
  return (keys.empty() || keys.front() >= 0) &&
         std::adjacent_find(keys.begin(), keys.end(), std::greater_equal<>()) == keys.end();
}

bool is_sound(const SignWeights& signs) {
  return signs.keys.size() == signs.weights.size() && is_ascending(signs.keys) &&
         std::all_of(signs.weights.begin(), signs.weights.end(), [](float w) { return std::isfinite(w); });
}

}  // namespace

Result<Novelty> Novelty::create(NoveltyParameters parameters) {
  const auto corrupt = [](const char* why) {
    return Error{ErrorCode::kCorruptModel, std::string("novelty: ") + why}.with_help(
        "the model is damaged: train it again or restore it from a copy");
  };
  const NoveltyLimits& limits = parameters.limits;
  for (const float number : {limits.least_words, limits.least_nearest, limits.most_distance,
                             limits.most_other, parameters.distance_weight})
    if (!std::isfinite(number)) return corrupt("a limit or weight is not a finite number");
  if (!is_ascending(parameters.words)) return corrupt("words are not in ascending order");
  if (!is_sound(parameters.tokens) || !is_sound(parameters.pairs) || !is_sound(parameters.shapes))
    return corrupt("signs of texts are not in ascending order, or their weights are no numbers");
  auto gaussians = ClassGaussians::create(std::exchange(parameters.gaussians, {}));
  if (!gaussians) return std::move(gaussians).error();
  if (parameters.labels > gaussians->groups() || (parameters.labels == 0 && gaussians->groups() > 0))
    return corrupt("no label among the Gaussians, or more than there are");
  Novelty novelty;
  novelty.gaussians_ = std::move(*gaussians);
  novelty.parameters_ = std::move(parameters);
  return novelty;
}

bool Novelty::knows_word(std::string_view word) const {
  return std::binary_search(parameters_.words.begin(), parameters_.words.end(), word_key(word));
}

void Novelty::measure(std::string_view form, std::span<const float> vector, NoveltyMeasures& measures) const {
  if (gaussians_.empty()) return;
  std::vector<float> distances(gaussians_.groups());
  gaussians_.distances(vector, distances);
  const auto others = distances.begin() + static_cast<std::ptrdiff_t>(parameters_.labels);
  measures.distance = *std::min_element(distances.begin(), others);
  if (others == distances.end()) return;
  TextSigns signs;
  text_signs(
      form, [this](std::string_view word) { return knows_word(word); }, signs);
  const float farther = measures.distance - *std::min_element(others, distances.end());
  measures.other = parameters_.distance_weight * farther +
                   static_cast<float>(score_signs(parameters_.tokens, signs.tokens) +
                                      score_signs(parameters_.pairs, signs.pairs) +
                                      score_signs(parameters_.shapes, signs.shapes));
}

NoveltySign Novelty::sign(const NoveltyMeasures& measures) const {
  const NoveltyLimits& limits = parameters_.limits;
  if (measures.words < limits.least_words) return NoveltySign::kWords;
  if (measures.nearest < limits.least_nearest) return NoveltySign::kNearest;
  if (measures.distance > limits.most_distance) return NoveltySign::kClasses;
  if (measures.other > limits.most_other) return NoveltySign::kOther;
  return NoveltySign::kNone;
}

}  // namespace logsieve
