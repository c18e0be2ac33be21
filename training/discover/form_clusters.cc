#include "training/discover/form_clusters.h"

#include <algorithm>
#include <array>
#include <map>
#include <utility>

#include "training/discover/dbscan.h"

namespace logsieve {
namespace {

// Ascending; every candidate's halves are in the list down to the smallest.
constexpr std::array<double, 8> kEps = {0.025, 0.0375, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3};
constexpr std::array<std::size_t, 5> kCandidates = {7, 6, 5, 4, 2};  // indexes: .3, .2, .15, .1, .05

double choose_two(double n) {
  return n * (n - 1.0) / 2.0;
}

using Levels = std::vector<std::vector<std::int32_t>>;

// The largest level at most half of `level`; kEps.size() where there is none.
std::size_t half_of(std::size_t level) {
  for (std::size_t i = level; i-- > 0;)
    if (kEps[i] <= kEps[level] / 2) return i;
  return kEps.size();
}

double purity_of(const LabelledData& data, const std::vector<std::size_t>& forms,
                 const std::vector<std::int32_t>& cluster) {
  std::map<std::pair<std::int32_t, LabelId>, std::size_t> counts;
  for (std::size_t i = 0; i < forms.size(); ++i) ++counts[{cluster[i], data.forms[forms[i]].label}];
  std::map<std::int32_t, std::size_t> most;
  for (const auto& [key, count] : counts) most[key.first] = std::max(most[key.first], count);
  std::size_t pure = 0;
  for (const auto& [unused, count] : most) pure += count;
  return static_cast<double>(pure) / static_cast<double>(forms.size());
}

class ConflictSplitter {
 public:
  ConflictSplitter(const LabelledData& data, const std::vector<std::size_t>& forms, const Levels& levels)
      : data_(data), forms_(forms), levels_(levels) {}

  // `points` are indexes into `forms`, of one cluster at `level`.
  void split(const std::vector<std::size_t>& points, std::size_t level,
             std::vector<std::vector<std::size_t>>& out) const {
    if (has_one_label(points)) return add(points, out);
    const std::size_t half = half_of(level);
    std::map<std::int32_t, std::vector<std::size_t>> parts;
    for (const std::size_t point : points)
      parts[half < kEps.size() ? levels_[half][point] : label(point)].push_back(point);
    for (const auto& [unused, part] : parts) {
      if (half < kEps.size())
        split(part, half, out);
      else
        add(part, out);
    }
  }

  bool has_one_label(const std::vector<std::size_t>& points) const {
    return std::all_of(points.begin(), points.end(),
                       [&](std::size_t point) { return label(point) == label(points.front()); });
  }

 private:
  LabelId label(std::size_t point) const { return data_.forms[forms_[point]].label; }
  void add(const std::vector<std::size_t>& points, std::vector<std::vector<std::size_t>>& out) const {
    std::vector<std::size_t>& members = out.emplace_back();
    for (const std::size_t point : points) members.push_back(forms_[point]);
  }

  const LabelledData& data_;
  const std::vector<std::size_t>& forms_;
  const Levels& levels_;
};

}  // namespace

double adjusted_rand_index(std::span<const std::int32_t> a, std::span<const std::int32_t> b) {
  std::map<std::pair<std::int32_t, std::int32_t>, double> both;
  std::map<std::int32_t, double> in_a;
  std::map<std::int32_t, double> in_b;
  for (std::size_t i = 0; i < a.size(); ++i) {
    both[{a[i], b[i]}] += 1.0;
    in_a[a[i]] += 1.0;
    in_b[b[i]] += 1.0;
  }
  double pairs = 0.0;
  double pairs_a = 0.0;
  double pairs_b = 0.0;
  for (const auto& [unused, count] : both) pairs += choose_two(count);
  for (const auto& [unused, count] : in_a) pairs_a += choose_two(count);
  for (const auto& [unused, count] : in_b) pairs_b += choose_two(count);
  const double all = choose_two(static_cast<double>(a.size()));
  const double expected = all > 0.0 ? pairs_a * pairs_b / all : 0.0;
  const double most = (pairs_a + pairs_b) / 2.0;
  return most == expected ? 1.0 : (pairs - expected) / (most - expected);
}

FormClusters cluster_forms(const LabelledData& data, std::span<const float> vectors, std::size_t dim,
                           std::size_t threads) {
  std::vector<std::size_t> forms;
  std::vector<float> rows;
  for (std::size_t form = 0; form < data.forms.size(); ++form) {
    if (data.forms[form].has_conflict) continue;
    forms.push_back(form);
    const auto row = vectors.subspan(form * dim, dim);
    rows.insert(rows.end(), row.begin(), row.end());
  }
  FormClusters result;
  if (forms.empty()) return result;
  const Levels levels = linked_components(rows, dim, kEps, threads);
  std::size_t chosen = kCandidates.back();
  double best = -2.0;
  for (const std::size_t level : kCandidates) {
    const auto& cluster = levels[level];
    EpsTrial trial{kEps[level], 0, purity_of(data, forms, cluster),
                   adjusted_rand_index(cluster, levels[level - 1])};
    trial.clusters = static_cast<std::size_t>(*std::max_element(cluster.begin(), cluster.end())) + 1;
    result.trials.push_back(trial);
    if (trial.purity < kLeastPurity || trial.stability <= best) continue;
    best = trial.stability;
    chosen = level;
  }
  result.eps = kEps[chosen];
  std::map<std::int32_t, std::vector<std::size_t>> clusters;
  for (std::size_t i = 0; i < forms.size(); ++i) clusters[levels[chosen][i]].push_back(i);
  const ConflictSplitter splitter(data, forms, levels);
  for (const auto& [unused, points] : clusters) {
    if (!splitter.has_one_label(points)) ++result.halved;
    splitter.split(points, chosen, result.members);
  }
  std::sort(result.members.begin(), result.members.end());
  return result;
}

}  // namespace logsieve
