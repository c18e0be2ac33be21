#include "record/label_set.h"

#include <gtest/gtest.h>
#include <string>
#include <vector>

namespace logsieve {
namespace {

using Names = std::vector<std::string>;

TEST(LabelSet, IsSortedByBytesWithoutRepeats) {
  const LabelSet labels({"b", "a", "\xC3\xA9t\xC3\xA9", "b", "B", "a"});
  EXPECT_EQ(labels.names(), (Names{"B", "a", "b", "\xC3\xA9t\xC3\xA9"}));
  EXPECT_EQ(labels.size(), 4U);
}

TEST(LabelSet, DoesNotDependOnTheOrderItIsGiven) {
  EXPECT_EQ(LabelSet({"x", "y", "z"}).names(), LabelSet({"z", "x", "y", "x"}).names());
}

TEST(LabelSet, NeverHoldsUnclassifiedNorAnEmptyName) {
  const LabelSet labels({"Unclassified", "", "Error", "", "unclassified"});
  EXPECT_EQ(labels.names(), (Names{"Error", "unclassified"}));
  EXPECT_EQ(labels.find("Unclassified"), kNoLabel);
  EXPECT_EQ(labels.find(""), kNoLabel);
}

TEST(LabelSet, FindAndNameAreInverse) {
  const LabelSet labels({"Error", "Critical Error", "HTTP Status", "User Action"});
  for (LabelId id = 0; id < static_cast<LabelId>(labels.size()); ++id)
    EXPECT_EQ(labels.find(labels.name(id)), id);
  EXPECT_EQ(labels.name(0), "Critical Error");
  EXPECT_EQ(labels.name(kNoLabel), "Unclassified");
}

TEST(LabelSet, FindsExactBytesOnly) {
  const LabelSet labels({"Error", "Errors"});
  for (const char* other : {"error", "Error ", "Err", "Errorx", "Errorss", "Zebra", "A"})
    EXPECT_EQ(labels.find(other), kNoLabel) << other;
  EXPECT_EQ(labels.find(std::string("Error\0", 6)), kNoLabel);
}

TEST(LabelSet, OfNothingFindsNothing) {
  const LabelSet none;
  EXPECT_EQ(none.size(), 0U);
  EXPECT_EQ(none.find("Error"), kNoLabel);
  EXPECT_EQ(none.name(kNoLabel), kUnclassified);
  EXPECT_EQ(LabelSet({"", "Unclassified"}).size(), 0U);
}

}  // namespace
}  // namespace logsieve
