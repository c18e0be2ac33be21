// Clusters of forms that mean the same and carry one label.
#ifndef LOGSIEVE_TRAINING_DISCOVER_FORM_CLUSTERS_H_
#define LOGSIEVE_TRAINING_DISCOVER_FORM_CLUSTERS_H_

#include <cstddef>
#include <span>
#include <vector>

#include "training/fit/labelled_data.h"

namespace logsieve {

// One eps that was tried.
struct EpsTrial {
  double eps = 0.0;
  std::size_t clusters = 0;
  double purity = 0.0;  // share of forms that carry their cluster's most frequent label
  double stability =
      0.0;  // adjusted Rand index with the clusters of the next smaller eps (Hubert, Arabie 1985)
};

struct FormClusters {
  double eps = 0.0;                               // chosen
  std::vector<EpsTrial> trials;                   // the largest first
  std::vector<std::vector<std::size_t>> members;  // forms, ascending; clusters by their first form
  std::size_t halved = 0;                         // clusters that held two labels at the chosen eps
};

// DBSCAN at min_samples 1 (training/discover/dbscan.h) over distinct forms, `vectors` row-major [forms, dim]. Of the
// eps whose clusters are at least kLeastPurity pure the most stable is chosen, else the smallest; a cluster whose
// forms disagree about the label is clustered again at half the eps, as often as it takes, and at the last parted by
// label. Forms whose own lines disagree belong to no cluster. O(forms^2 dim), one pass.
inline constexpr double kLeastPurity = 0.98;
FormClusters cluster_forms(const LabelledData& data, std::span<const float> vectors, std::size_t dim,
                           std::size_t threads);

// 1 for equal partitions, about 0 for unrelated ones. `a` and `b` are cluster numbers from 0, of equal length.
double adjusted_rand_index(std::span<const std::int32_t> a, std::span<const std::int32_t> b);

}  // namespace logsieve

#endif  // LOGSIEVE_TRAINING_DISCOVER_FORM_CLUSTERS_H_
