#include "training/fit/error_limits.h"

#include <cmath>
#include <gtest/gtest.h>
#include <string>

#include "base/random.h"

namespace logsieve {
namespace {

// scipy.stats.beta.ppf(0.95, wrong + 1, answered - wrong).
TEST(ErrorUpperBound, IsThatOfClopperAndPearson) {
  EXPECT_NEAR(error_upper_bound(0, 59), 1.0 - std::pow(0.05, 1.0 / 59), 1e-9);
  EXPECT_NEAR(error_upper_bound(0, 59), 0.0495076, 1e-6);
  EXPECT_NEAR(error_upper_bound(0, 1), 0.95, 1e-9);
  // 1 of 10: (1 - p)^10 + 10 p (1 - p)^9 = 0.05.
  const double p = error_upper_bound(1, 10);
  EXPECT_NEAR(std::pow(1 - p, 10) + 10 * p * std::pow(1 - p, 9), 0.05, 1e-9);
  EXPECT_NEAR(p, 0.394163, 1e-6);
  EXPECT_EQ(error_upper_bound(0, 0), 1.0);
  EXPECT_EQ(error_upper_bound(3, 3), 1.0);
}

TEST(AnswersToCertify, AreTheKnownNumbers) {
  EXPECT_EQ(answers_to_certify(0, 0.05), 59U);
  EXPECT_EQ(answers_to_certify(0, 0.02), 149U);
  EXPECT_EQ(answers_to_certify(0, 0.01), 299U);
  EXPECT_EQ(answers_to_certify(1, 0.05), 93U);
}

std::vector<TopAnswer> answers_of(std::size_t right, std::size_t wrong, std::int32_t label = 0) {
  std::vector<TopAnswer> out;
  for (std::size_t i = 0; i < right + wrong; ++i)
    out.push_back({label, 0.999 - 0.0001 * static_cast<double>(i), i < right});
  return out;
}

TEST(CertifyThreshold, FallsAsFarAsTheBoundHolds) {
  const auto answers = answers_of(100, 20);
  const auto certified = certify_threshold(answers, {true}, 0.05);
  EXPECT_EQ(certified.wrong, 1U) << "93 answers carry one mistake, 124 carry two";
  EXPECT_EQ(certified.answered, 101U);
  EXPECT_LE(certified.bound, 0.05);
  EXPECT_NEAR(certified.threshold, answers[100].probability, 1e-6);
  EXPECT_EQ(certified.missing_forms, 0U);
}

TEST(CertifyThreshold, SaysHowManyFormsAreMissing) {
  const auto certified = certify_threshold(answers_of(40, 0), {true}, 0.05);
  EXPECT_GT(certified.threshold, 1.0F);
  EXPECT_EQ(certified.missing_forms, 19U);
  EXPECT_EQ(certify_threshold({}, {true}, 0.01).missing_forms, 299U);
}

TEST(CertifyThreshold, TakesAnswersOfEqualProbabilityTogether) {
  std::vector<TopAnswer> answers(60, {0, 0.9, true});
  for (int i = 0; i < 10; ++i) answers.push_back({0, 0.9, false});
  EXPECT_GT(certify_threshold(answers, {true}, 0.05).threshold, 1.0F);
}

TEST(ErrorLimits, AreReadAsASharePerLabelOrForAll) {
  ErrorLimits limits;
  EXPECT_TRUE(limits.empty());
  ASSERT_TRUE(limits.add("0.01"));
  ASSERT_TRUE(limits.add("Security Alert=0.005"));
  EXPECT_EQ(limits.all, 0.01);
  ASSERT_EQ(limits.of_label.size(), 1U);
  EXPECT_EQ(limits.of_label[0].label, "Security Alert");
  EXPECT_EQ(limits.of_label[0].limit, 0.005);
  for (const char* bad : {"", "=0.1", "A=", "0", "1", "-1", "nan", "A=x", "1e-2y"})
    EXPECT_FALSE(limits.add(bad));
}

TEST(ErrorLimits, RefuseALabelThatTheDataLacksAndSayWhichWasMeant) {
  const std::vector<std::string> labels = {"Error", "Security Alert"};
  ErrorLimits limits;
  ASSERT_TRUE(limits.add("0.01"));
  ASSERT_TRUE(limits.add("Security Alert=0.01"));
  EXPECT_TRUE(limits.check_labels(labels));
  ASSERT_TRUE(limits.add("security alert=0.01"));
  auto checked = limits.check_labels(labels);
  ASSERT_FALSE(checked);
  EXPECT_EQ(checked.error().code, ErrorCode::kInvalidArgument);
  EXPECT_NE(checked.error().message.find("did you mean \"Security Alert\"?"), std::string::npos);
  limits.of_label = {{"Nope", 0.01}};
  checked = limits.check_labels(labels);
  ASSERT_FALSE(checked);
  EXPECT_EQ(checked.error().message.find("did you mean"), std::string::npos);
  EXPECT_NE(checked.error().help.find("Error, Security Alert"), std::string::npos);
}

TEST(ApplyLimits, ALabelWithALimitOfItsOwnIsNotAmongTheOthers) {
  std::vector<TopAnswer> answers = answers_of(100, 0, 0);
  const auto bad = answers_of(50, 50, 1);
  answers.insert(answers.end(), bad.begin(), bad.end());
  std::vector<float> thresholds = {0.7F, 0.7F};
  const std::vector<std::string_view> names = {"A", "B"};
  ErrorLimits limits;
  ASSERT_TRUE(limits.add("0.05"));
  ASSERT_TRUE(limits.add("B=0.01"));
  const auto outcomes = apply_limits(limits, answers, names, thresholds);
  ASSERT_TRUE(outcomes);
  EXPECT_LE(thresholds[0], 1.0F);
  EXPECT_GT(thresholds[1], 1.0F);
  ASSERT_TRUE(limits.add("C=0.01"));
  EXPECT_FALSE(apply_limits(limits, answers, names, thresholds));
}

// Answers that are right as often as their probability says; a limit certified on some must hold on others.
TEST(CertifyThreshold, KeepsTheLimitOnHeldOutFormsInNineteenOfTwentySplits) {
  for (const double limit : {0.02, 0.05, 0.10}) {
    std::size_t kept = 0;
    double least_rate = 1.0;
    for (std::uint64_t seed = 1; seed <= 40; ++seed) {
      Random random(seed);
      const auto draw = [&] {
        const double u = static_cast<double>(random.below(1'000'000)) / 1e6;
        const double probability = 1.0 - 0.5 * u * u;
        return TopAnswer{0, probability, static_cast<double>(random.below(1'000'000)) / 1e6 < probability};
      };
      std::vector<TopAnswer> seen(600);
      for (TopAnswer& answer : seen) answer = draw();
      const auto certified = certify_threshold(seen, {true}, limit);
      // The true rate, over enough draws to know it.
      std::size_t answered = 0;
      std::size_t wrong = 0;
      for (int i = 0; i < 20'000; ++i) {
        const TopAnswer answer = draw();
        if (answer.probability < static_cast<double>(certified.threshold)) continue;
        ++answered;
        wrong += answer.is_right ? 0U : 1U;
      }
      const double rate = answered == 0 ? 0.0 : static_cast<double>(wrong) / static_cast<double>(answered);
      kept += rate <= limit ? 1U : 0U;
      least_rate = std::min(least_rate, rate);
    }
    EXPECT_GE(kept, 38U) << limit;
    EXPECT_LT(least_rate, limit) << limit;
  }
}

}  // namespace
}  // namespace logsieve
