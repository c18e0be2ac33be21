#include "head/text_signs.h"

#include <algorithm>
#include <cmath>
#include <gtest/gtest.h>
#include <vector>

namespace logsieve {
namespace {

TextSigns signs_of(std::string_view form, std::string_view unknown = {}) {
  TextSigns signs;
  text_signs(
      form, [&](std::string_view word) { return word != unknown; }, signs);
  return signs;
}

TEST(TextSigns, AreWordsAndSingleMarks) {
  EXPECT_EQ(signs_of("Total += cells[i]").tokens, signs_of("= I total [ ] + cells").tokens);
  EXPECT_EQ(signs_of("a a a").tokens.size(), 1U);
  EXPECT_EQ(signs_of("snake_case").tokens.size(), 3U);
  EXPECT_EQ(signs_of("caf\xC3\xA9").tokens.size(), 1U);
  EXPECT_TRUE(signs_of(" \t ").tokens.empty());
}

TEST(TextSigns, ArePairsOfTokensWithTheEndsOfTheForm) {
  EXPECT_EQ(signs_of("Disk is full").pairs.size(), 4U) << "^disk, disk is, is full, full$";
  EXPECT_EQ(signs_of("disk is full").pairs, signs_of("DISK  is\tfull").pairs);
  EXPECT_NE(signs_of("disk is full").pairs, signs_of("is disk full").pairs);
  EXPECT_EQ(signs_of("disk is full").tokens, signs_of("is disk full").tokens);
  EXPECT_EQ(signs_of("f(x)").pairs.size(), 5U);
  EXPECT_EQ(signs_of("a").pairs.size(), 2U);
  EXPECT_NE(signs_of("ab c").pairs, signs_of("a bc").pairs);
  EXPECT_TRUE(signs_of(" \t ").pairs.empty());
}

TEST(TextSigns, HaveTheShapeOfTheFormWithoutItsWords) {
  EXPECT_EQ(signs_of("f(x);").shapes, signs_of("open(name);").shapes);
  EXPECT_EQ(signs_of("disk  full").shapes, signs_of("user\tlogged").shapes);
  EXPECT_EQ(signs_of("a(b").shapes.size(), 10U) << "of ^a(a$: four twos, three threes, two fours, itself";
  EXPECT_NE(signs_of("a == b").shapes, signs_of("a = b").shapes);
  EXPECT_EQ(signs_of("word").shapes.size(), 3U) << "^a, a$ and ^a$";
  EXPECT_EQ(signs_of("").shapes.size(), 1U) << "^$";
}

TEST(TextSigns, TellKindsOfWordsApartInTheShape) {
  const std::vector<std::string_view> kinds = {"word", "Word", "WORD", "aWord", "a_word", "number"};
  for (const std::string_view one : kinds)
    for (const std::string_view other : kinds)
      EXPECT_EQ(signs_of(one).shapes == signs_of(other).shapes, one == other) << one << ' ' << other;
  EXPECT_EQ(signs_of("address").shapes, signs_of("number").shapes);
  EXPECT_EQ(signs_of("SOME_NAME").shapes, signs_of("X").shapes);
  EXPECT_EQ(signs_of("404").shapes, signs_of("word").shapes);
  EXPECT_EQ(signs_of("caf\xC3\xA9").shapes, signs_of("word").shapes);
}

TEST(TextSigns, TellUnknownWordsApartInTheShape) {
  const TextSigns known = signs_of("disk full");
  EXPECT_EQ(signs_of("lamp full").shapes, known.shapes);
  const TextSigns unknown = signs_of("lamp full", "lamp");
  EXPECT_NE(unknown.shapes, known.shapes);
  EXPECT_EQ(unknown.tokens, signs_of("lamp full").tokens);
  EXPECT_EQ(unknown.pairs, signs_of("lamp full").pairs);
  EXPECT_NE(signs_of("Lamp full", "lamp").shapes, unknown.shapes) << "asked in lower case, but capitalised";
  EXPECT_NE(signs_of("Lamp full", "lamp").shapes, signs_of("Lamp full").shapes);
}

TEST(TextSigns, AskForNoShortWordsNorForThoseOfOtherKinds) {
  for (const std::string_view form : {"is", "a", "number", "CAPITALS", "camelCase", "snake_case", "(=)"}) {
    TextSigns signs;
    text_signs(
        form,
        [&](std::string_view word) {
          ADD_FAILURE() << word;
          return true;
        },
        signs);
  }
}

TEST(TextSigns, AreAscending) {
  const TextSigns signs = signs_of("for (int i = 0; i < n; ++i) sum += x[i];");
  for (const auto* keys : {&signs.tokens, &signs.pairs, &signs.shapes}) {
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
