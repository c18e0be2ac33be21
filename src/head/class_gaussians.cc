#include "head/class_gaussians.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <string>
#include <utility>

#include "head/dot.h"

namespace logsieve {
namespace {

Error corrupt(std::string message) {
  return Error{ErrorCode::kCorruptModel, "Gaussians: " + std::move(message)}.with_help(
      "the model is damaged: train it again or restore it from a copy");
}

bool is_finite(const std::vector<float>& values) {
  return std::all_of(values.begin(), values.end(), [](float value) { return std::isfinite(value); });
}

}  // namespace

Result<ClassGaussians> ClassGaussians::create(GaussianParameters parameters) {
  const GaussianParameters& p = parameters;
  if (p.whitening.empty() && p.means.empty()) return ClassGaussians();
  if (p.dim == 0 || p.whitening.size() != p.dim * (p.dim + 1) / 2)
    return corrupt(std::to_string(p.whitening.size()) + " numbers for a triangle of " +
                   std::to_string(p.dim) + " rows");
  if (p.means.empty() || p.means.size() % p.dim != 0)
    return corrupt(std::to_string(p.means.size()) + " numbers for means of " + std::to_string(p.dim));
  if (!is_finite(p.whitening) || !is_finite(p.means)) return corrupt("a number is not finite");
  ClassGaussians gaussians;
  gaussians.parameters_ = std::move(parameters);
  return gaussians;
}

void ClassGaussians::whiten(std::span<const float> x, std::span<float> whitened) const {
  assert(x.size() == parameters_.dim && whitened.size() == parameters_.dim);
  const std::span<const float> rows = parameters_.whitening;
  std::size_t begin = 0;
  for (std::size_t i = 0; i < x.size(); begin += ++i)
    whitened[i] = dot(rows.subspan(begin, i + 1), x.first(i + 1));
}

void ClassGaussians::distances(std::span<const float> x, std::span<float> distances) const {
  assert(distances.size() == groups());
  std::vector<float> off(x.size());
  std::vector<float> whitened(x.size());
  whiten(x, whitened);
  for (std::size_t group = 0; group < groups(); ++group) {
    const auto mean = std::span<const float>(parameters_.means).subspan(group * x.size(), x.size());
    for (std::size_t d = 0; d < x.size(); ++d) off[d] = whitened[d] - mean[d];
    distances[group] = dot(off, off) / static_cast<float>(x.size());
  }
}

}  // namespace logsieve
