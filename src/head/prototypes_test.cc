#include "head/prototypes.h"

#include <algorithm>
#include <cmath>
#include <gtest/gtest.h>
#include <limits>
#include <vector>

#include "base/random.h"

namespace logsieve {
namespace {

// Unit rows in the plane at the given angles in degrees.
PrototypeParameters at_angles(const std::vector<double>& degrees, std::vector<LabelId> labels) {
  PrototypeParameters p;
  p.dim = 2;
  for (const double degree : degrees) {
    const double radian = degree * std::acos(-1.0) / 180.0;
    p.vectors.push_back(static_cast<float>(std::cos(radian)));
    p.vectors.push_back(static_cast<float>(std::sin(radian)));
  }
  p.labels = std::move(labels);
  return p;
}

std::vector<float> at_angle(double degree) {
  return at_angles({degree}, {0}).vectors;
}

Prototypes make(PrototypeParameters p) {
  auto prototypes = Prototypes::create(std::move(p));
  EXPECT_TRUE(prototypes);
  return *prototypes;
}

PrototypeParameters random_parameters(std::size_t rows, std::size_t dim, LabelId labels, std::uint64_t seed) {
  Random random(seed);
  PrototypeParameters p;
  p.dim = dim;
  for (std::size_t row = 0; row < rows; ++row) {
    std::vector<double> values(dim);
    double squared = 0;
    for (double& value : values) {
      value = random.unit() - 0.5;
      squared += value * value;
    }
    for (const double value : values) p.vectors.push_back(static_cast<float>(value / std::sqrt(squared)));
    p.labels.push_back(static_cast<LabelId>(random.below(static_cast<std::size_t>(labels))));
  }
  return p;
}

TEST(Prototypes, AnswersTheNearestFormsLabelIfItMay) {
  PrototypeParameters p = at_angles({0, 60, 90}, {3, 5, 3});
  p.answered_labels = {5};
  p.min_similarity = 0.8F;
  p.min_margin = 0.1F;
  const Prototypes prototypes = make(p);
  const PrototypeAnswer near_five = prototypes.answer(at_angle(55));
  EXPECT_EQ(near_five.label, 5);
  EXPECT_EQ(near_five.nearest, 1U);
  EXPECT_NEAR(near_five.similarity, std::cos(5 * std::acos(-1.0) / 180), 1e-6);
  EXPECT_EQ(prototypes.answer(at_angle(5)).label, kNoLabel) << "label 3 has a regression";
  EXPECT_EQ(prototypes.answer(at_angle(5)).nearest, 0U);
}

TEST(Prototypes, AreSilentWhenTheNearestFormIsFarOrUnclear) {
  PrototypeParameters p = at_angles({0, 60}, {3, 5});
  p.answered_labels = {5};
  p.min_similarity = 0.8F;
  p.min_margin = 0.1F;
  const Prototypes prototypes = make(p);
  // 31 degrees: 29 from label 5 (cos .875), 31 from label 3 (cos .857): near, but the margin is .018.
  EXPECT_EQ(prototypes.answer(at_angle(31)).label, kNoLabel);
  // 100 degrees: 40 from label 5 (cos .766): clear, but far.
  EXPECT_EQ(prototypes.answer(at_angle(100)).label, kNoLabel);
  EXPECT_EQ(prototypes.answer(at_angle(70)).label, 5);
}

TEST(Prototypes, TakeTheMarginOverOtherLabelsOnly) {
  // Two forms of label 5 close together must not spoil each other's margin.
  PrototypeParameters p = at_angles({50, 52, 0}, {5, 5, 3});
  p.answered_labels = {5};
  p.min_margin = 0.3F;
  const PrototypeAnswer answer = make(p).answer(at_angle(51.5));
  EXPECT_EQ(answer.label, 5);
  EXPECT_EQ(answer.nearest, 1U);
}

TEST(Prototypes, AreSurerOfNearerAndClearerForms) {
  PrototypeParameters p = at_angles({0, 90}, {3, 5});
  const Prototypes prototypes = make(p);
  float previous = 1.0F;
  for (const double degree : {0.0, 10.0, 25.0, 40.0, 45.0}) {
    const float confidence = prototypes.answer(at_angle(degree)).confidence;
    EXPECT_GT(previous, confidence) << degree;
    EXPECT_GT(confidence, 0.0F);
    previous = confidence;
  }
}

TEST(Prototypes, WithoutFormsKnowNothing) {
  const Prototypes none;
  EXPECT_EQ(none.answer({}).label, kNoLabel);
  EXPECT_EQ(none.answer({}).confidence, 0.0F);
  EXPECT_EQ(none.nearest_similarity({}), -1.0F);
  EXPECT_TRUE(none.nearest({}, 3).empty());
  EXPECT_TRUE(Prototypes::create({}));
}

TEST(Prototypes, NearestAgreesWithASortOfAllSimilarities) {
  const PrototypeParameters p = random_parameters(300, 24, 4, 9);
  const Prototypes prototypes = make(p);
  const PrototypeParameters queries = random_parameters(40, 24, 1, 10);
  for (std::size_t query = 0; query < 40; ++query) {
    const auto embedding = std::span<const float>(queries.vectors).subspan(query * 24, 24);
    std::vector<std::pair<double, std::size_t>> all;
    for (std::size_t row = 0; row < 300; ++row) {
      double sum = 0;
      for (std::size_t d = 0; d < 24; ++d)
        sum += static_cast<double>(p.vectors[row * 24 + d]) * static_cast<double>(embedding[d]);
      all.emplace_back(-sum, row);
    }
    std::sort(all.begin(), all.end());
    const auto nearest = prototypes.nearest(embedding, 7);
    ASSERT_EQ(nearest.size(), 7U);
    for (std::size_t i = 0; i < nearest.size(); ++i) {
      EXPECT_EQ(nearest[i].form, all[i].second);
      EXPECT_EQ(nearest[i].label, p.labels[all[i].second]);
      EXPECT_NEAR(nearest[i].similarity, -all[i].first, 1e-6);
    }
    EXPECT_EQ(prototypes.nearest_similarity(embedding), nearest[0].similarity);
    EXPECT_EQ(prototypes.answer(embedding).nearest, nearest[0].form);
  }
}

TEST(Prototypes, MarginAgreesWithATwoPassSearch) {
  // Random rows: the answer must appear exactly where similarity minus the best of any other label allows it.
  PrototypeParameters p = random_parameters(200, 8, 3, 21);
  p.answered_labels = {2, 0, 1};
  p.min_similarity = -1.0F;
  p.min_margin = 0.05F;
  const Prototypes prototypes = make(p);
  const PrototypeParameters queries = random_parameters(200, 8, 1, 22);
  std::size_t answered = 0;
  for (std::size_t query = 0; query < 200; ++query) {
    const auto embedding = std::span<const float>(queries.vectors).subspan(query * 8, 8);
    const auto all = prototypes.nearest(embedding, 200);
    const auto other =
        std::find_if(all.begin(), all.end(), [&](const Neighbour& n) { return n.label != all[0].label; });
    ASSERT_NE(other, all.end());
    const bool is_clear = all[0].similarity - other->similarity >= 0.05F;
    EXPECT_EQ(prototypes.answer(embedding).label, is_clear ? all[0].label : kNoLabel);
    answered += is_clear ? 1U : 0U;
  }
  EXPECT_GT(answered, 20U);
  EXPECT_LT(answered, 180U);
}

TEST(Prototypes, AnswerTheSameBitsInAnyCompany) {
  PrototypeParameters p = random_parameters(300, 24, 4, 31);
  p.answered_labels = {0, 1, 2, 3};
  p.min_similarity = -1.0F;
  const Prototypes prototypes = make(p);
  const PrototypeParameters queries = random_parameters(41, 24, 1, 32);
  std::vector<PrototypeAnswer> together(41);
  prototypes.answer(queries.vectors, together);
  for (std::size_t i = 0; i < together.size(); ++i) {
    const PrototypeAnswer alone =
        prototypes.answer(std::span<const float>(queries.vectors).subspan(i * 24, 24));
    EXPECT_EQ(together[i].label, alone.label);
    EXPECT_EQ(together[i].nearest, alone.nearest);
    EXPECT_EQ(together[i].similarity, alone.similarity);
    EXPECT_EQ(together[i].confidence, alone.confidence);
  }
}

TEST(Prototypes, BreakTiesByRow) {
  const Prototypes prototypes = make(at_angles({30, 30, 30}, {1, 0, 1}));
  const auto nearest = prototypes.nearest(at_angle(30), 9);
  ASSERT_EQ(nearest.size(), 3U);
  for (std::size_t i = 0; i < 3; ++i) EXPECT_EQ(nearest[i].form, i);
  EXPECT_EQ(prototypes.answer(at_angle(30)).nearest, 0U);
}

struct BadCase {
  const char* what;
  void (*spoil)(PrototypeParameters&);
};

class PrototypesReject : public ::testing::TestWithParam<BadCase> {};

TEST_P(PrototypesReject, WithCorruptModel) {
  PrototypeParameters p = at_angles({0, 45}, {0, 1});
  GetParam().spoil(p);
  const auto prototypes = Prototypes::create(p);
  ASSERT_FALSE(prototypes) << GetParam().what;
  EXPECT_EQ(prototypes.error().code, ErrorCode::kCorruptModel);
  EXPECT_NE(prototypes.error().message.find(GetParam().what), std::string::npos)
      << prototypes.error().message;
}

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

INSTANTIATE_TEST_SUITE_P(
    Damage, PrototypesReject,
    ::testing::Values(BadCase{"3 numbers", [](PrototypeParameters& p) { p.vectors.pop_back(); }},
                      BadCase{"length 0", [](PrototypeParameters& p) { p.dim = 0; }},
                      BadCase{"vector 1", [](PrototypeParameters& p) { p.vectors[2] = kNan; }},
                      BadCase{"vector 0", [](PrototypeParameters& p) { p.vectors[0] = 1.1F; }},
                      BadCase{"negative label", [](PrototypeParameters& p) { p.labels[0] = kNoLabel; }},
                      BadCase{"negative label", [](PrototypeParameters& p) { p.answered_labels = {-7}; }},
                      BadCase{"limit", [](PrototypeParameters& p) { p.min_similarity = kNan; }},
                      BadCase{"limit", [](PrototypeParameters& p) { p.min_margin = kNan; }}));

TEST(Prototypes, GivesTheNearestFormsWithTheAnswersAsWithoutThem) {
  PrototypeParameters p = random_parameters(300, 24, 4, 9);
  for (std::size_t twin : {7U, 120U})
    std::copy_n(p.vectors.begin() + 24 * 3, 24, p.vectors.begin() + 24 * static_cast<std::ptrdiff_t>(twin));
  const Prototypes prototypes = make(p);
  const std::vector<float> embeddings = random_parameters(37, 24, 1, 10).vectors;
  std::vector<PrototypeAnswer> answers(37);
  std::vector<NearestForms> nearest(37);
  prototypes.answer(embeddings, answers, nearest);
  for (std::size_t i = 0; i < answers.size(); ++i) {
    const auto embedding = std::span<const float>(embeddings).subspan(i * 24, 24);
    const auto expected = prototypes.nearest(embedding, NearestForms::kMost);
    ASSERT_EQ(nearest[i].count, expected.size());
    for (std::size_t k = 0; k < expected.size(); ++k) {
      EXPECT_EQ(nearest[i].forms[k].form, expected[k].form) << i << " " << k;
      EXPECT_EQ(nearest[i].forms[k].similarity, expected[k].similarity);
    }
    EXPECT_EQ(answers[i].similarity, prototypes.answer(embedding).similarity);
  }
}

TEST(NearestForms, KeepEqualsInTheOrderOfTheirRows) {
  NearestForms nearest;
  for (std::size_t row = 0; row < 20; ++row) nearest.see({row, 0, row % 2 == 0 ? 0.5F : 0.25F});
  ASSERT_EQ(nearest.count, 8U);
  for (std::size_t i = 0; i < 8; ++i) EXPECT_EQ(nearest.forms[i].form, 2 * i);
}

}  // namespace
}  // namespace logsieve
