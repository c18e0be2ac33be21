// Means of groups of vectors and the covariance that they share, shrunk towards a multiple of the identity as far as
// the sample asks for (Ledoit, Wolf, "A well-conditioned estimator for large-dimensional covariance matrices", 2004).
#ifndef LOGSIEVE_TRAINING_FIT_GAUSSIAN_FIT_H_
#define LOGSIEVE_TRAINING_FIT_GAUSSIAN_FIT_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "base/result.h"
#include "head/class_gaussians.h"

namespace logsieve {

struct GaussianFit {
  ClassGaussians gaussians;
  double shrinkage = 0.0;          // in [0, 1]; 1: a multiple of the identity
  std::vector<std::size_t> sizes;  // [groups] rows of each
};

// `rows` [n, dim], `group` [n] in [0, groups), each group with a row. The same whatever the threads. O(n dim^2 + dim^3):
// 0.1 s of one core for 1,200 rows of 384.
// Errors: kInvalidArgument if a shape is off, a number is not finite, a group is empty, or all rows equal their means.
Result<GaussianFit> fit_gaussians(std::span<const float> rows, std::size_t dim,
                                  std::span<const std::int32_t> group, std::size_t groups,
                                  std::size_t threads = 1);

// ClassGaussians::distances of a row that the fit has seen, as if it had not: its own part is taken out of its group's
// mean and of the covariance (Sherman, Morrison 1950), while the shrinkage stays. The only row of a group is infinitely
// far from it. `distances` [groups].
void left_out_distances(const GaussianFit& fit, std::span<const float> row, std::int32_t own, std::size_t n,
                        std::span<double> distances);

}  // namespace logsieve

#endif  // LOGSIEVE_TRAINING_FIT_GAUSSIAN_FIT_H_
