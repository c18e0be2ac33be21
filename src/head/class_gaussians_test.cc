#include "head/class_gaussians.h"

#include <gtest/gtest.h>
#include <limits>
#include <vector>

namespace logsieve {
namespace {

// Covariance {{4, 2}, {2, 2}}: L = {{2, 0}, {1, 1}}, W = inverse of L = {{1/2, 0}, {-1/2, 1}}.
GaussianParameters small() {
  GaussianParameters p;
  p.dim = 2;
  p.whitening = {0.5F, -0.5F, 1.0F};
  p.means = {0.0F, 0.0F, 1.0F, 0.5F};  // the second is W (2, 1.5)
  return p;
}

TEST(ClassGaussians, MeasureInUnitsOfTheSharedSpread) {
  const auto gaussians = ClassGaussians::create(small());
  ASSERT_TRUE(gaussians);
  ASSERT_EQ(gaussians->groups(), 2U);
  std::vector<float> distances(2);
  gaussians->distances(std::vector<float>{2.0F, 0.0F}, distances);
  // (2, 0) S^-1 (2, 0)' with S^-1 = {{.5, -.5}, {-.5, 1}}: 2; of (0, -1.5): 2.25; over the dimension.
  EXPECT_FLOAT_EQ(distances[0], 1.0F);
  EXPECT_FLOAT_EQ(distances[1], 1.125F);
}

TEST(ClassGaussians, MayBeNone) {
  const auto none = ClassGaussians::create({});
  ASSERT_TRUE(none);
  EXPECT_TRUE(none->empty());
  EXPECT_EQ(none->groups(), 0U);
}

TEST(ClassGaussians, RejectDamage) {
  GaussianParameters p = small();
  p.whitening.pop_back();
  EXPECT_EQ(ClassGaussians::create(p).error().code, ErrorCode::kCorruptModel);
  p = small();
  p.means.pop_back();
  EXPECT_EQ(ClassGaussians::create(p).error().code, ErrorCode::kCorruptModel);
  p = small();
  p.means.clear();
  EXPECT_EQ(ClassGaussians::create(p).error().code, ErrorCode::kCorruptModel);
  p = small();
  p.whitening[1] = std::numeric_limits<float>::quiet_NaN();
  EXPECT_EQ(ClassGaussians::create(p).error().code, ErrorCode::kCorruptModel);
}

}  // namespace
}  // namespace logsieve
