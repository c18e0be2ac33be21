#include "training/fit/views.h"

#include <algorithm>
#include <cmath>
#include <gtest/gtest.h>

namespace logsieve {
namespace {

std::vector<FormTerm> terms_of(std::string_view form) {
  std::vector<FormTerm> terms;
  form_terms(form, terms);
  return terms;
}

const std::vector<std::vector<FormTerm>> kRows = {terms_of("disk full"),  terms_of("disk broken"),
                                                  terms_of("user login"), terms_of("user logout"),
                                                  terms_of("disk user"),  terms_of("login failed")};
const std::vector<std::int32_t> kClasses = {0, 0, 1, 1, 2, 2};

// The dense regression on the same rows is checked against scikit-learn.
TEST(FitTerms, EqualsTheDenseRegressionOnTheSameRows) {
  const LogisticOptions options{.c = 10.0, .is_balanced = true, .tolerance = 1e-9, .max_iterations = 5000};
  const auto sparse = fit_terms(kRows, kClasses, 3, {}, options);
  ASSERT_TRUE(sparse);
  ASSERT_TRUE(sparse->regression.is_converged);
  const std::size_t dim = sparse->keys.size();
  EXPECT_EQ(dim, 7U);
  std::vector<float> x(kRows.size() * dim);
  std::vector<TermValue> row;
  for (std::size_t i = 0; i < kRows.size(); ++i) {
    weigh_terms(kRows[i], sparse->keys, sparse->idf, row);
    for (const TermValue& term : row) x[i * dim + term.column] = static_cast<float>(term.value);
  }
  const auto dense = fit_logistic({x, dim, kClasses, 3}, options);
  ASSERT_TRUE(dense);
  EXPECT_NEAR(sparse->regression.objective, dense->objective, 1e-5);
  std::vector<double> logits(3);
  std::vector<double> expected(3);
  for (std::size_t i = 0; i < kRows.size(); ++i) {
    term_scores(*sparse, kRows[i], logits);
    logistic_scores(*dense, std::span<const float>(x).subspan(i * dim, dim), expected);
    for (std::size_t k = 0; k < 3; ++k) EXPECT_NEAR(logits[k], expected[k], 1e-4);
  }
}

TEST(FitTerms, DoesNotDependOnThreads) {
  std::vector<std::vector<FormTerm>> rows;
  std::vector<std::int32_t> y;
  for (int i = 0; i < 3000; ++i) {
    rows.push_back(kRows[static_cast<std::size_t>(i) % kRows.size()]);
    y.push_back(kClasses[static_cast<std::size_t>(i) % kRows.size()]);
  }
  const auto one = fit_terms(rows, y, 3, {}, {.threads = 1});
  const auto three = fit_terms(rows, y, 3, {}, {.threads = 3});
  ASSERT_TRUE(one);
  ASSERT_TRUE(three);
  EXPECT_EQ(one->regression.weights, three->regression.weights);
}

TEST(FitTerms, IdfIsSmoothed) {
  const auto model = fit_terms(kRows, kClasses, 3, {}, {});
  ASSERT_TRUE(model);
  const std::int32_t disk = terms_of("disk")[0].key;
  const auto place = std::lower_bound(model->keys.begin(), model->keys.end(), disk) - model->keys.begin();
  EXPECT_NEAR(model->idf[static_cast<std::size_t>(place)], std::log(7.0 / 4.0) + 1.0, 1e-6);
}

TEST(Pool, IsTheMeanOfTheViews) {
  // [2 forms, 3 views, 2 classes]
  const std::vector<double> logits = {1, 2, 3, 4, 5, 6, -1, 0, 0, 3, 2, 0};
  const auto pooled = pool(logits, 2, 3);
  const std::vector<double> expected = {3, 4, 1.0 / 3, 1};
  ASSERT_EQ(pooled.size(), expected.size());
  for (std::size_t i = 0; i < expected.size(); ++i) EXPECT_NEAR(pooled[i], expected[i], 1e-12);
  EXPECT_EQ(pool(logits, 2, 1), logits) << "one view is itself";
}

FormProblem problem_of_rows(bool has_words) {
  FormProblem problem;
  problem.labels = {0, 1, 2};
  problem.y = kClasses;
  problem.lines.assign(kRows.size(), 1);
  problem.terms = kRows;
  for (std::size_t i = 0; i < kRows.size(); ++i) {
    for (std::size_t d = 0; d < kDim; ++d)
      problem.x.push_back(static_cast<float>(std::sin(static_cast<double>((i + 1) * (d + 3)))) / 14.0F);
    for (std::size_t d = 0; has_words && d < kWordDim; ++d)
      problem.words.push_back(static_cast<float>(std::cos(static_cast<double>((i + 2) * (d + 1)))) * 0.05F +
                              0.1F);
  }
  return problem;
}

// The head of pooled models answers what the models' pooled logits say.
TEST(PooledParameters, GiveTheLogitsOfThePool) {
  for (const bool has_words : {true, false}) {
    const FormProblem problem = problem_of_rows(has_words);
    const auto models = fit_views(problem, {});
    ASSERT_TRUE(models);
    EXPECT_EQ(models->views(), has_words ? 3U : 2U);
    SoftmaxParameters parameters = pooled_parameters(*models);
    parameters.labels = problem.labels;
    parameters.thresholds.assign(3, 0.5F);
    const auto head = SoftmaxHead::create(std::move(parameters));
    ASSERT_TRUE(head);
    const std::vector<std::string_view> texts = {"disk full",   "disk broken", "user login",
                                                 "user logout", "disk user",   "login failed"};
    std::vector<double> of_views(3 * models->views());
    std::vector<double> logits(3);
    for (std::size_t i = 0; i < kRows.size(); ++i) {
      view_logits(*models, problem, i, of_views);
      const auto pooled = pool(of_views, 3, models->views());
      std::span<const float> words = problem.words;
      if (has_words) words = words.subspan(i * kWordDim, kWordDim);
      head->logits({problem.row(i), words, texts[i]}, logits);
      for (std::size_t k = 0; k < 3; ++k) EXPECT_NEAR(logits[k], pooled[k], 1e-4);
    }
  }
}

}  // namespace
}  // namespace logsieve
