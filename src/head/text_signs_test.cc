#include "head/text_signs.h"

#include <algorithm>
#include <cmath>
#include <gtest/gtest.h>
#include <vector>

namespace logsieve {
namespace {

TextSigns signs_of(std::string_view form) {
  TextSigns signs;
  text_signs(form, signs);
  return signs;
}

TEST(TextSigns, AreWordsAndSingleMarks) {
  EXPECT_EQ(signs_of("Total += cells[i]").tokens, signs_of("= I total [ ] + cells").tokens);
  EXPECT_EQ(signs_of("a a a").tokens.size(), 1U);
  EXPECT_EQ(signs_of("snake_case").tokens.size(), 3U);
  EXPECT_EQ(signs_of("caf\xC3\xA9").tokens.size(), 1U);
  EXPECT_TRUE(signs_of(" \t ").tokens.empty());
}

TEST(TextSigns, HaveTheShapeOfTheFormWithoutItsWords) {
  EXPECT_EQ(signs_of("f(x);").shapes, signs_of("open_file(name);").shapes);
  EXPECT_EQ(signs_of("disk  full").shapes, signs_of("user\tlogged").shapes);
  EXPECT_EQ(signs_of("a(b").shapes.size(), 3U) << "a( and (a and a(a";
  EXPECT_NE(signs_of("a == b").shapes, signs_of("a = b").shapes);
  EXPECT_TRUE(signs_of("word").shapes.empty());
  EXPECT_TRUE(signs_of("").shapes.empty());
}

TEST(TextSigns, AreAscending) {
  const TextSigns signs = signs_of("for (int i = 0; i < n; ++i) sum += x[i];");
  for (const auto* keys : {&signs.tokens, &signs.shapes}) {
    EXPECT_TRUE(std::is_sorted(keys->begin(), keys->end()));
    EXPECT_GE(keys->front(), 0);
  }
}

TEST(ScoreSigns, IsTheSumOverTheRootOfTheKnown) {
  const SignWeights known = {{2, 5, 9}, {1.0F, -3.0F, 0.5F}};
  EXPECT_DOUBLE_EQ(score_signs(known, std::vector<std::int32_t>{1, 2, 9}), 1.5 / std::sqrt(2.0));
  EXPECT_DOUBLE_EQ(score_signs(known, std::vector<std::int32_t>{5}), -3.0);
  EXPECT_EQ(score_signs(known, std::vector<std::int32_t>{4}), 0.0);
  EXPECT_EQ(score_signs(known, {}), 0.0);
}

}  // namespace
}  // namespace logsieve
