// Multinomial logistic regression over sentence vectors: softmax(W x + b) at a temperature.
// Immutable once created; shared by all threads.
#ifndef LOGSIEVE_HEAD_SOFTMAX_HEAD_H_
#define LOGSIEVE_HEAD_SOFTMAX_HEAD_H_

#include <cstddef>
#include <span>
#include <vector>

#include "base/result.h"
#include "record/label_set.h"

namespace logsieve {

struct SoftmaxParameters {
  std::size_t dim = 0;
  std::vector<LabelId> labels;    // [k] the label of each class, ascending; k may be 0 (no regression)
  std::vector<float> weights;     // [k, dim] row-major
  std::vector<float> bias;        // [k]
  float temperature = 1.0F;       // > 0; logits are divided by it
  std::vector<float> thresholds;  // [k] least probability at which the class is answered; > 1: never
};

struct SoftmaxAnswer {
  LabelId label = kNoLabel;  // the most probable; the first of equals
  float probability = 0.0F;
  bool is_sure = false;  // probability >= the label's threshold
};

class SoftmaxHead {
 public:
  SoftmaxHead() = default;
  // kCorruptModel if a shape is off, labels are not ascending, or a number is not finite or out of range.
  static Result<SoftmaxHead> create(SoftmaxParameters parameters);

  std::size_t classes() const { return parameters_.labels.size(); }
  const SoftmaxParameters& parameters() const { return parameters_; }
  // `probabilities` [classes()]; `embedding` [dim]. O(k dim), no allocation; summed in double over eight
  // lanes in a fixed order (head/dot.h), so that the bits do not depend on the machine's vector width.
  void predict(std::span<const float> embedding, std::span<float> probabilities) const;
  // W x + b before the temperature, as the calibration wants it. `logits` [classes()].
  void logits(std::span<const float> embedding, std::span<double> logits) const;
  SoftmaxAnswer answer(std::span<const float> probabilities) const;

 private:
  SoftmaxParameters parameters_;
};

}  // namespace logsieve

#endif  // LOGSIEVE_HEAD_SOFTMAX_HEAD_H_
