// DBSCAN with cosine distance on unit rows: Ester, Kriegel, Sander, Xu, "A Density-Based Algorithm for Discovering
// Clusters" (KDD 1996), with the tie rules of scikit-learn's DBSCAN(metric='cosine').
//
// A point's neighbours are the points within `eps` of it, itself included; it is core if their weights add up to
// `min_samples`. Clusters are the connected components of core points, numbered by their first core point in row
// order; a point that is not core joins the lowest-numbered cluster with a core point within `eps`, else it is noise.
#ifndef LOGSIEVE_TRAINING_DISCOVER_DBSCAN_H_
#define LOGSIEVE_TRAINING_DISCOVER_DBSCAN_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace logsieve {

struct DbscanOptions {
  double eps = 0.2;  // largest cosine distance of neighbours, 0 to 2
  double min_samples =
      1.0;  // 1 without weights: every point is core, clusters are components of the eps-graph
  std::size_t threads = 1;  // changes no result
};

inline constexpr std::int32_t kNoise = -1;

struct Clustering {
  std::vector<std::int32_t> cluster;  // [n] kNoise or 0 to clusters - 1
  std::vector<bool> is_core;          // [n]
  std::size_t clusters = 0;
};

// `rows` is row-major [n, dim] of unit rows; `weights` is [n], or empty for ones, and may be negative.
// Distances are float32 in one order of summation (head/dot.h), so every machine agrees on every neighbour.
// O(n^2 dim) time in one to three passes over the pairs (one where min_samples is 1 and there are no weights);
// memory beside the result: 300 n bytes, whatever the number of neighbours.
Clustering dbscan(std::span<const float> rows, std::size_t dim, std::span<const double> weights,
                  const DbscanOptions& options);

// The clusters of dbscan() without weights at min_samples 1, for several eps (ascending, at most 255) in one pass over
// the pairs: components of the eps-graph, each inside one of the next larger eps. Result: [eps.size()][n] clusters,
// numbered by their first point.
std::vector<std::vector<std::int32_t>> linked_components(std::span<const float> rows, std::size_t dim,
                                                         std::span<const double> eps, std::size_t threads);

}  // namespace logsieve

#endif  // LOGSIEVE_TRAINING_DISCOVER_DBSCAN_H_
