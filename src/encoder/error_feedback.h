// What the weights not yet rounded must make up for, once one weight has been rounded.
//
// Rounding each weight of a product by itself forgets that inputs go together: an error of one weight can be undone,
// for inputs as they come, by its neighbours. "GPTQ" (Frantar et al., 2023) rounds the weights of an output one after
// another and moves each error to the later ones, by the inverse of the inputs' second moments. The moments are
// damped by as much as their mean, since a few hundred rows of inputs say little of 384 squared moments.
#ifndef LOGSIEVE_ENCODER_ERROR_FEEDBACK_H_
#define LOGSIEVE_ENCODER_ERROR_FEEDBACK_H_

#include <cstddef>
#include <span>
#include <vector>

namespace logsieve {

class ErrorFeedback {
 public:
  // `inputs` is [rows][width], finite. O(width^2 * (rows + width)).
  ErrorFeedback(std::span<const float> inputs, std::size_t width);

  // After weight `place` was rounded with `error` = weight - rounded, in the weights' own unit: changes those after it.
  // `weights` has round_up(width, 16) floats. O(width).
  void spread(float error, std::size_t place, float* weights) const;

 private:
  std::size_t stride_;
  std::vector<float>
      shares_;  // [width][stride]: row i says what each later weight takes of an error of weight i
};

}  // namespace logsieve

#endif  // LOGSIEVE_ENCODER_ERROR_FEEDBACK_H_
