#include "training/discover/form_clusters.h"

#include <algorithm>
#include <cmath>
#include <gtest/gtest.h>
#include <set>

#include "base/random.h"

namespace logsieve {
namespace {

// Forms on a circle: their cosine distance is known from their angles.
struct Circle {
  LabelledData data;
  std::vector<float> vectors;

  void add(double degrees, LabelId label, bool has_conflict = false) {
    const double angle = degrees * 3.14159265358979323846 / 180.0;
    data.forms.push_back({"form " + std::to_string(data.forms.size()), label, 1, has_conflict});
    vectors.push_back(static_cast<float>(std::cos(angle)));
    vectors.push_back(static_cast<float>(std::sin(angle)));
  }
};

TEST(FormClusters, HoldFormsOfOneLabelThatLieTogether) {
  Circle circle;
  for (const double degrees : {0.0, 2.0, 4.0}) circle.add(degrees, 0);
  for (const double degrees : {90.0, 92.0}) circle.add(degrees, 1);
  const FormClusters clusters = cluster_forms(circle.data, circle.vectors, 2, 1);
  const std::vector<std::vector<std::size_t>> expected = {{0, 1, 2}, {3, 4}};
  EXPECT_EQ(clusters.members, expected);
  EXPECT_EQ(clusters.halved, 0U);
  EXPECT_EQ(clusters.trials.size(), 5U);
}

TEST(FormClusters, PartFormsThatDisagreeAboutTheLabel) {
  Circle circle;
  // A chain of 12-degree steps (distance .022) with another label 12 degrees on: one cluster at every eps.
  for (int i = 0; i < 6; ++i) circle.add(12.0 * i, i < 3 ? 0 : 1);
  const FormClusters clusters = cluster_forms(circle.data, circle.vectors, 2, 1);
  for (const auto& members : clusters.members) {
    std::set<LabelId> labels;
    for (const std::size_t form : members) labels.insert(circle.data.forms[form].label);
    EXPECT_EQ(labels.size(), 1U);
  }
  EXPECT_EQ(clusters.halved, 1U);
}

TEST(FormClusters, LeaveOutFormsWhoseOwnLinesDisagree) {
  Circle circle;
  circle.add(0.0, 0);
  circle.add(1.0, 0, true);
  const FormClusters clusters = cluster_forms(circle.data, circle.vectors, 2, 1);
  ASSERT_EQ(clusters.members.size(), 1U);
  EXPECT_EQ(clusters.members[0], std::vector<std::size_t>{0});
}

TEST(AdjustedRandIndex, EqualsScikitLearn) {
  // sklearn.metrics.adjusted_rand_score([0,0,1,1], [0,0,1,2]) and ([0,0,0,1,1,1], [0,0,1,1,2,2]).
  const std::vector<std::int32_t> a = {0, 0, 1, 1};
  const std::vector<std::int32_t> b = {0, 0, 1, 2};
  EXPECT_NEAR(adjusted_rand_index(a, b), 0.5714285714285714, 1e-12);
  const std::vector<std::int32_t> c = {0, 0, 0, 1, 1, 1};
  const std::vector<std::int32_t> d = {0, 0, 1, 1, 2, 2};
  EXPECT_NEAR(adjusted_rand_index(c, d), 0.24242424242424243, 1e-12);
  EXPECT_EQ(adjusted_rand_index(a, a), 1.0);
}

}  // namespace
}  // namespace logsieve
