#include "encoder/integer_weights.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <cmath>
#include <cstdlib>

#include "encoder/integer_kernels.h"

namespace logsieve {
namespace {

constexpr float kLargest = 127.0F;
// Shares of the largest weight of a column that the largest integer may stand for.
constexpr std::array<float, 8> kShares = {2.0F, 1.7F, 1.45F, 1.25F, 1.1F, 0.95F, 0.8F, 0.65F};

std::size_t count_groups(std::size_t inputs) {
  return round_up(std::min(inputs, kBlockInputs), kGroupInputs) / kGroupInputs;
}

// Factors with a geometric mean of 1, so that they stay in the middle of the range of floats.
std::vector<float> balance(std::span<const float> weights, std::span<const float> sizes) {
  constexpr float kLeastSize = 1e-3F;
  constexpr float kLeastWeight = 1e-4F;
  const std::size_t inputs = sizes.size();
  std::vector<float> factors(inputs, kLeastWeight);
  for (std::size_t i = 0; i < weights.size(); ++i)
    factors[i % inputs] = std::max(factors[i % inputs], std::abs(weights[i]));
  double logarithms = 0;
  for (std::size_t i = 0; i < inputs; ++i) {
    factors[i] = std::sqrt(factors[i] / std::max(sizes[i], kLeastSize));
    logarithms += std::log(static_cast<double>(factors[i]));
  }
  const auto mean = static_cast<float>(std::exp(logarithms / static_cast<double>(inputs)));
  for (float& factor : factors) factor /= mean;
  return factors;
}

void shrink_pair(std::int8_t& a, std::int8_t& b) {
  while ((a < 0) == (b < 0) && std::abs(a) + std::abs(b) > kPairLimit) {
    std::int8_t& larger = std::abs(a) >= std::abs(b) ? a : b;
    larger = static_cast<std::int8_t>(larger > 0 ? larger - 1 : larger + 1);
  }
}

// Four pairs that share a 16-bit sum.
void shrink_eight(std::span<std::int8_t* const, 8> eight) {
  const auto by_size = [](const std::int8_t* a, const std::int8_t* b) { return std::abs(*a) < std::abs(*b); };
  const auto sum = [&] {
    int all = 0;
    for (const std::int8_t* weight : eight) all += std::abs(*weight);
    return all;
  };
  while (sum() > kEightLimit) {
    std::int8_t& largest = **std::max_element(eight.begin(), eight.end(), by_size);
    largest = static_cast<std::int8_t>(largest > 0 ? largest - 1 : largest + 1);
  }
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

void round_group(std::span<const float> weights, float scale, std::span<std::int8_t, kGroupInputs> rounded) {
  std::fill(rounded.begin(), rounded.end(), std::int8_t{0});
  for (std::size_t i = 0; i < weights.size(); ++i)
    rounded[i] =
        static_cast<std::int8_t>(std::clamp(std::nearbyint(weights[i] / scale), -kLargest, kLargest));
  for (std::size_t i = 0; i < kGroupInputs; i += 2) shrink_pair(rounded[i], rounded[i + 1]);
  for (std::size_t pair = 0; pair < 4; pair += 2) {
    std::array<std::int8_t*, 8> eight;
    for (std::size_t i = 0; i < 8; ++i) eight[i] = &rounded[4 * (i / 2) + pair + i % 2];
    shrink_eight(eight);
  }
}

IntegerWeights::IntegerWeights(std::span<const float> weights, std::span<const float> sizes,
                               std::span<const float> bias)
    : factors_(balance(weights, sizes)), bias_(bias.begin(), bias.end()) {
  const std::size_t inputs = sizes.size();
  const std::size_t outputs = bias.size();
  assert(weights.size() == inputs * outputs && outputs % kIntegerColumns == 0);
  const std::size_t blocks = (inputs + kBlockInputs - 1) / kBlockInputs;
  std::size_t groups = 0;
  for (std::size_t first = 0; first < inputs; first += kBlockInputs) groups += count_groups(inputs - first);
  groups_.resize(groups * outputs / kIntegerColumns);
  scales_.resize(outputs);
  sums_.resize(blocks * outputs);
  starts_.resize(blocks * outputs);
  std::vector<float> column(inputs);
  for (std::size_t output = 0; output < outputs; ++output) {
    for (std::size_t i = 0; i < inputs; ++i) column[i] = weights[output * inputs + i] / factors_[i];
    pack_column(output, column);
  }
}

void IntegerWeights::pack_column(std::size_t column, std::span<const float> weights) {
  scales_[column] = best_scale(weights);
  for (std::size_t first = 0; first < weights.size(); first += kBlockInputs)
    pack_block(column, first, weights.subspan(first, std::min(kBlockInputs, weights.size() - first)),
               scales_[column]);
}

void IntegerWeights::pack_block(std::size_t column, std::size_t first, std::span<const float> weights,
                                float scale) {
  const std::size_t outputs = bias_.size();
  const std::size_t groups = count_groups(weights.size());
  // Blocks before this one are full.
  WeightGroup* panel =
      groups_.data() + first / kGroupInputs * (outputs / kIntegerColumns) + column / kIntegerColumns * groups;
  const std::size_t lane = column % kIntegerColumns;
  std::int32_t total = 0;
  for (std::size_t g = 0; g < groups; ++g) {
    std::array<std::int8_t, kGroupInputs> rounded;
    const std::size_t begin = g * kGroupInputs;
    round_group(weights.subspan(begin, std::min(kGroupInputs, weights.size() - begin)), scale, rounded);
    for (std::size_t i = 0; i < kGroupInputs; ++i) {
      panel[g].weights[i / 4][lane][i % 4] = rounded[i];
      total += rounded[i];
    }
    for (std::size_t pair = 0; pair < 2; ++pair) {
      const std::size_t i = 2 * pair;
      int sum = 0;
      for (std::size_t part = 0; part < kGroupInputs; part += 4)
        sum += rounded[part + i] + rounded[part + i + 1];
      panel[g].start[lane][pair] = static_cast<std::int16_t>(-kMiddle * sum);
    }
  }
  const std::size_t place = first / kBlockInputs * outputs + column;
  sums_[place] = scale * static_cast<float>(total);
  starts_[place] = -kMiddle * total;
}

IntegerMatrix IntegerWeights::matrix() const {
  return {groups_.data(), scales_.data(), sums_.data(), starts_.data(), bias_.data(), inputs(), bias_.size()};
}

}  // namespace logsieve
