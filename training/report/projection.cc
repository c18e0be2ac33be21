#include "training/report/projection.h"

#include <algorithm>
#include <cmath>

namespace logsieve {
namespace {

constexpr std::size_t kMostIterations = 300;
constexpr double kTurned = 1e-9;

using Vector = std::vector<double>;

double dot(const Vector& a, const Vector& b) {
  double sum = 0.0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += a[i] * b[i];
  return sum;
}

void make_unit(Vector& v) {
  const double length = std::sqrt(dot(v, v));
  if (length > 0)
    for (double& x : v) x /= length;
}

void remove_part(Vector& v, const Vector& unit) {
  const double part = dot(v, unit);
  for (std::size_t i = 0; i < v.size(); ++i) v[i] -= part * unit[i];
}

Vector times(const Vector& matrix, const Vector& v) {
  Vector out(v.size(), 0.0);
  for (std::size_t i = 0; i < v.size(); ++i) {
    const double* row = matrix.data() + i * v.size();
    for (std::size_t j = 0; j < v.size(); ++j) out[i] += row[j] * v[j];
  }
  return out;
}

struct Moments {
  Vector mean;
  Vector covariance;  // [dim, dim]
};

Moments moments_of(std::span<const float> rows, std::size_t dim) {
  const std::size_t n = rows.size() / dim;
  const std::size_t taken = std::min(n, kMostFitted);
  Moments moments{Vector(dim, 0.0), Vector(dim * dim, 0.0)};
  const auto row = [&](std::size_t i) { return rows.subspan(i * n / taken * dim, dim); };
  for (std::size_t i = 0; i < taken; ++i)
    for (std::size_t d = 0; d < dim; ++d) moments.mean[d] += static_cast<double>(row(i)[d]);
  for (double& x : moments.mean) x /= static_cast<double>(taken);
  Vector centred(dim);
  for (std::size_t i = 0; i < taken; ++i) {
    for (std::size_t d = 0; d < dim; ++d) centred[d] = static_cast<double>(row(i)[d]) - moments.mean[d];
    for (std::size_t a = 0; a < dim; ++a)
      for (std::size_t b = a; b < dim; ++b) moments.covariance[a * dim + b] += centred[a] * centred[b];
  }
  const double degrees = taken > 1 ? static_cast<double>(taken - 1) : 1.0;
  for (std::size_t a = 0; a < dim; ++a)
    for (std::size_t b = a; b < dim; ++b)
      moments.covariance[b * dim + a] = moments.covariance[a * dim + b] /= degrees;
  return moments;
}

// Two orthonormal directions; a fixed start that no axis is orthogonal to.
std::array<Vector, 2> start_directions(std::size_t dim) {
  std::array<Vector, 2> directions = {Vector(dim), Vector(dim)};
  for (std::size_t d = 0; d < dim; ++d) {
    directions[0][d] = 1.0 + 0.1 * std::sin(static_cast<double>(d));
    directions[1][d] = std::cos(1.7 * static_cast<double>(d) + 0.3);
  }
  return directions;
}

void make_orthonormal(std::array<Vector, 2>& directions) {
  make_unit(directions[0]);
  // Twice: of rows on one line, what is left the first time is rounding, and may point anywhere.
  for (int pass = 0; pass < 2; ++pass) {
    remove_part(directions[1], directions[0]);
    make_unit(directions[1]);
  }
}

std::array<Vector, 2> principal_directions(const Vector& covariance, std::size_t dim) {
  std::array<Vector, 2> directions = start_directions(dim);
  make_orthonormal(directions);
  for (std::size_t step = 0; step < kMostIterations; ++step) {
    std::array<Vector, 2> next = {times(covariance, directions[0]), times(covariance, directions[1])};
    make_orthonormal(next);
    double turned = 0.0;
    for (std::size_t k = 0; k < 2; ++k)
      for (std::size_t d = 0; d < dim; ++d)
        turned = std::max(turned, std::abs(next[k][d] - directions[k][d]));
    directions = std::move(next);
    if (turned < kTurned) break;
  }
  for (Vector& direction : directions) {
    const auto largest = std::max_element(direction.begin(), direction.end(),
                                          [](double a, double b) { return std::abs(a) < std::abs(b); });
    if (*largest < 0)
      for (double& x : direction) x = -x;
  }
  return directions;
}

}  // namespace

Projection principal_plane(std::span<const float> rows, std::size_t dim) {
  Projection projection;
  if (rows.empty()) return projection;
  const Moments moments = moments_of(rows, dim);
  const std::array<Vector, 2> directions = principal_directions(moments.covariance, dim);
  double total = 0.0;
  for (std::size_t d = 0; d < dim; ++d) total += moments.covariance[d * dim + d];
  for (std::size_t k = 0; k < 2; ++k)
    projection.explained[k] =
        total > 0 ? dot(directions[k], times(moments.covariance, directions[k])) / total : 0.0;
  Vector centred(dim);
  for (std::size_t i = 0; i < rows.size() / dim; ++i) {
    for (std::size_t d = 0; d < dim; ++d)
      centred[d] = static_cast<double>(rows[i * dim + d]) - moments.mean[d];
    projection.points.push_back({dot(centred, directions[0]), dot(centred, directions[1])});
  }
  return projection;
}

}  // namespace logsieve
