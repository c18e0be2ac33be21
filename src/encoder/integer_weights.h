// A matrix of weights as 8-bit integers for fast mode, with what moves the difficulty of activations into them.
//
// Inputs differ much in size, and one step a row must fit the largest. So input k is multiplied by a factor and the
// weights of its column divided by it: "SmoothQuant" (Xiao et al., 2023) with alpha 0.5. Weights are then rounded with
// the scale, of a few a column, that has the least squared error, within what 16-bit sums can hold (WeightGroup).
#ifndef LOGSIEVE_ENCODER_INTEGER_WEIGHTS_H_
#define LOGSIEVE_ENCODER_INTEGER_WEIGHTS_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "encoder/kernels.h"

namespace logsieve {

// Owns what an IntegerMatrix points to.
class IntegerWeights {
 public:
  IntegerWeights() = default;
  // `weights` is W [outputs, inputs], finite; `sizes` [inputs] says how large each input gets; `bias` [outputs]. O(outputs * inputs).
  IntegerWeights(std::span<const float> weights, std::span<const float> sizes, std::span<const float> bias);

  IntegerMatrix matrix() const;
  // [inputs]: what the inputs are multiplied by.
  const std::vector<float>& factors() const { return factors_; }
  std::size_t inputs() const { return factors_.size(); }

 private:
  void pack_column(std::size_t column, std::span<const float> weights);
  void pack_block(std::size_t column, std::size_t first, std::span<const float> weights, float scale);

  std::vector<WeightGroup> groups_;
  std::vector<float> factors_;
  std::vector<float> scales_;
  std::vector<float> sums_;
  std::vector<std::int32_t> starts_;
  std::vector<float> bias_;
};

// Rounds `weights` (at most 16, in the order of inputs) to multiples of `scale` that keep WeightGroup's limits: what
// breaks one loses its largest weights' last units.
void round_group(std::span<const float> weights, float scale, std::span<std::int8_t, kGroupInputs> rounded);

}  // namespace logsieve

#endif  // LOGSIEVE_ENCODER_INTEGER_WEIGHTS_H_
