#include "base/edit_distance.h"

#include <gtest/gtest.h>

namespace logsieve {
namespace {

TEST(EditDistance, CountsLettersAndSwaps) {
  EXPECT_EQ(edit_distance("", "abc"), 3U);
  EXPECT_EQ(edit_distance("kitten", "sitting"), 3U);
  EXPECT_EQ(edit_distance("clasify", "classify"), 1U);
  EXPECT_EQ(edit_distance("calssify", "classify"), 1U);
  EXPECT_EQ(edit_distance("Error", "eRROR"), 0U);
}

TEST(IsNearly, FindsSlipsAndLeavesOtherWordsAlone) {
  EXPECT_TRUE(is_nearly("Errror", "Error"));
  EXPECT_TRUE(is_nearly("error", "Error"));
  EXPECT_TRUE(is_nearly("Systen Notificaton", "System Notification"));
  EXPECT_FALSE(is_nearly("Error", "Error"));
  EXPECT_FALSE(is_nearly("info", "warn"));
  EXPECT_FALSE(is_nearly("P1", "P2"));
  EXPECT_FALSE(is_nearly("Error", "Critical Error"));
}

}  // namespace
}  // namespace logsieve
