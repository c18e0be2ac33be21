#include "training/report/label_errors.h"

#include <gtest/gtest.h>
#include <vector>

namespace logsieve {
namespace {

// By hand: thresholds are the mean self-confidences, .8 for label 0 (.9, .9, .6), .6 for label 1 (.8, .7, .3).
TEST(SuspectedLabels, AreThoseOffTheDiagonalOfTheConfidentJoint) {
  const std::vector<float> probabilities = {.9F, .1F, .9F, .1F, .6F, .4F, .2F, .8F, .3F, .7F, .7F, .3F};
  const std::vector<LabelId> given = {0, 0, 0, 1, 1, 1};
  EXPECT_TRUE(suspected_labels(probabilities, 2, given).empty())
      << ".7 for label 0 does not reach its threshold of .8";

  std::vector<float> surer = probabilities;
  surer[10] = .95F;
  surer[11] = .05F;
  const auto found = suspected_labels(surer, 2, given);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].item, 5U);
  EXPECT_EQ(found[0].given, 1);
  EXPECT_EQ(found[0].likelier, 0);
  EXPECT_NEAR(found[0].likelier_probability, .95, 1e-6);
}

TEST(SuspectedLabels, PutTheLargestGapFirst) {
  const std::vector<float> probabilities = {.9F, .1F, .7F, .3F, .1F, .9F, .3F, .7F, .95F, .05F, .8F, .2F};
  const std::vector<LabelId> given = {0, 0, 1, 1, 1, 1};  // thresholds .8 and .4625
  const auto found = suspected_labels(probabilities, 2, given);
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(found[0].item, 4U);
  EXPECT_EQ(found[1].item, 5U);
}

TEST(SuspectedLabels, NeverSuspectALabelWithoutItemsNorAnItemThatIsNotLookedAt) {
  const std::vector<float> probabilities = {.1F, .2F, .7F, .1F, .2F, .7F};
  EXPECT_TRUE(suspected_labels(probabilities, 3, std::vector<LabelId>{0, kNoLabel}).empty());
}

}  // namespace
}  // namespace logsieve
