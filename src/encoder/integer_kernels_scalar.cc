// The portable integer kernels: what the others are tested against. Their tile is also the model of `vpdpbusd`,
// which adds four products of u8 and s8 to 32 bits.
#include <algorithm>
#include <cmath>
#include <cstdlib>

#include "encoder/integer_kernels.h"

namespace logsieve {
namespace {

void add_group(const std::uint8_t* row, const WeightGroup& group, std::int32_t (&sums)[kIntegerColumns]) {
  for (std::size_t half = 0; half < kGroupInputs / 4; ++half)
    for (std::size_t c = 0; c < kIntegerColumns; ++c)
      for (std::size_t i = 0; i < 4; ++i) sums[c] += row[4 * half + i] * group.weights[half][c][i];
}

int widened(std::int8_t weight) {
  return weight;
}

template <std::size_t kRows>
void multiply_tile(const std::uint8_t* rows, const IntegerPanel& panel,
                   std::int32_t (*sums)[kIntegerColumns]) {
  for (std::size_t r = 0; r < kRows; ++r) {
    std::copy_n(panel.starts, kIntegerColumns, sums[r]);
    for (std::size_t g = 0; g < panel.count; ++g)
      add_group(rows + r * kIntegerStride + g * kGroupInputs, panel.groups[g], sums[r]);
  }
}

float near_gelu(float x) {
  const float z = std::clamp(x, -kNearErfLimit, kNearErfLimit);
  float p = 0;
  for (const float coefficient : kNearErf) p = p * (z * z) + coefficient;
  const float half = 0.5F * x;
  return half * (z * p) + half;
}

RowScale quantise_block(const float* in, std::size_t width, const float* factors, std::uint8_t* out) {
  float low = in[0] * factors[0];
  float high = low;
  for (std::size_t i = 1; i < width; ++i) {
    low = std::min(low, in[i] * factors[i]);
    high = std::max(high, in[i] * factors[i]);
  }
  const Levels levels = levels_between(low, high);
  for (std::size_t i = 0; i < width; ++i)
    out[i] = static_cast<std::uint8_t>(std::clamp(std::nearbyint((in[i] * factors[i] - low) * levels.inverse),
                                                  0.0F, static_cast<float>(kLevels)));
  std::fill(out + width, out + round_up(width, kGroupInputs), std::uint8_t{0});
  return levels.scale;
}

}  // namespace

Levels levels_between(float low, float high) {
  const float range = high - low;
  if (range <= kLeastRange) return {0.0F, {0.0F, low}};
  const float step = range / kLevels;
  return {kLevels / range, {step, low + kMiddle * step}};
}

bool integers_fit(const WeightGroup& group, const GroupStart& start) {
  for (std::size_t c = 0; c < kIntegerColumns; ++c)
    for (std::size_t pair = 0; pair < 2; ++pair) {
      int all = 0;
      int plain = 0;
      for (std::size_t half = 0; half < kGroupInputs / 4; ++half) {
        const int a = widened(group.weights[half][c][2 * pair]);
        const int b = widened(group.weights[half][c][2 * pair + 1]);
        if (std::max(a, 0) + std::max(b, 0) > kPairLimit || std::min(a, 0) + std::min(b, 0) < -kPairLimit)
          return false;
        all += std::abs(a) + std::abs(b);
        plain += a + b;
      }
      if (all > kEightLimit || start.pairs[c][pair] != -kMiddle * plain) return false;
    }
  return true;
}

const IntegerTiles& integer_tiles_scalar() {
  static constexpr IntegerTiles kTiles = {{multiply_tile<1>, multiply_tile<2>, multiply_tile<3>,
                                           multiply_tile<4>, multiply_tile<5>, multiply_tile<6>,
                                           multiply_tile<7>, multiply_tile<8>}};
  return kTiles;
}

void quantise_scalar(ConstRows in, std::size_t rows, std::size_t width, const float* factors,
                     IntegerRows out) {
  for (std::size_t row = 0; row < rows; ++row)
    for (std::size_t first = 0; first < width; first += kBlockInputs) {
      const std::size_t place = first / kBlockInputs * out.rows + row;
      out.scales[place] =
          quantise_block(in.values + row * in.stride + first, std::min(kBlockInputs, width - first),
                         factors + first, out.values + place * kIntegerStride);
    }
}

void multiply_integers_scalar(IntegerRows in, std::size_t rows, const IntegerMatrix& matrix, Finish finish,
                              Rows out) {
  IntegerPanel panel = {matrix.groups, matrix.group_starts, 0, nullptr};
  std::size_t block = 0;
  for (std::size_t first = 0; first < matrix.inputs; first += kBlockInputs, ++block) {
    const std::size_t inputs = std::min(kBlockInputs, matrix.inputs - first);
    panel.count = round_up(inputs, kGroupInputs) / kGroupInputs;
    const bool is_last = first + inputs == matrix.inputs;
    for (std::size_t column = 0; column < matrix.outputs; column += kIntegerColumns) {
      panel.starts = matrix.starts + block * matrix.outputs + column;
      for (std::size_t row = 0; row < rows; ++row) {
        std::int32_t sums[1][kIntegerColumns];
        const std::size_t place = block * in.rows + row;
        multiply_tile<1>(in.values + place * kIntegerStride, panel, sums);
        const RowScale scale = in.scales[place];
        float* target = out.values + row * out.stride + column;
        for (std::size_t c = 0; c < kIntegerColumns; ++c) {
          float value = first > 0 || finish == Finish::kAdd ? target[c] : 0.0F;
          if (is_last && matrix.bias != nullptr) value += matrix.bias[column + c];
          value += scale.offset * matrix.sums[block * matrix.outputs + column + c];
          value += scale.step * (static_cast<float>(sums[0][c]) * matrix.scales[column + c]);
          target[c] = is_last && finish == Finish::kGelu ? near_gelu(value) : value;
        }
      }
      panel.groups += panel.count;
      panel.group_starts += panel.count;
    }
  }
}

}  // namespace logsieve
