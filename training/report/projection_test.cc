#include "training/report/projection.h"

#include <cmath>
#include <gtest/gtest.h>
#include <vector>

namespace logsieve {
namespace {

// scikit-learn 1.9.1: PCA(n_components=2).fit(x), signs such that the largest coefficient of a component is positive.
TEST(PrincipalPlane, EqualsScikitLearn) {
  std::vector<float> rows;
  for (std::size_t i = 0; i < 12; ++i)
    for (std::size_t d = 0; d < 5; ++d) {
      const double scale = static_cast<double>(d + 1);
      rows.push_back(static_cast<float>(std::sin(1.0 + static_cast<double>(i) * scale) * scale));
    }
  const Projection plane = principal_plane(rows, 5);
  ASSERT_EQ(plane.points.size(), 12U);
  EXPECT_NEAR(plane.explained[0], 0.5021091103060203, 1e-8);
  EXPECT_NEAR(plane.explained[1], 0.3523285144991139, 1e-8);
  const double expected[4][3] = {{0, 3.4839219372055545, 3.6820743040352255},
                                 {1, -0.7431746532481629, -4.622238997562185},
                                 {2, -5.553490473654223, 0.8823212586453468},
                                 {11, -3.492488983987577, 2.9519714133413637}};
  for (const auto& row : expected) {
    EXPECT_NEAR(plane.points[static_cast<std::size_t>(row[0])][0], row[1], 1e-6);
    EXPECT_NEAR(plane.points[static_cast<std::size_t>(row[0])][1], row[2], 1e-6);
  }
}

TEST(PrincipalPlane, BearsRowsWithoutSpread) {
  EXPECT_TRUE(principal_plane({}, 4).points.empty());
  const std::vector<float> one = {1, 2, 3, 4};
  EXPECT_EQ(principal_plane(one, 4).points.size(), 1U);
  const std::vector<float> same = {1, 0, 0, 1, 0, 0, 1, 0, 0};
  const Projection plane = principal_plane(same, 3);
  EXPECT_EQ(plane.explained[0], 0.0);
  for (const auto& point : plane.points) EXPECT_NEAR(point[0], 0.0, 1e-12);
}

TEST(PrincipalPlane, ExplainsNoMoreThanThereIsOfRowsOnALine) {
  std::vector<float> rows;
  for (const float sign : {1.0F, -1.0F})
    for (std::size_t d = 0; d < 384; ++d)
      rows.push_back(sign * static_cast<float>(std::sin(static_cast<double>(d * d))));
  const Projection plane = principal_plane(rows, 384);
  EXPECT_NEAR(plane.explained[0], 1.0, 1e-9);
  EXPECT_NEAR(plane.explained[1], 0.0, 1e-9);
}

}  // namespace
}  // namespace logsieve
