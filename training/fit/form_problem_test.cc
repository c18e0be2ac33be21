#include "training/fit/form_problem.h"

#include <algorithm>
#include <gtest/gtest.h>
#include <vector>

#include "training/fit/clusters_test_data.h"

namespace logsieve {
namespace {

using fit_test::Clusters;
using fit_test::make_clusters;

std::size_t argmax_right(const FormProblem& problem, std::span<const double> logits) {
  std::size_t right = 0;
  for (std::size_t i = 0; i < problem.size(); ++i) {
    const auto row = logits.subspan(i * problem.classes(), problem.classes());
    if (std::max_element(row.begin(), row.end()) - row.begin() == problem.y[i]) ++right;
  }
  return right;
}

TEST(FormProblem, LeavesOutLabelsBelowEitherFloor) {
  const Clusters c = make_clusters({{"A", 5, 2}, {"B", 2, 9}, {"C", 9, 1}, {"D", 4, 5}}, 0.3, 1);
  const FormProblem problem = make_form_problem(c.data, c.vectors, 10, 3);
  EXPECT_EQ(problem.labels, (std::vector<LabelId>{0, 3}));  // B has 2 forms, C has 9 lines
  EXPECT_EQ(problem.size(), 9U);
  for (std::size_t i = 0; i < problem.size(); ++i) {
    EXPECT_EQ(problem.labels[static_cast<std::size_t>(problem.y[i])], c.data.forms[problem.forms[i]].label);
    EXPECT_EQ(problem.lines[i], c.data.forms[problem.forms[i]].lines);
    EXPECT_EQ(problem.row(i)[7], c.vectors[problem.forms[i] * kDim + 7]);
  }
}

TEST(FormProblem, IsEmptyWhereOneLabelIsLeft) {
  const Clusters c = make_clusters({{"A", 5, 2}, {"B", 2, 2}}, 0.3, 1);
  EXPECT_EQ(make_form_problem(c.data, c.vectors, 10, 3).classes(), 0U);
}

TEST(FormProblem, AsksForTwoFormsEvenWhereNoneAreAskedFor) {
  const Clusters c = make_clusters({{"A", 5, 2}, {"B", 1, 20}, {"C", 2, 1}}, 0.3, 1);
  EXPECT_EQ(make_form_problem(c.data, c.vectors, 0, 0).labels, (std::vector<LabelId>{0, 2}));
}

TEST(OutOfFoldLogits, TellClustersApartThatTheyHaveNotSeen) {
  const Clusters c = make_clusters({{"A", 20, 1}, {"B", 20, 1}, {"C", 20, 1}}, 0.8, 2);
  const FormProblem problem = make_form_problem(c.data, c.vectors, 10, 3);
  std::size_t ticks = 0;
  const auto logits = out_of_fold_logits(problem, {}, [&] { ++ticks; });
  ASSERT_TRUE(logits);
  EXPECT_EQ(ticks, 5U);
  EXPECT_EQ(argmax_right(problem, *logits), 60U);
}

TEST(OutOfFoldLogits, FallToChanceWhereLabelsMeanNothing) {
  // Were a form ever in its own training fold, it would be answered by heart: 384 dimensions hold 120 points.
  Clusters c = make_clusters({{"A", 60, 1}, {"B", 60, 1}}, 0.8, 3);
  Random random(4);
  FormProblem problem = make_form_problem(c.data, c.vectors, 10, 3);
  random.shuffle(problem.y);
  const auto logits = out_of_fold_logits(problem, {}, [] {});
  ASSERT_TRUE(logits);
  const std::size_t right = argmax_right(problem, *logits);
  EXPECT_GT(right, 120U / 4);
  EXPECT_LT(right, 120U * 3 / 4);
}

TEST(OutOfFoldLogits, AreTheSameWhateverTheThreads) {
  const Clusters c = make_clusters({{"A", 20, 1}, {"B", 20, 3}, {"C", 9, 2}}, 0.9, 5);
  const FormProblem problem = make_form_problem(c.data, c.vectors, 10, 3);
  FitOptions one;
  FitOptions three;
  three.threads = 3;
  EXPECT_EQ(*out_of_fold_logits(problem, one, [] {}), *out_of_fold_logits(problem, three, [] {}));
}

TEST(MacroF1, IsTheMeanOfLinesAndFormsByHand) {
  FormProblem problem;
  problem.labels = {0, 1};
  problem.y = {0, 0, 1};
  problem.lines = {8, 1, 1};
  const std::vector<double> logits = {1, 0, 0, 1, 0, 1};  // answers 0, 1, 1
  const double by_lines = (2 * 8 / (8.0 + 9.0) + 2 * 1 / (2.0 + 1.0)) / 2;
  const double by_forms = (2 * 1 / (1.0 + 2.0) + 2 * 1 / (2.0 + 1.0)) / 2;
  EXPECT_DOUBLE_EQ(macro_f1_of(problem, logits), (by_lines + by_forms) / 2);
}

TEST(Weighting, IsChosenByHeldOutFormsAndTheFirstOfEquals) {
  const Clusters c = make_clusters({{"A", 20, 1}, {"B", 20, 1}, {"C", 20, 1}}, 0.3, 6);
  const auto choice = choose_fit(make_form_problem(c.data, c.vectors, 10, 3), {}, [] {});
  ASSERT_TRUE(choice);
  EXPECT_EQ(choice->weighting, kWeightings.front());
  EXPECT_EQ(choice->logits, *out_of_fold_logits(make_form_problem(c.data, c.vectors, 10, 3), {}, [] {}));
  for (const double score : choice->scores) EXPECT_DOUBLE_EQ(score, 1.0);
}

TEST(Weighting, HelpsASmallLabelBesideALargeOne) {
  // Few forms of B in the midst of many of A: forms alike would nearly always answer A.
  const Clusters c = make_clusters({{"A", 300, 1}, {"B", 6, 3}}, 6.0, 8);
  const FormProblem problem = make_form_problem(c.data, c.vectors, 10, 3);
  const auto choice = choose_fit(problem, {.c = 0.1}, [] {});
  ASSERT_TRUE(choice);
  const auto best = std::max_element(choice->scores.begin(), choice->scores.end());
  EXPECT_GE(choice->scores[static_cast<std::size_t>(choice->weighting)], *best - 0.002);
}

TEST(Strength, IsTriedBesideTheGivenOneWithTheChosenWeighting) {
  const Clusters c = make_clusters({{"A", 40, 1}, {"B", 40, 1}, {"C", 20, 2}}, 1.6, 9);
  const FormProblem problem = make_form_problem(c.data, c.vectors, 10, 3);
  const FitOptions options{.c = 0.02};
  std::size_t ticks = 0;
  const auto choice = choose_fit(problem, options, [&] { ++ticks; });
  ASSERT_TRUE(choice);
  EXPECT_EQ(ticks, kTriedFits * options.folds);
  EXPECT_DOUBLE_EQ(choice->strengths[0].c, 0.02);
  EXPECT_DOUBLE_EQ(choice->strengths[0].score, choice->scores[static_cast<std::size_t>(choice->weighting)]);
  double best = 0.0;
  double chosen = 0.0;
  for (const FitChoice::Strength& strength : choice->strengths) {
    best = std::max(best, strength.score);
    if (strength.c == choice->c) chosen = strength.score;
    EXPECT_DOUBLE_EQ(
        strength.score,
        macro_f1_of(problem,
                    *out_of_fold_logits(problem, {.c = strength.c, .weighting = choice->weighting}, [] {})));
  }
  EXPECT_GE(chosen, best - 2 * 0.002);
}

}  // namespace
}  // namespace logsieve
