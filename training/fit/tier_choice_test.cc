#include "training/fit/tier_choice.h"

#include <gtest/gtest.h>
#include <vector>

#include "training/fit/clusters_test_data.h"

namespace logsieve {
namespace {

using fit_test::make_clusters;

// Logits of a regression that is right but for the forms of class `wrong`, of which it gets every `kept`-th.
std::vector<double> logits_of(const FormProblem& problem, std::int32_t wrong, std::size_t kept) {
  std::vector<double> logits(problem.size() * problem.classes());
  std::size_t seen = 0;
  for (std::size_t i = 0; i < problem.size(); ++i) {
    const bool is_right = problem.y[i] != wrong || seen++ % kept == 0;
    const auto answer = static_cast<std::size_t>(is_right ? problem.y[i] : (problem.y[i] + 1) % 2);
    logits[i * problem.classes() + answer] = 1.0;
  }
  return logits;
}

FormProblem problem_of(std::size_t forms_of_b) {
  const auto c = make_clusters({{"A", 60, 1}, {"B", forms_of_b, 4}}, 0.4, 31);
  return make_form_problem(c.data, c.vectors, 10, 3);
}

TEST(TryTiers, GivesALabelToThePrototypesThatAreClearlyBetter) {
  const FormProblem problem = problem_of(12);
  const auto trials = try_tiers(problem, logits_of(problem, 1, 2), {});
  ASSERT_EQ(trials.size(), 2U);
  EXPECT_FALSE(trials[0].is_for_prototypes);
  EXPECT_EQ(trials[1].forms, 12U);
  EXPECT_EQ(trials[1].only_nearest, 6U);
  EXPECT_EQ(trials[1].only_regression, 0U);
  EXPECT_DOUBLE_EQ(trials[1].regression_f1, 12.0 / 18.0);
  EXPECT_DOUBLE_EQ(trials[1].nearest_f1, 1.0);
  EXPECT_TRUE(trials[1].is_for_prototypes) << "6 of 6: 1 / 64 by chance";
}

TEST(TryTiers, KeepsALabelOfWhichTooFewFormsTell) {
  const FormProblem problem = problem_of(4);
  const auto trials = try_tiers(problem, logits_of(problem, 1, 4), {});
  EXPECT_EQ(trials[1].only_nearest, 3U);
  EXPECT_GT(trials[1].nearest_f1, trials[1].regression_f1);
  EXPECT_FALSE(trials[1].is_for_prototypes) << "3 of 3: 1 / 8 by chance";
}

TEST(TryTiers, KeepsALabelThatTheRegressionKnowsAsWell) {
  const FormProblem problem = problem_of(12);
  for (const TierTrial& trial : try_tiers(problem, logits_of(problem, 1, 1), {}))
    EXPECT_FALSE(trial.is_for_prototypes);
}

}  // namespace
}  // namespace logsieve
