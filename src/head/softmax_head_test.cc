#include "head/softmax_head.h"

#include <cmath>
#include <gtest/gtest.h>
#include <limits>
#include <numeric>
#include <vector>

#include "base/random.h"

namespace logsieve {
namespace {

// Three classes over two dimensions, labels with gaps.
SoftmaxParameters small_parameters() {
  SoftmaxParameters p;
  p.dim = 2;
  p.labels = {1, 4, 6};
  p.weights = {1, 0, 0, 1, -1, -1};
  p.bias = {0, 0.5F, 1};
  p.temperature = 2.0F;
  p.thresholds = {0.5F, 0.5F, 1.5F};
  return p;
}

SoftmaxHead small_head() {
  auto head = SoftmaxHead::create(small_parameters());
  EXPECT_TRUE(head);
  return *head;
}

TEST(SoftmaxHead, PredictsWhatPaperAndPencilGive) {
  const SoftmaxHead head = small_head();
  const std::vector<float> x = {2, 1};
  std::vector<double> logits(3);
  head.logits(x, logits);
  EXPECT_EQ(logits, (std::vector<double>{2, 1.5, -2}));
  std::vector<float> probabilities(3);
  head.predict(x, probabilities);
  // exp(1), exp(0.75), exp(-1) over their sum 5.2031613...
  EXPECT_NEAR(probabilities[0], 0.5224290, 1e-6);
  EXPECT_NEAR(probabilities[1], 0.4068674, 1e-6);
  EXPECT_NEAR(probabilities[2], 0.0707036, 1e-6);
}

TEST(SoftmaxHead, AnswersTheLabelOfTheMostProbableClass) {
  const SoftmaxHead head = small_head();
  const auto sure = head.answer(std::vector<float>{0.3F, 0.6F, 0.1F});
  EXPECT_EQ(sure.label, 4);
  EXPECT_EQ(sure.probability, 0.6F);
  EXPECT_TRUE(sure.is_sure);
  EXPECT_TRUE(head.answer(std::vector<float>{0.5F, 0.3F, 0.2F}).is_sure) << "the threshold itself is enough";
  EXPECT_FALSE(head.answer(std::vector<float>{0.49F, 0.3F, 0.21F}).is_sure);
  EXPECT_FALSE(head.answer(std::vector<float>{0, 0, 1}).is_sure) << "a threshold above 1 is never reached";
  EXPECT_EQ(head.answer(std::vector<float>{0.4F, 0.4F, 0.2F}).label, 1) << "the first of equals";
}

TEST(SoftmaxHead, WithoutClassesKnowsNothing) {
  auto head = SoftmaxHead::create({});
  ASSERT_TRUE(head);
  head->predict(std::span<const float>(), {});
  const auto answer = head->answer({});
  EXPECT_EQ(answer.label, kNoLabel);
  EXPECT_EQ(answer.probability, 0.0F);
  EXPECT_FALSE(answer.is_sure);
  EXPECT_EQ(SoftmaxHead().classes(), 0U);
}

TEST(SoftmaxHead, GivesProbabilitiesForLogitsOfAnySize) {
  SoftmaxParameters p = small_parameters();
  p.weights = {3e37F, 0, -3e37F, 0, 0, 1};
  p.temperature = 0.01F;
  auto head = SoftmaxHead::create(p);
  ASSERT_TRUE(head);
  std::vector<float> probabilities(3);
  head->predict(std::vector<float>{1, 0}, probabilities);
  EXPECT_EQ(probabilities, (std::vector<float>{1, 0, 0}));
}

TEST(SoftmaxHead, SumsToOneAndFollowsTheTemperature) {
  Random random(5);
  SoftmaxParameters p;
  p.dim = 384;
  for (LabelId label = 0; label < 9; ++label) p.labels.push_back(label);
  for (std::size_t i = 0; i < 9 * 384; ++i) p.weights.push_back(static_cast<float>(random.unit() * 8 - 4));
  p.bias.assign(9, 0.25F);
  p.thresholds.assign(9, 0.5F);
  std::vector<float> x(384);
  for (float& value : x) value = static_cast<float>(random.unit() - 0.5);
  float previous = 1.0F;
  for (const float temperature : {0.5F, 1.0F, 2.0F, 8.0F}) {
    p.temperature = temperature;
    auto head = SoftmaxHead::create(p);
    ASSERT_TRUE(head);
    std::vector<float> probabilities(9);
    head->predict(x, probabilities);
    EXPECT_NEAR(std::accumulate(probabilities.begin(), probabilities.end(), 0.0), 1.0, 1e-6);
    const float top = head->answer(probabilities).probability;
    EXPECT_LE(top, previous) << "hotter must not be surer";
    previous = top;
  }
}

struct BadCase {
  const char* what;
  void (*spoil)(SoftmaxParameters&);
};

class SoftmaxHeadRejects : public ::testing::TestWithParam<BadCase> {};

TEST_P(SoftmaxHeadRejects, WithCorruptModel) {
  SoftmaxParameters p = small_parameters();
  GetParam().spoil(p);
  const auto head = SoftmaxHead::create(p);
  ASSERT_FALSE(head) << GetParam().what;
  EXPECT_EQ(head.error().code, ErrorCode::kCorruptModel);
  EXPECT_NE(head.error().message.find(GetParam().what), std::string::npos) << head.error().message;
  EXPECT_FALSE(head.error().help.empty());
}

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
constexpr float kInfinity = std::numeric_limits<float>::infinity();

INSTANTIATE_TEST_SUITE_P(
    Damage, SoftmaxHeadRejects,
    ::testing::Values(BadCase{"5 weights", [](SoftmaxParameters& p) { p.weights.pop_back(); }},
                      BadCase{"1 word weights", [](SoftmaxParameters& p) { p.word_weights = {1.0F}; }},
                      BadCase{"for 1 terms", [](SoftmaxParameters& p) { p.term_keys = {4}; }},
                      BadCase{"a negative term",
                              [](SoftmaxParameters& p) {
                                p.term_keys = {-1};
                                p.term_idf = {1.0F};
                                p.term_weights.assign(p.labels.size(), 0.0F);
                              }},
                      BadCase{"terms are not in ascending order",
                              [](SoftmaxParameters& p) {
                                p.term_keys = {3, 3};
                                p.term_idf = {1.0F, 1.0F};
                                p.term_weights.assign(2 * p.labels.size(), 0.0F);
                              }},
                      BadCase{"a term's weight",
                              [](SoftmaxParameters& p) {
                                p.term_keys = {3};
                                p.term_idf = {kNan};
                                p.term_weights.assign(p.labels.size(), 0.0F);
                              }},
                      BadCase{"a weight is not",
                              [](SoftmaxParameters& p) {
                                p.term_keys = {3};
                                p.term_idf = {1.0F};
                                p.term_weights.assign(p.labels.size(), kInfinity);
                              }},
                      BadCase{"2 biases", [](SoftmaxParameters& p) { p.bias.pop_back(); }},
                      BadCase{"4 thresholds", [](SoftmaxParameters& p) { p.thresholds.push_back(0.5F); }},
                      BadCase{"length 0", [](SoftmaxParameters& p) { p.dim = 0; }},
                      BadCase{"a weight", [](SoftmaxParameters& p) { p.weights[4] = kNan; }},
                      BadCase{"a weight", [](SoftmaxParameters& p) { p.weights[0] = -kInfinity; }},
                      BadCase{"a bias", [](SoftmaxParameters& p) { p.bias[2] = kInfinity; }},
                      BadCase{"temperature", [](SoftmaxParameters& p) { p.temperature = 0; }},
                      BadCase{"temperature", [](SoftmaxParameters& p) { p.temperature = kNan; }},
                      BadCase{"threshold", [](SoftmaxParameters& p) { p.thresholds[0] = kNan; }},
                      BadCase{"threshold", [](SoftmaxParameters& p) { p.thresholds[0] = -0.1F; }},
                      BadCase{"ascending", [](SoftmaxParameters& p) { p.labels[1] = 1; }},
                      BadCase{"negative label", [](SoftmaxParameters& p) { p.labels[0] = -1; }}));

}  // namespace
}  // namespace logsieve
