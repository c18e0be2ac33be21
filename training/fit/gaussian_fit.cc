#include "training/fit/gaussian_fit.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <limits>
#include <string>
#include <utility>

#include "base/threads.h"

namespace logsieve {
namespace {

Error invalid(const char* why) {
  return Error{ErrorCode::kInvalidArgument, std::string("Gaussians: ") + why};
}

// A symmetric matrix, or the lower triangle of one: [dim, dim] row-major, of which the lower half is used.
struct Matrix {
  explicit Matrix(std::size_t size) : dim(size), at(size * size) {}
  double& operator()(std::size_t i, std::size_t j) { return at[i * dim + j]; }
  double operator()(std::size_t i, std::size_t j) const { return at[i * dim + j]; }

  std::size_t dim;
  std::vector<double> at;
};

struct Scatter {
  std::vector<double> means;  // [groups, dim]
  std::vector<std::size_t> sizes;
  Matrix covariance;    // of the residuals, over n
  double fourth = 0.0;  // sum over rows of |residual|^4
};

// Rows less their group's mean, [n, dim].
std::vector<double> residuals_of(std::span<const float> rows, std::size_t dim,
                                 std::span<const std::int32_t> group, Scatter& out) {
  for (std::size_t i = 0; i < group.size(); ++i) {
    const auto g = static_cast<std::size_t>(group[i]);
    ++out.sizes[g];
    for (std::size_t d = 0; d < dim; ++d) out.means[g * dim + d] += static_cast<double>(rows[i * dim + d]);
  }
  for (std::size_t k = 0; k < out.means.size(); ++k) out.means[k] /= static_cast<double>(out.sizes[k / dim]);
  std::vector<double> residuals(rows.size());
  for (std::size_t i = 0; i < group.size(); ++i) {
    double squared = 0.0;
    for (std::size_t d = 0; d < dim; ++d) {
      double& off = residuals[i * dim + d];
      off = static_cast<double>(rows[i * dim + d]) - out.means[static_cast<std::size_t>(group[i]) * dim + d];
      squared += off * off;
    }
    out.fourth += squared * squared;
  }
  return residuals;
}

Scatter scatter_of(std::span<const float> rows, std::size_t dim, std::span<const std::int32_t> group,
                   std::size_t groups, std::size_t threads) {
  Scatter out{std::vector<double>(groups * dim), std::vector<std::size_t>(groups), Matrix(dim), 0.0};
  const std::vector<double> residuals = residuals_of(rows, dim, group, out);
  // Lines of the matrix that stay in the first-level cache for a pass over the rows.
  constexpr std::size_t kLines = 8;
  constexpr std::size_t kRows = 4;  // that are added at a time
  parallel_for((dim + kLines - 1) / kLines, threads, [&](std::size_t block, std::size_t) {
    const std::size_t end = std::min(dim, (block + 1) * kLines);
    std::size_t i = 0;
    for (; i + kRows <= group.size(); i += kRows) {
      const double* rows_at = &residuals[i * dim];
      for (std::size_t line = block * kLines; line < end; ++line) {
        double* into = &out.covariance.at[line * dim];
        const auto square = [&](std::size_t row, std::size_t c) {
          return rows_at[row * dim + line] * rows_at[row * dim + c];
        };
        for (std::size_t c = 0; c <= line; ++c)
          into[c] += (square(0, c) + square(1, c)) + (square(2, c) + square(3, c));
      }
    }
    for (; i < group.size(); ++i) {
      const double* row = &residuals[i * dim];
      for (std::size_t line = block * kLines; line < end; ++line) {
        double* into = &out.covariance.at[line * dim];
        for (std::size_t c = 0; c <= line; ++c) into[c] += row[line] * row[c];
      }
    }
  });
  for (double& value : out.covariance.at) value /= static_cast<double>(group.size());
  return out;
}

// Shrinks the covariance towards its mean variance times the identity; returns by how much.
double shrink(Scatter& scatter, std::size_t n) {
  Matrix& s = scatter.covariance;
  double mean = 0.0;
  double squares = 0.0;  // of all elements
  for (std::size_t i = 0; i < s.dim; ++i) {
    mean += s(i, i) / static_cast<double>(s.dim);
    for (std::size_t j = 0; j < i; ++j) squares += 2 * s(i, j) * s(i, j);
    squares += s(i, i) * s(i, i);
  }
  const double spread = squares - mean * mean * static_cast<double>(s.dim);
  const auto count = static_cast<double>(n);
  const double noise = (scatter.fourth / count - squares) / count;
  const double shrinkage = spread > 0 ? std::clamp(noise / spread, 0.0, 1.0) : 1.0;
  for (std::size_t i = 0; i < s.dim; ++i) {
    for (std::size_t j = 0; j <= i; ++j) s(i, j) *= 1.0 - shrinkage;
    s(i, i) += shrinkage * mean;
  }
  return shrinkage;
}

// The lower triangle L of A = L L', in place; false where A is not positive definite.
bool factorise(Matrix& a) {
  for (std::size_t i = 0; i < a.dim; ++i) {
    for (std::size_t j = 0; j <= i; ++j) {
      double sum = a(i, j);
      for (std::size_t k = 0; k < j; ++k) sum -= a(i, k) * a(j, k);
      if (i == j && !(sum > 0)) return false;
      a(i, j) = i == j ? std::sqrt(sum) : sum / a(j, j);
    }
  }
  return true;
}

// The inverse of a lower triangle.
Matrix inverse(const Matrix& l) {
  Matrix out(l.dim);
  for (std::size_t i = 0; i < l.dim; ++i) {
    out(i, i) = 1.0;
    for (std::size_t k = 0; k < i; ++k) {
      const double factor = l(i, k);
      for (std::size_t j = 0; j <= k; ++j) out(i, j) -= factor * out(k, j);
    }
    for (std::size_t j = 0; j <= i; ++j) out(i, j) /= l(i, i);
  }
  return out;
}

GaussianParameters parameters_of(const Matrix& whitening, const std::vector<double>& means) {
  const std::size_t dim = whitening.dim;
  GaussianParameters parameters;
  parameters.dim = dim;
  for (std::size_t i = 0; i < dim; ++i)
    for (std::size_t j = 0; j <= i; ++j) parameters.whitening.push_back(static_cast<float>(whitening(i, j)));
  for (std::size_t g = 0; g < means.size() / dim; ++g) {
    for (std::size_t i = 0; i < dim; ++i) {
      double sum = 0.0;
      for (std::size_t j = 0; j <= i; ++j) sum += whitening(i, j) * means[g * dim + j];
      parameters.means.push_back(static_cast<float>(sum));
    }
  }
  return parameters;
}

}  // namespace

Result<GaussianFit> fit_gaussians(std::span<const float> rows, std::size_t dim,
                                  std::span<const std::int32_t> group, std::size_t groups,
                                  std::size_t threads) {
  if (dim == 0 || group.empty() || rows.size() != group.size() * dim)
    return invalid("not one row a group number");
  if (!std::all_of(rows.begin(), rows.end(), [](float value) { return std::isfinite(value); }))
    return invalid("a number is not finite");
  std::vector<bool> is_there(groups, false);
  for (const std::int32_t g : group) {
    if (g < 0 || static_cast<std::size_t>(g) >= groups) return invalid("a group is out of range");
    is_there[static_cast<std::size_t>(g)] = true;
  }
  if (std::find(is_there.begin(), is_there.end(), false) != is_there.end())
    return invalid("a group is empty");
  Scatter scatter = scatter_of(rows, dim, group, groups, threads);
  GaussianFit fit;
  fit.shrinkage = shrink(scatter, group.size());
  fit.sizes = scatter.sizes;
  if (!factorise(scatter.covariance)) return invalid("the rows do not differ from their means");
  auto gaussians = ClassGaussians::create(parameters_of(inverse(scatter.covariance), scatter.means));
  if (!gaussians) return std::move(gaussians).error();
  fit.gaussians = std::move(*gaussians);
  return fit;
}

void left_out_distances(const GaussianFit& fit, std::span<const float> row, std::int32_t own, std::size_t n,
                        std::span<double> distances) {
  const std::size_t dim = row.size();
  assert(distances.size() == fit.sizes.size());
  std::vector<float> whitened(dim);
  fit.gaussians.whiten(row, whitened);
  const auto off = [&](std::size_t group, std::size_t d) {
    return static_cast<double>(whitened[d]) -
           static_cast<double>(fit.gaussians.parameters().means[group * dim + d]);
  };
  const auto mine = static_cast<std::size_t>(own);
  const auto members = static_cast<double>(fit.sizes[mine]);
  // Without the row, the scatter lacks members / (members - 1) times the square of its residual.
  const double part = members > 1 ? members / (members - 1) : 0.0;
  const double taken = part * (1.0 - fit.shrinkage) / static_cast<double>(n);
  double own_squared = 0.0;
  for (std::size_t d = 0; d < dim; ++d) own_squared += off(mine, d) * off(mine, d);
  const double left = std::max(1e-9, 1.0 - taken * own_squared);
  for (std::size_t group = 0; group < distances.size(); ++group) {
    if (group == mine) {
      distances[group] = members > 1 ? part * part * own_squared / left / static_cast<double>(dim)
                                     : std::numeric_limits<double>::infinity();
      continue;
    }
    double squared = 0.0;
    double along = 0.0;
    for (std::size_t d = 0; d < dim; ++d) {
      squared += off(group, d) * off(group, d);
      along += off(group, d) * off(mine, d);
    }
    distances[group] = (squared + taken * along * along / left) / static_cast<double>(dim);
  }
}

}  // namespace logsieve
