// A matrix of weights as 8-bit integers for fast mode, with what moves the difficulty of activations into them.
//
// Inputs differ much in size, and one step a row must fit the largest. So input k is multiplied by a factor and the
// weights of its column divided by it: "SmoothQuant" (Xiao et al., 2023) with alpha 0.5. Weights are then rounded with
// the scale, of a few a column, that has the least squared error, within what 16-bit sums can hold (WeightGroup), and
// make up for each other's errors (ErrorFeedback).
#ifndef LOGSIEVE_ENCODER_INTEGER_WEIGHTS_H_
#define LOGSIEVE_ENCODER_INTEGER_WEIGHTS_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "encoder/error_feedback.h"
#include "encoder/kernels.h"

namespace logsieve {

// Owns what an IntegerMatrix points to.
class IntegerWeights {
 public:
  IntegerWeights() = default;
  // `weights` is W [outputs, inputs], finite; `sample` [rows][inputs], inputs as they come, at least one row; `bias`
  // [outputs]. O(outputs * inputs * kBlockInputs).
  IntegerWeights(std::span<const float> weights, std::span<const float> sample, std::span<const float> bias);
  // Again from what another one's `groups`, `factors` and `scales` gave. Nothing if they do not fit each other, hold
  // a number that is not finite, or break what integers_fit demands: they may come from a file.
  static std::optional<IntegerWeights> restore(std::string_view groups, std::vector<float> factors,
                                               std::vector<float> scales, std::vector<float> bias);

  IntegerMatrix matrix() const;
  std::span<const WeightGroup> groups() const { return groups_; }
  const std::vector<float>& scales() const { return scales_; }
  // [inputs]: what the inputs are multiplied by.
  const std::vector<float>& factors() const { return factors_; }
  std::size_t inputs() const { return factors_.size(); }

 private:
  void pack_block(std::size_t first, std::span<const float> weights, std::span<const float> sample);
  void pack_column(std::size_t column, std::size_t first, std::span<float> weights,
                   const ErrorFeedback& feedback);
  // What follows from the groups and scales; false if integers_fit does not hold.
  bool derive();

  std::vector<WeightGroup> groups_;
  std::vector<GroupStart> group_starts_;
  std::vector<float> factors_;
  std::vector<float> scales_;
  std::vector<float> sums_;
  std::vector<std::int32_t> starts_;
  std::vector<float> bias_;
};

}  // namespace logsieve

#endif  // LOGSIEVE_ENCODER_INTEGER_WEIGHTS_H_
