#include "training/fit/calibration.h"

#include <cmath>
#include <gtest/gtest.h>
#include <vector>

#include "training/fit/clusters_test_data.h"

namespace logsieve {
namespace {

using fit_test::Clusters;
using fit_test::make_clusters;

std::vector<TopAnswer> answers_of(std::int32_t answer, std::size_t count, double probability,
                                  std::size_t wrong) {
  std::vector<TopAnswer> out(count, TopAnswer{answer, probability, true});
  for (std::size_t i = 0; i < wrong; ++i) out[i * count / wrong].is_right = false;
  return out;
}

void append(std::vector<TopAnswer>& to, const std::vector<TopAnswer>& more) {
  to.insert(to.end(), more.begin(), more.end());
}

TEST(Thresholds, AnswerDownToWhereAClassIsStillRight) {
  // 400 answers at .95 are all right, 400 at .7 are wrong half of the time.
  std::vector<TopAnswer> answers = answers_of(0, 400, 0.95, 0);
  append(answers, answers_of(0, 400, 0.7, 200));
  const auto thresholds = choose_thresholds(answers, 1, 0.95);
  EXPECT_FLOAT_EQ(thresholds[0], 0.95F);
}

TEST(Thresholds, DifferByClass) {
  std::vector<TopAnswer> answers = answers_of(0, 400, 0.8, 0);
  append(answers, answers_of(1, 400, 0.8, 200));
  append(answers, answers_of(1, 400, 0.97, 0));
  const auto thresholds = choose_thresholds(answers, 2, 0.95);
  EXPECT_LE(thresholds[0], 0.8F);
  EXPECT_GT(thresholds[1], 0.8F);
  EXPECT_LE(thresholds[1], 0.97F);
}

TEST(Thresholds, AreNeverReachedByAClassThatIsNeverSure) {
  const auto thresholds = choose_thresholds(answers_of(0, 400, 0.9, 200), 1, 0.99);
  EXPECT_GT(thresholds[0], 1.0F);
}

TEST(Thresholds, StayAtHalfWhereEverythingIsRight) {
  std::vector<TopAnswer> answers = answers_of(0, 2000, 0.999, 0);
  append(answers, answers_of(0, 10, 0.3, 0));
  EXPECT_FLOAT_EQ(choose_thresholds(answers, 1, 0.9)[0], 0.5F);
}

TEST(Thresholds, OfAClassOfFewFormsFollowTheOthers) {
  // Three right answers prove nothing: the class takes the record of all, which at .7 is bad.
  std::vector<TopAnswer> answers = answers_of(0, 400, 0.95, 0);
  append(answers, answers_of(0, 400, 0.7, 200));
  append(answers, answers_of(1, 3, 0.7, 0));
  EXPECT_GT(choose_thresholds(answers, 2, 0.95)[1], 0.7F);
}

TEST(Thresholds, RiseWithTheWantedPrecision) {
  std::vector<TopAnswer> answers;
  for (int step = 0; step < 10; ++step)
    append(answers, answers_of(0, 200, 0.99 - 0.04 * step, 5 * static_cast<std::size_t>(step)));
  float last = 0.0F;
  for (const double precision : {0.8, 0.9, 0.95, 0.97}) {
    const float threshold = choose_thresholds(answers, 1, precision)[0];
    EXPECT_GE(threshold, last) << precision;
    last = threshold;
  }
}

TEST(Calibrate, CountsFormsOnceForTemperatureAndLinesForScores) {
  FormProblem problem;
  problem.labels = {0, 1};
  std::vector<double> logits;
  for (std::size_t i = 0; i < 60; ++i) {
    problem.y.push_back(static_cast<std::int32_t>(i % 2));
    problem.forms.push_back(i);
    problem.lines.push_back(i < 2 ? 50 : 1);
    const bool is_wrong = i % 15 == 0;  // 4 of 60
    const double side = (i % 2 == 0) == is_wrong ? 4.0 : -4.0;
    logits.insert(logits.end(), {-side, side});
  }
  const auto calibration = calibrate(problem, logits, 0.9);
  ASSERT_TRUE(calibration);
  EXPECT_DOUBLE_EQ(calibration->form_accuracy, 56.0 / 60.0);
  EXPECT_EQ(calibration->scores.rows, 158U);
  EXPECT_DOUBLE_EQ(calibration->scores.accuracy, (158.0 - 50 - 3) / 158.0);
  // At the optimum the mean confidence of one margin is the share that is right: 1 / (1 + exp(-8 / t)) = 56 / 60.
  EXPECT_NEAR(calibration->temperature, 8.0 / std::log(14.0), 1e-3);
}

TEST(Calibrate, RefusesLogitsThatAreNoNumbers) {
  FormProblem problem;
  problem.labels = {0, 1};
  problem.y = {0, 1};
  problem.forms = {0, 1};
  problem.lines = {1, 1};
  const auto calibration = calibrate(problem, std::vector<double>{0, std::nan(""), 1, 0}, 0.9);
  ASSERT_FALSE(calibration);
  EXPECT_EQ(calibration.error().code, ErrorCode::kInvalidArgument);
}

TEST(Calibrate, KeepsTheWantedPrecisionOnFormsThatItHasNotSeen) {
  // Two halves of one noisy problem: thresholds from one hold on the other.
  const Clusters c = make_clusters({{"A", 400, 1}, {"B", 400, 1}, {"C", 400, 1}}, 9.0, 11);
  const FormProblem problem = make_form_problem(c.data, c.vectors, 10, 3);
  const auto logits = out_of_fold_logits(problem, {}, [] {});
  ASSERT_TRUE(logits);
  std::vector<std::size_t> halves[2];
  for (std::size_t i = 0; i < problem.size(); ++i) halves[i % 2].push_back(i);
  std::vector<double> part;
  for (const std::size_t i : halves[0])
    part.insert(part.end(), logits->begin() + static_cast<std::ptrdiff_t>(3 * i),
                logits->begin() + static_cast<std::ptrdiff_t>(3 * i + 3));
  const auto calibration = calibrate(subset(problem, halves[0]), part, 0.95);
  ASSERT_TRUE(calibration);
  ASSERT_LT(calibration->form_accuracy, 0.95) << "the problem is too easy to show anything";
  std::size_t answered = 0;
  std::size_t right = 0;
  const auto all = top_answers(problem, *logits, calibration->temperature);
  for (const std::size_t i : halves[1]) {
    if (all[i].probability <
        static_cast<double>(calibration->thresholds[static_cast<std::size_t>(all[i].answer)]))
      continue;
    ++answered;
    right += all[i].is_right ? 1 : 0;
  }
  EXPECT_GT(answered, 100U);
  EXPECT_GE(static_cast<double>(right), 0.93 * static_cast<double>(answered));
}

}  // namespace
}  // namespace logsieve
