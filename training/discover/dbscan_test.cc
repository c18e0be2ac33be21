#include "training/discover/dbscan.h"

#include <cmath>
#include <fstream>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "base/random.h"
#include "head/dot.h"
#include "training/fit/test_support.h"

namespace logsieve {
namespace {

std::vector<float> random_unit_rows(std::size_t points, std::size_t dim, std::uint64_t seed) {
  Random random(seed);
  std::vector<float> rows(points * dim);
  for (std::size_t i = 0; i < points; ++i) {
    double norm = 0.0;
    for (std::size_t d = 0; d < dim; ++d) {
      // Few directions with a little noise, so that there are clusters, borders and noise.
      const double base = d == i % 5 ? 1.0 : 0.0;
      const double value = base + 0.9 * (random.unit() - 0.5);
      rows[i * dim + d] = static_cast<float>(value);
      norm += value * value;
    }
    for (std::size_t d = 0; d < dim; ++d) rows[i * dim + d] /= static_cast<float>(std::sqrt(norm));
  }
  return rows;
}

// The definition, point by point.
Clustering by_definition(std::span<const float> rows, std::size_t dim, std::span<const double> weights,
                         const DbscanOptions& options) {
  const std::size_t points = rows.size() / dim;
  const auto near = [&](std::size_t i, std::size_t j) {
    return i == j || 1.0F - dot(rows.subspan(i * dim, dim), rows.subspan(j * dim, dim)) <=
                         static_cast<float>(options.eps);
  };
  Clustering result;
  result.is_core.resize(points);
  result.cluster.assign(points, kNoise);
  for (std::size_t i = 0; i < points; ++i) {
    double sum = 0.0;
    for (std::size_t j = 0; j < points; ++j)
      if (near(i, j)) sum += weights.empty() ? 1.0 : weights[j];
    result.is_core[i] = sum >= options.min_samples;
  }
  std::int32_t next = 0;
  for (std::size_t i = 0; i < points; ++i) {
    if (!result.is_core[i] || result.cluster[i] != kNoise) continue;
    std::vector<std::size_t> stack = {i};
    while (!stack.empty()) {
      const std::size_t at = stack.back();
      stack.pop_back();
      if (result.cluster[at] != kNoise) continue;
      result.cluster[at] = next;
      if (!result.is_core[at]) continue;
      for (std::size_t j = 0; j < points; ++j)
        if (near(at, j) && result.cluster[j] == kNoise) stack.push_back(j);
    }
    ++next;
  }
  result.clusters = static_cast<std::size_t>(next);
  return result;
}

TEST(Dbscan, EqualsItsDefinitionOnRandomPoints) {
  for (std::uint64_t seed = 1; seed <= 12; ++seed) {
    const std::size_t points = 1 + 37 * seed;
    const auto rows = random_unit_rows(points, 24, seed);
    Random random(seed);
    std::vector<double> weights(points);
    for (double& weight : weights) weight = 0.25 * static_cast<double>(random.below(9)) - 0.25;
    for (const double eps : {0.05, 0.2, 0.35}) {
      for (const double min_samples : {1.0, 4.0}) {
        for (const bool is_weighted : {false, true}) {
          const std::span<const double> used =
              is_weighted ? std::span<const double>(weights) : std::span<const double>();
          const DbscanOptions options{eps, min_samples, 1 + seed % 3};
          const Clustering fast = dbscan(rows, 24, used, options);
          const Clustering slow = by_definition(rows, 24, used, options);
          EXPECT_EQ(fast.cluster, slow.cluster) << seed << ' ' << eps << ' ' << min_samples;
          EXPECT_EQ(fast.is_core, slow.is_core);
          EXPECT_EQ(fast.clusters, slow.clusters);
        }
      }
    }
  }
}

TEST(LinkedComponents, AreTheClustersOfEveryEps) {
  const auto rows = random_unit_rows(300, 24, 5);
  const std::vector<double> eps = {0.05, 0.1, 0.2, 0.35};
  const auto levels = linked_components(rows, 24, eps, 2);
  ASSERT_EQ(levels.size(), eps.size());
  for (std::size_t level = 0; level < eps.size(); ++level)
    EXPECT_EQ(levels[level], dbscan(rows, 24, {}, {eps[level], 1.0, 1}).cluster) << eps[level];
}

TEST(Dbscan, HasNoClusterWithoutPoints) {
  const Clustering none = dbscan({}, 384, {}, {});
  EXPECT_EQ(none.clusters, 0U);
  EXPECT_TRUE(none.cluster.empty());
}

TEST(Dbscan, EqualsScikitLearnOnEveryGoldenSetting) {
  const auto folder = fit_test::shared_dir() / "golden" / "dbscan";
  if (!std::filesystem::exists(folder)) GTEST_SKIP() << folder << " is not here";
  const auto rows = fit_test::read_npy_f32(folder / "X.npy");
  const auto weights = fit_test::read_npy_f64(folder / "weights.npy");
  const auto labels = fit_test::read_npy_i32(folder / "labels.npy");
  const auto cores = fit_test::read_npy<std::uint8_t>(folder / "core.npy", "|u1");
  const std::size_t points = rows.size() / 384;
  std::ifstream in(folder / "settings.json");
  const auto settings = nlohmann::json::parse(in);
  ASSERT_EQ(settings.size(), 48U);
  for (const auto& setting : settings) {
    DbscanOptions options;
    options.eps = setting["eps"].get<double>();
    options.min_samples = setting["min_samples"].get<double>();
    options.threads = 2;
    const bool is_weighted = !setting["sample_weight"].is_null();
    const Clustering ours = dbscan(
        rows, 384, is_weighted ? std::span<const double>(weights) : std::span<const double>(), options);
    const std::size_t at = setting["row"].get<std::size_t>() * points;
    for (std::size_t i = 0; i < points; ++i) {
      ASSERT_EQ(ours.cluster[i], labels[at + i]) << setting << " point " << i;
      ASSERT_EQ(ours.is_core[i], cores[at + i] != 0) << setting << " point " << i;
    }
  }
}

}  // namespace
}  // namespace logsieve
