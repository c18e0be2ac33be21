#include "review/review_order.h"

#include <gtest/gtest.h>

namespace logsieve {
namespace {

using Order = std::vector<std::size_t>;

TEST(DiverseOrder, TakesTheWorthiestAndThenWhatIsUnlikeIt) {
  const std::vector<double> values = {10, 9, 5, 1};
  // The second points where the first does; the third across.
  const std::vector<float> rows = {1, 0, 1, 0, 0, 1, 0.6F, 0.8F};
  EXPECT_EQ(diverse_order(values, rows, 2, 4), (Order{0, 2, 3, 1}));
  EXPECT_EQ(diverse_order(values, rows, 2, 1), (Order{0}));
}

TEST(DiverseOrder, IsTheOrderOfValuesWhereAllAreUnlike) {
  const std::vector<double> values = {1, 3, 2};
  const std::vector<float> rows = {1, 0, 0, 0, 1, 0, 0, 0, 1};
  EXPECT_EQ(diverse_order(values, rows, 3, 9), (Order{1, 2, 0}));
}

TEST(DiverseOrder, CountsAnOppositeAsUnlikeAndTakesTheFirstOfEquals) {
  const std::vector<double> values = {2, 2, 2};
  const std::vector<float> rows = {1, 0, -1, 0, 0, 1};
  EXPECT_EQ(diverse_order(values, rows, 2, 3), (Order{0, 1, 2}));
  EXPECT_TRUE(diverse_order({}, {}, 2, 3).empty());
}

}  // namespace
}  // namespace logsieve
