#include "training/fit/views.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <utility>

#include "encoder/sentence_encoder.h"

namespace logsieve {
namespace {

// At this tolerance probabilities are within 2e-3 of the exact minimum: below what calibration resolves, in a
// third of the iterations of 1e-6.
constexpr double kFitTolerance = 1e-4;

std::vector<double> row_weights(const FormProblem& problem, Weighting weighting) {
  std::vector<double> weights(problem.size(), 1.0);
  if (weighting == Weighting::kLines)
    for (std::size_t i = 0; i < weights.size(); ++i)
      weights[i] = static_cast<double>(std::min(problem.lines[i], kMostLines));
  return weights;
}

LogisticOptions logistic_options(const FitOptions& options) {
  return {.c = options.c,
          .is_balanced = options.weighting == Weighting::kBalancedForms,
          .tolerance = kFitTolerance,
          .threads = options.threads};
}

// Mean of the rows, and the root of their mean squared distance from it.
struct Scaling {
  std::vector<double> mean;
  double length = 0.0;
};

Scaling scaling_of(std::span<const float> rows, std::size_t dim) {
  Scaling scaling;
  scaling.mean.assign(dim, 0.0);
  const std::size_t vectors = rows.size() / dim;
  const auto count = static_cast<double>(vectors);
  for (std::size_t i = 0; i < rows.size(); ++i) scaling.mean[i % dim] += static_cast<double>(rows[i]) / count;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const double off = static_cast<double>(rows[i]) - scaling.mean[i % dim];
    scaling.length += off * off / count;
  }
  scaling.length = std::sqrt(scaling.length);
  if (!(scaling.length > 0)) scaling.length = 1.0;  // all rows alike
  return scaling;
}

// A regression on rows moved to mean 0 and mean squared length 1, which is what C is chosen for, said of the rows
// themselves.
Result<LogisticModel> fit_words(const FormProblem& problem, std::span<const double> weights,
                                const LogisticOptions& options) {
  const Scaling scaling = scaling_of(problem.words, kWordDim);
  std::vector<float> rows(problem.words.size());
  for (std::size_t i = 0; i < rows.size(); ++i)
    rows[i] = static_cast<float>((static_cast<double>(problem.words[i]) - scaling.mean[i % kWordDim]) /
                                 scaling.length);
  auto model = fit_logistic({rows, kWordDim, problem.y, problem.classes(), weights}, options);
  if (!model) return model;
  for (std::size_t k = 0; k < model->classes; ++k)
    for (std::size_t d = 0; d < kWordDim; ++d) {
      double& weight = model->weights[k * kWordDim + d];
      weight /= scaling.length;
      model->bias[k] -= weight * scaling.mean[d];
    }
  return model;
}

}  // namespace

Result<LogisticModel> fit_forms(const FormProblem& problem, const FitOptions& options) {
  return fit_logistic(
      {problem.x, kDim, problem.y, problem.classes(), row_weights(problem, options.weighting)},
      logistic_options(options));
}

Result<ViewModels> fit_views(const FormProblem& problem, const FitOptions& options) {
  ViewModels models;
  auto sentence = fit_forms(problem, options);
  if (!sentence) return std::move(sentence).error();
  models.sentence = std::move(*sentence);
  const std::vector<double> weights = row_weights(problem, options.weighting);
  if (!problem.words.empty()) {
    auto words = fit_words(problem, weights, logistic_options(options));
    if (!words) return std::move(words).error();
    models.words = std::move(*words);
  }
  if (!problem.terms.empty()) {
    auto terms = fit_terms(problem.terms, problem.y, problem.classes(), weights, logistic_options(options));
    if (!terms) return std::move(terms).error();
    models.terms = std::move(*terms);
  }
  return models;
}

void view_logits(const ViewModels& models, const FormProblem& problem, std::size_t row,
                 std::span<double> logits) {
  const std::size_t classes = models.sentence.classes;
  assert(logits.size() == models.views() * classes);
  logistic_scores(models.sentence, problem.row(row), logits.first(classes));
  if (models.words)
    logistic_scores(*models.words, std::span<const float>(problem.words).subspan(row * kWordDim, kWordDim),
                    logits.subspan(classes, classes));
  if (models.terms) term_scores(*models.terms, problem.terms[row], logits.last(classes));
}

std::vector<double> pool(std::span<const double> logits, std::size_t classes, std::size_t views) {
  const double share = 1.0 / static_cast<double>(views);
  std::vector<double> out(logits.size() / views);
  for (std::size_t i = 0; i < out.size(); ++i) {
    const std::size_t row = i / classes;
    for (std::size_t v = 0; v < views; ++v)
      out[i] += share * logits[(row * views + v) * classes + i % classes];
  }
  return out;
}

SoftmaxParameters pooled_parameters(const ViewModels& models) {
  SoftmaxParameters parameters;
  parameters.dim = models.sentence.dim;
  const double share = 1.0 / static_cast<double>(models.views());
  std::vector<double> bias(models.sentence.classes);
  const auto scaled = [&](const LogisticModel& model) {
    std::vector<float> out;
    for (const double value : model.weights) out.push_back(static_cast<float>(share * value));
    for (std::size_t k = 0; k < bias.size(); ++k) bias[k] += share * model.bias[k];
    return out;
  };
  parameters.weights = scaled(models.sentence);
  if (models.words) parameters.word_weights = scaled(*models.words);
  if (models.terms) {
    parameters.term_weights = scaled(models.terms->regression);
    parameters.term_keys = models.terms->keys;
    parameters.term_idf = models.terms->idf;
  }
  parameters.bias.assign(bias.begin(), bias.end());
  return parameters;
}

}  // namespace logsieve
