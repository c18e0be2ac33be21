#include "training/fit/background.h"

#include <algorithm>
#include <gtest/gtest.h>
#include <set>

#include "encoder/encoder_test_support.h"

namespace logsieve {
namespace {

using BackgroundTest = WithEncoder;

TEST_F(BackgroundTest, MakesABackgroundOfDistinctFormsOfEveryKind) {
  FormReader reader(*encoder_, 2);
  const auto background = make_background(reader);
  ASSERT_TRUE(background) << background.error().message;
  EXPECT_EQ(background->vectors.size(), background->forms.size() * kDim);
  EXPECT_EQ(background->kinds.size(), background->forms.size());
  EXPECT_EQ(std::set<std::string>(background->forms.begin(), background->forms.end()).size(),
            background->forms.size());
  for (std::size_t kind = 0; kind < kBackgroundKinds.size(); ++kind)
    EXPECT_GE(
        std::count(background->kinds.begin(), background->kinds.end(), static_cast<BackgroundKind>(kind)), 80)
        << kBackgroundKinds[kind];
  FormReader alone(*encoder_, 1);
  EXPECT_EQ(make_background(alone)->vectors, background->vectors);
}

}  // namespace
}  // namespace logsieve
