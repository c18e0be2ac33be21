#include "training/fit/tier_choice.h"

#include <algorithm>
#include <cmath>

#include "base/threads.h"
#include "head/dot.h"

namespace logsieve {
namespace {

constexpr double kRisk = 0.05;

// P(at least `successes` of `trials`) where either is as likely.
double sign_test(std::size_t successes, std::size_t trials) {
  const auto n = static_cast<double>(trials);
  double sum = 0.0;
  for (std::size_t i = successes; i <= trials; ++i) {
    const auto k = static_cast<double>(i);
    sum += std::exp(std::lgamma(n + 1) - std::lgamma(k + 1) - std::lgamma(n - k + 1) - n * std::log(2.0));
  }
  return sum;
}

// Class of the nearest form outside each form's own fold.
std::vector<std::int32_t> nearest_classes(const FormProblem& problem, const std::vector<std::size_t>& fold_of,
                                          std::size_t threads) {
  std::vector<std::int32_t> classes(problem.size());
  parallel_for(problem.size(), threads, [&](std::size_t i, std::size_t) {
    std::vector<float> similarities(problem.size());
    dots(problem.row(i), problem.x, kDim, similarities);
    float best = -2.0F;
    for (std::size_t j = 0; j < problem.size(); ++j) {
      if (fold_of[j] == fold_of[i] || similarities[j] <= best) continue;
      best = similarities[j];
      classes[i] = problem.y[j];
    }
  });
  return classes;
}

double f1_of(const FormProblem& problem, std::span<const std::int32_t> answers, std::int32_t label) {
  std::size_t right = 0;
  std::size_t all = 0;
  for (std::size_t i = 0; i < answers.size(); ++i) {
    all += (answers[i] == label ? 1U : 0U) + (problem.y[i] == label ? 1U : 0U);
    right += answers[i] == label && problem.y[i] == label ? 1U : 0U;
  }
  return all == 0 ? 0.0 : 2.0 * static_cast<double>(right) / static_cast<double>(all);
}

}  // namespace

std::vector<TierTrial> try_tiers(const FormProblem& problem, std::span<const double> logits,
                                 const FitOptions& options) {
  const std::vector<std::int32_t> nearest =
      nearest_classes(problem, problem_folds(problem, options), options.threads);
  std::vector<std::int32_t> regression;
  for (std::size_t i = 0; i < problem.size(); ++i) {
    const auto row = logits.subspan(i * problem.classes(), problem.classes());
    regression.push_back(static_cast<std::int32_t>(std::max_element(row.begin(), row.end()) - row.begin()));
  }
  std::vector<TierTrial> trials(problem.classes());
  for (std::size_t k = 0; k < trials.size(); ++k) {
    TierTrial& trial = trials[k];
    const auto label = static_cast<std::int32_t>(k);
    trial.label = problem.labels[k];
    trial.regression_f1 = f1_of(problem, regression, label);
    trial.nearest_f1 = f1_of(problem, nearest, label);
    for (std::size_t i = 0; i < problem.size(); ++i) {
      if (problem.y[i] != label) continue;
      ++trial.forms;
      trial.only_regression += regression[i] == label && nearest[i] != label ? 1U : 0U;
      trial.only_nearest += nearest[i] == label && regression[i] != label ? 1U : 0U;
    }
    trial.is_for_prototypes =
        trial.nearest_f1 > trial.regression_f1 &&
        sign_test(trial.only_nearest, trial.only_nearest + trial.only_regression) <= kRisk;
  }
  return trials;
}

}  // namespace logsieve
