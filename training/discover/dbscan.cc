#include "training/discover/dbscan.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cassert>
#include <functional>
#include <numeric>
#include <utility>

#include "base/threads.h"
#include "head/dot.h"

namespace logsieve {
namespace {

// Rows of a stripe are compared with blocks of rows that stay in the second-level cache: 64 x 384 floats = 96 KiB.
constexpr std::size_t kBlock = 64;
constexpr std::size_t kStripe = 256;
constexpr std::size_t kTogether = 4;  // rows of a stripe

// How near the points of one stripe of rows are to all: for every pair the index of the first eps that is not below
// their distance, or their number where all are.
class NeighbourStripe {
 public:
  NeighbourStripe(std::span<const float> rows, std::size_t dim, std::span<const double> eps,
                  std::size_t threads)
      : rows_(rows),
        dim_(dim),
        points_(rows.size() / dim),
        eps_(eps.begin(), eps.end()),
        threads_(threads),
        levels_(kStripe * points_) {}

  // Looks at the pairs of `first` (at most kStripe points) with all points from `begin` on; levels of earlier
  // points are left as they were.
  void fill(std::span<const std::size_t> first, std::size_t begin) {
    const std::size_t first_block = begin / kBlock;
    const std::size_t blocks = (points_ + kBlock - 1) / kBlock;
    stripe_.clear();
    for (const std::size_t point : first) {
      const auto row = rows_.subspan(point * dim_, dim_);
      stripe_.insert(stripe_.end(), row.begin(), row.end());
    }
    parallel_for(blocks - first_block, threads_, [&](std::size_t item, std::size_t) {
      const std::size_t block_begin = (first_block + item) * kBlock;
      const std::size_t count = std::min(points_, block_begin + kBlock) - block_begin;
      const auto block = rows_.subspan(block_begin * dim_, count * dim_);
      std::array<float, kTogether * kBlock> similarities;
      for (std::size_t i = 0; i < first.size(); i += kTogether) {
        const std::size_t together = std::min(kTogether, first.size() - i);
        dots(std::span(stripe_).subspan(i * dim_, together * dim_), block, dim_,
             std::span(similarities).first(together * count));
        for (std::size_t k = 0; k < together; ++k)
          for (std::size_t j = 0; j < count; ++j)
            levels_[(i + k) * points_ + block_begin + j] = level_of(1.0F - similarities[k * count + j]);
      }
    });
  }

  // Calls visit(j, level) for the neighbours j >= begin of the i-th point of the stripe, ascending.
  template <typename Visit>
  void each(std::size_t i, std::size_t begin, const Visit& visit) const {
    for (std::size_t j = begin; j < points_; ++j) {
      const std::uint8_t level = levels_[i * points_ + j];
      if (level < eps_.size()) visit(j, level);
    }
  }

 private:
  std::uint8_t level_of(float distance) const {
    if (distance > eps_.back()) return static_cast<std::uint8_t>(eps_.size());  // as most are
    std::uint8_t level = 0;
    while (level < eps_.size() && distance > eps_[level]) ++level;
    return level;
  }

  std::span<const float> rows_;
  std::size_t dim_;
  std::size_t points_;
  std::vector<float> eps_;
  std::size_t threads_;
  std::vector<float> stripe_;         // [first.size(), dim]
  std::vector<std::uint8_t> levels_;  // [kStripe, points_]
};

// Calls visit(i, j, level) for every pair of neighbours with i < j.
void each_pair(NeighbourStripe& stripe, std::size_t points,
               const std::function<void(std::size_t, std::size_t, std::uint8_t)>& visit) {
  std::vector<std::size_t> first;
  for (std::size_t begin = 0; begin < points; begin += kStripe) {
    first.resize(std::min(kStripe, points - begin));
    std::iota(first.begin(), first.end(), begin);
    stripe.fill(first, begin);
    for (std::size_t i = 0; i < first.size(); ++i)
      stripe.each(i, first[i] + 1, [&](std::size_t j, std::uint8_t level) { visit(first[i], j, level); });
  }
}

// Union-find whose representative is the smallest member.
class Components {
 public:
  explicit Components(std::size_t n) : parent_(n) { std::iota(parent_.begin(), parent_.end(), 0); }
  std::size_t find(std::size_t i) {
    while (parent_[i] != i) i = parent_[i] = parent_[parent_[i]];
    return i;
  }
  void join(std::size_t a, std::size_t b) {
    a = find(a);
    b = find(b);
    parent_[std::max(a, b)] = std::min(a, b);
  }

 private:
  std::vector<std::size_t> parent_;
};

// Components numbered by their first point; kNoise for points that are not `counted`.
std::vector<std::int32_t> numbered(Components& components, const std::vector<bool>& counted) {
  std::vector<std::int32_t> cluster(counted.size(), kNoise);
  std::int32_t clusters = 0;
  for (std::size_t i = 0; i < counted.size(); ++i) {
    if (!counted[i]) continue;
    const std::size_t first = components.find(i);
    cluster[i] = first == i ? clusters++ : cluster[first];
  }
  return cluster;
}

std::vector<bool> core_points(NeighbourStripe& stripe, std::size_t points, std::span<const double> weights,
                              double min_samples) {
  if (weights.empty() && min_samples <= 1.0) return std::vector<bool>(points, true);
  const auto weight = [&](std::size_t i) { return weights.empty() ? 1.0 : weights[i]; };
  std::vector<double> sums(points);
  for (std::size_t i = 0; i < points; ++i) sums[i] = weight(i);
  each_pair(stripe, points, [&](std::size_t i, std::size_t j, std::uint8_t) {
    sums[i] += weight(j);
    sums[j] += weight(i);
  });
  std::vector<bool> is_core(points);
  for (std::size_t i = 0; i < points; ++i) is_core[i] = sums[i] >= min_samples;
  return is_core;
}

// Points that are not core join the lowest cluster with a core point near them.
void join_borders(NeighbourStripe& stripe, Clustering& result) {
  std::vector<std::size_t> others;
  for (std::size_t i = 0; i < result.is_core.size(); ++i)
    if (!result.is_core[i]) others.push_back(i);
  for (std::size_t begin = 0; begin < others.size(); begin += kStripe) {
    const auto part =
        std::span<const std::size_t>(others).subspan(begin, std::min(kStripe, others.size() - begin));
    stripe.fill(part, 0);
    for (std::size_t i = 0; i < part.size(); ++i) {
      std::int32_t& lowest = result.cluster[part[i]];
      stripe.each(i, 0, [&](std::size_t j, std::uint8_t) {
        if (result.is_core[j] && (lowest == kNoise || result.cluster[j] < lowest)) lowest = result.cluster[j];
      });
    }
  }
}

}  // namespace

Clustering dbscan(std::span<const float> rows, std::size_t dim, std::span<const double> weights,
                  const DbscanOptions& options) {
  assert(dim > 0 && rows.size() % dim == 0);
  const std::size_t points = rows.size() / dim;
  assert(weights.empty() || weights.size() == points);
  Clustering result;
  if (points == 0) return result;
  NeighbourStripe stripe(rows, dim, std::span<const double>(&options.eps, 1), options.threads);
  result.is_core = core_points(stripe, points, weights, options.min_samples);
  Components components(points);
  each_pair(stripe, points, [&](std::size_t i, std::size_t j, std::uint8_t) {
    if (result.is_core[i] && result.is_core[j]) components.join(i, j);
  });
  result.cluster = numbered(components, result.is_core);
  result.clusters =
      static_cast<std::size_t>(*std::max_element(result.cluster.begin(), result.cluster.end())) + 1;
  join_borders(stripe, result);
  return result;
}

std::vector<std::vector<std::int32_t>> linked_components(std::span<const float> rows, std::size_t dim,
                                                         std::span<const double> eps, std::size_t threads) {
  assert(dim > 0 && rows.size() % dim == 0 && eps.size() < 256);
  const std::size_t points = rows.size() / dim;
  std::vector<std::vector<std::int32_t>> clusters(eps.size());
  if (points == 0 || eps.empty()) return clusters;
  NeighbourStripe stripe(rows, dim, eps, threads);
  // A pair within one eps is within all larger ones: each level joins its own pairs, then takes those below it.
  std::vector<Components> levels(eps.size(), Components(points));
  each_pair(stripe, points,
            [&](std::size_t i, std::size_t j, std::uint8_t level) { levels[level].join(i, j); });
  const std::vector<bool> all(points, true);
  for (std::size_t level = 0; level < eps.size(); ++level) {
    if (level > 0)
      for (std::size_t i = 0; i < points; ++i) levels[level].join(i, levels[level - 1].find(i));
    clusters[level] = numbered(levels[level], all);
  }
  return clusters;
}

}  // namespace logsieve
