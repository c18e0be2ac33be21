#include "encoder/integer_weights.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <utility>

#include "encoder/integer_kernels.h"

namespace logsieve {
namespace {

constexpr float kLargest = 127.0F;
// Shares of the largest weight of a column that the largest integer may stand for.
constexpr std::array<float, 8> kShares = {2.0F, 1.7F, 1.45F, 1.25F, 1.1F, 0.95F, 0.8F, 0.65F};

std::size_t count_groups(std::size_t inputs) {
  return round_up(std::min(inputs, kBlockInputs), kGroupInputs) / kGroupInputs;
}

std::size_t count_all_groups(std::size_t inputs, std::size_t outputs) {
  const std::size_t full = inputs / kBlockInputs * (kBlockInputs / kGroupInputs);
  const std::size_t rest = inputs % kBlockInputs;
  return (full + (rest > 0 ? count_groups(rest) : 0)) * (outputs / kIntegerColumns);
}

// Both -90 * (their eight weights) of each column. Only what integers_fit allows is sure to be right: 16 bits.
GroupStart start_of(const WeightGroup& group) {
  GroupStart start;
  for (std::size_t c = 0; c < kIntegerColumns; ++c)
    for (std::size_t pair = 0; pair < 2; ++pair) {
      int sum = 0;
      for (const auto& part : group.weights) sum += part[c][2 * pair] + part[c][2 * pair + 1];
      start.pairs[c][pair] = static_cast<std::int16_t>(-kMiddle * sum);
    }
  return start;
}

// Factors with a geometric mean of 1, so that they stay in the middle of the range of floats.
std::vector<float> balance(std::span<const float> weights, std::span<const float> sample,
                           std::size_t inputs) {
  constexpr float kLeastSize = 1e-3F;
  constexpr float kLeastWeight = 1e-4F;
  std::vector<float> sizes(inputs, kLeastSize);
  for (std::size_t i = 0; i < sample.size(); ++i)
    sizes[i % inputs] = std::max(sizes[i % inputs], std::abs(sample[i]));
  std::vector<float> factors(inputs, kLeastWeight);
  for (std::size_t i = 0; i < weights.size(); ++i)
    factors[i % inputs] = std::max(factors[i % inputs], std::abs(weights[i]));
  double logarithms = 0;
  for (std::size_t i = 0; i < inputs; ++i) {
    factors[i] = std::sqrt(factors[i] / sizes[i]);
    logarithms += std::log(static_cast<double>(factors[i]));
  }
  const auto mean = static_cast<float>(std::exp(logarithms / static_cast<double>(inputs)));
  for (float& factor : factors) factor /= mean;
  return factors;
}

float square(float x) {
  return x * x;
}

// About the squared errors of two weights, in units of the scale: of rounding, and of what is beyond their limit, which
// they share.
float pair_error(float a, float b) {
  constexpr float kRounder = 12582912.0F;  // 1.5 * 2^23: adding it rounds to a whole number
  const auto error = [](float level) {
    return (std::min(std::max(level, -kLargest), kLargest) + kRounder) - kRounder - level;
  };
  const float beyond = std::max(std::abs(a + b) - static_cast<float>(kPairLimit), 0.0F);
  return square(error(a)) + square(error(b)) + 0.5F * square(beyond);
}

// The same of a column with this scale. Eight weights beyond their limit lose it to about four of them.
float squared_error(std::span<const float> weights, float scale) {
  const float inverse = 1.0F / scale;
  float sum = 0;
  for (std::size_t first = 0; first + kGroupInputs <= weights.size(); first += kGroupInputs)
    for (std::size_t pair = 0; pair < 4; pair += 2) {
      float all = 0;
      for (std::size_t i = first + pair; i < first + kGroupInputs; i += 4) {
        const float a = weights[i] * inverse;
        const float b = weights[i + 1] * inverse;
        sum += pair_error(a, b);
        all += std::abs(a) + std::abs(b);
      }
      sum += 0.25F * square(std::max(all - static_cast<float>(kEightLimit), 0.0F));
    }
  return sum * square(scale);
}

float best_scale(std::span<const float> weights) {
  float largest = 0;
  for (const float weight : weights) largest = std::max(largest, std::abs(weight));
  if (largest < 1e-20F) return 1.0F;
  float best = 0;
  float least = 0;
  for (const float share : kShares) {
    const float scale = largest * share / kLargest;
    const float error = squared_error(weights, scale);
    if (best != 0 && error >= least) continue;
    best = scale;
    least = error;
  }
  return best;
}

}  // namespace

IntegerWeights::IntegerWeights(std::span<const float> weights, std::span<const float> sample,
                               std::span<const float> bias)
    : factors_(balance(weights, sample, weights.size() / bias.size())),
      scales_(bias.size()),
      bias_(bias.begin(), bias.end()) {
  assert(weights.size() == inputs() * bias.size() && bias.size() % kIntegerColumns == 0);
  groups_.resize(count_all_groups(inputs(), bias.size()));
  std::vector<float> divided(weights.begin(), weights.end());
  for (std::size_t i = 0; i < divided.size(); ++i) divided[i] /= factors_[i % inputs()];
  for (std::size_t column = 0; column < scales_.size(); ++column)
    scales_[column] = best_scale(std::span(divided).subspan(column * inputs(), inputs()));
  for (std::size_t first = 0; first < inputs(); first += kBlockInputs) pack_block(first, divided, sample);
  [[maybe_unused]] const bool fits = derive();
  assert(fits);
}

std::optional<IntegerWeights> IntegerWeights::restore(std::string_view groups, std::vector<float> factors,
                                                      std::vector<float> scales, std::vector<float> bias) {
  const auto are_finite = [](const std::vector<float>& values) {
    return std::all_of(values.begin(), values.end(), [](float value) { return std::isfinite(value); });
  };
  const std::size_t count = count_all_groups(factors.size(), bias.size());
  if (groups.size() != count * sizeof(WeightGroup) || scales.size() != bias.size() || !are_finite(factors) ||
      !are_finite(scales))
    return std::nullopt;
  IntegerWeights weights;
  weights.groups_.resize(count);
  std::memcpy(weights.groups_.data(), groups.data(), groups.size());
  weights.factors_ = std::move(factors);
  weights.scales_ = std::move(scales);
  weights.bias_ = std::move(bias);
  if (!weights.derive()) return std::nullopt;
  return weights;
}

void IntegerWeights::pack_block(std::size_t first, std::span<const float> weights,
                                std::span<const float> sample) {
  const std::size_t width = std::min(kBlockInputs, inputs() - first);
  std::vector<float> rows;
  for (std::size_t row = 0; row < sample.size(); row += inputs())
    for (std::size_t i = first; i < first + width; ++i) rows.push_back(sample[row + i] * factors_[i]);
  const ErrorFeedback feedback(rows, width);
  std::vector<float> column(round_up(width, kGroupInputs));
  for (std::size_t output = 0; output < scales_.size(); ++output) {
    std::copy_n(&weights[output * inputs() + first], width, column.begin());
    pack_column(output, first, column, feedback);
  }
}

// Weights of which a limit leaves less than they need lose the rest to those after them, as all errors.
void IntegerWeights::pack_column(std::size_t column, std::size_t first, std::span<float> weights,
                                 const ErrorFeedback& feedback) {
  const std::size_t width = std::min(kBlockInputs, inputs() - first);
  const std::size_t groups = count_groups(width);
  // Blocks before this one are full.
  WeightGroup* panel = groups_.data() + first / kGroupInputs * (scales_.size() / kIntegerColumns) +
                       column / kIntegerColumns * groups;
  const float scale = scales_[column];
  std::array<int, 2> left = {};  // of both sums of eight
  int before = 0;
  for (std::size_t i = 0; i < width; ++i) {
    if (i % kGroupInputs == 0) left = {kEightLimit, kEightLimit};
    int& room = left[i / 2 % 2];
    const auto nearest =
        static_cast<int>(std::clamp(std::nearbyint(weights[i] / scale), -kLargest, kLargest));
    int size = std::min(std::abs(nearest), room);
    if (i % 2 == 1 && (before < 0) == (nearest < 0)) size = std::min(size, kPairLimit - std::abs(before));
    const int rounded = nearest < 0 ? -size : size;
    room -= size;
    before = rounded;
    panel[i / kGroupInputs].weights[i % kGroupInputs / 4][column % kIntegerColumns][i % 4] =
        static_cast<std::int8_t>(rounded);
    feedback.spread(weights[i] - static_cast<float>(rounded) * scale, i, weights.data());
  }
}

bool IntegerWeights::derive() {
  const std::size_t outputs = scales_.size();
  const std::size_t blocks = (inputs() + kBlockInputs - 1) / kBlockInputs;
  group_starts_.resize(groups_.size());
  sums_.resize(blocks * outputs);
  starts_.resize(blocks * outputs);
  std::size_t group = 0;
  bool fits = true;
  for (std::size_t place = 0; place < sums_.size(); place += kIntegerColumns) {
    const std::size_t groups = count_groups(inputs() - place / outputs * kBlockInputs);
    std::array<std::int32_t, kIntegerColumns> totals = {};
    for (const std::size_t end = group + groups; group < end; ++group) {
      group_starts_[group] = start_of(groups_[group]);
      fits = fits && integers_fit(groups_[group], group_starts_[group]);
      for (std::size_t c = 0; c < kIntegerColumns; ++c)
        totals[c] += group_starts_[group].pairs[c][0] + group_starts_[group].pairs[c][1];
    }
    for (std::size_t c = 0; c < kIntegerColumns; ++c) {
      starts_[place + c] = totals[c];
      const std::int32_t weights = totals[c] / -kMiddle;
      sums_[place + c] = scales_[place % outputs + c] * static_cast<float>(weights);
    }
  }
  return fits;
}

IntegerMatrix IntegerWeights::matrix() const {
  return {groups_.data(), group_starts_.data(), scales_.data(), sums_.data(),
          starts_.data(), bias_.data(),         inputs(),       bias_.size()};
}

}  // namespace logsieve
