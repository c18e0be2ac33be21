#include "head/novelty.h"

#include <algorithm>
#include <cmath>
#include <gtest/gtest.h>
#include <string>
#include <vector>

#include "head/word_key.h"

namespace logsieve {
namespace {

// Two labels and one kind of other texts on a line, spread 1.
NoveltyParameters small() {
  NoveltyParameters p;
  p.gaussians = {1, {1.0F}, {0.0F, 10.0F, 4.0F}};
  p.labels = 2;
  p.distance_weight = 0.5F;
  TextSigns signs;
  text_signs(
      "(x)", [](std::string_view) { return true; }, signs);
  p.tokens = {signs.tokens, std::vector<float>(signs.tokens.size(), 1.0F)};
  p.words = {word_key("disk")};
  p.limits = {0.2F, 0.3F, 9.0F, 2.0F};
  return p;
}

NoveltyMeasures measures_at(float x, std::string_view form) {
  const auto novelty = Novelty::create(small());
  EXPECT_TRUE(novelty);
  NoveltyMeasures measures;
  novelty->measure(form, std::vector<float>{x}, measures);
  return measures;
}

TEST(Novelty, MeasuresTheNearestLabelAndHowMuchNearerOtherTextsAre) {
  NoveltyMeasures measures = measures_at(1.0F, "word");
  EXPECT_FLOAT_EQ(measures.distance, 1.0F);
  EXPECT_FLOAT_EQ(measures.other, 0.5F * (1.0F - 9.0F));
  measures = measures_at(4.0F, "f(x)");
  EXPECT_FLOAT_EQ(measures.distance, 16.0F);
  EXPECT_FLOAT_EQ(measures.other, 0.5F * 16.0F + 3.0F / std::sqrt(3.0F)) << "three known tokens of four";
}

TEST(Novelty, NamesTheFirstSignBeyondItsLimit) {
  const auto novelty = Novelty::create(small());
  ASSERT_TRUE(novelty);
  NoveltyMeasures measures{0.2F, 0.3F, 9.0F, 2.0F};
  EXPECT_EQ(novelty->sign(measures), NoveltySign::kNone) << "a limit itself is not beyond it";
  measures.other = 2.1F;
  EXPECT_EQ(novelty->sign(measures), NoveltySign::kOther);
  measures.distance = 9.1F;
  EXPECT_EQ(novelty->sign(measures), NoveltySign::kClasses);
  measures.nearest = 0.29F;
  EXPECT_EQ(novelty->sign(measures), NoveltySign::kNearest);
  measures.words = 0.1F;
  EXPECT_EQ(novelty->sign(measures), NoveltySign::kWords);
}

TEST(Novelty, KnowsTheWordsOfLabelledForms) {
  const auto novelty = Novelty::create(small());
  ASSERT_TRUE(novelty);
  EXPECT_TRUE(novelty->knows_word("disk"));
  EXPECT_FALSE(novelty->knows_word("disc"));
}

TEST(Novelty, OfNothingRefusesNothing) {
  const Novelty none;
  NoveltyMeasures measures{0.0F, -1.0F, 0.0F, 0.0F};
  none.measure("x", {}, measures);
  EXPECT_EQ(none.sign(measures), NoveltySign::kNone);
}

struct BadCase {
  const char* what;
  void (*spoil)(NoveltyParameters&);
};

class NoveltyRejects : public ::testing::TestWithParam<BadCase> {};

TEST_P(NoveltyRejects, WithCorruptModel) {
  NoveltyParameters p = small();
  GetParam().spoil(p);
  const auto novelty = Novelty::create(p);
  ASSERT_FALSE(novelty) << GetParam().what;
  EXPECT_EQ(novelty.error().code, ErrorCode::kCorruptModel);
  EXPECT_NE(novelty.error().message.find(GetParam().what), std::string::npos) << novelty.error().message;
}

INSTANTIATE_TEST_SUITE_P(
    Damage, NoveltyRejects,
    ::testing::Values(BadCase{"limit", [](NoveltyParameters& p) { p.limits.least_words = NAN; }},
                      BadCase{"limit", [](NoveltyParameters& p) { p.limits.most_other = INFINITY; }},
                      BadCase{"weight", [](NoveltyParameters& p) { p.distance_weight = NAN; }},
                      BadCase{"words",
                              [](NoveltyParameters& p) {
                                p.words = {4, 4};
                              }},
                      BadCase{"words", [](NoveltyParameters& p) { p.words = {-1}; }},
                      BadCase{"signs", [](NoveltyParameters& p) { p.tokens.weights.pop_back(); }},
                      BadCase{"signs",
                              [](NoveltyParameters& p) {
                                p.shapes = {{2, 1}, {1, 1}};
                              }},
                      BadCase{"signs",
                              [](NoveltyParameters& p) {
                                p.shapes = {{2}, {NAN}};
                              }},
                      BadCase{"label", [](NoveltyParameters& p) { p.labels = 4; }},
                      BadCase{"label", [](NoveltyParameters& p) { p.labels = 0; }},
                      BadCase{"Gaussians", [](NoveltyParameters& p) {
                                p.gaussians.whitening = {1, 2};
                              }}));

}  // namespace
}  // namespace logsieve
