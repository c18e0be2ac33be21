// How far a vector lies from groups of vectors, in units of the spread that the groups share: Gaussians with a mean each and
// one covariance (Mahalanobis 1936; as a measure of novelty: Lee, Lee, Lee, Shin, "A Simple Unified Framework for
// Detecting Out-of-Distribution Samples", NeurIPS 2018).
// Immutable once created; shared by all threads.
#ifndef LOGSIEVE_HEAD_CLASS_GAUSSIANS_H_
#define LOGSIEVE_HEAD_CLASS_GAUSSIANS_H_

#include <cstddef>
#include <span>
#include <vector>

#include "base/result.h"

namespace logsieve {

struct GaussianParameters {
  std::size_t dim = 0;
  // W of W' W = inverse of the covariance: the rows of a lower triangle, one after the other, row i of i + 1 numbers.
  // Empty: no Gaussians.
  std::vector<float> whitening;
  std::vector<float> means;  // [groups, dim] of W times the groups' means
};

class ClassGaussians {
 public:
  ClassGaussians() = default;
  // kCorruptModel if a shape is off or a number is not finite.
  static Result<ClassGaussians> create(GaussianParameters parameters);

  bool empty() const { return parameters_.whitening.empty(); }
  std::size_t groups() const { return empty() ? 0 : parameters_.means.size() / parameters_.dim; }
  const GaussianParameters& parameters() const { return parameters_; }
  // `whitened` = W x, [dim]. O(dim^2 / 2): 10 us for 384.
  void whiten(std::span<const float> x, std::span<float> whitened) const;
  // Squared Mahalanobis distance to each group's mean over dim: 1 on average for members of the group. `distances`
  // [groups()].
  void distances(std::span<const float> x, std::span<float> distances) const;

 private:
  GaussianParameters parameters_;
};

}  // namespace logsieve

#endif  // LOGSIEVE_HEAD_CLASS_GAUSSIANS_H_
