#include "training/fit/term_regression.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <map>
#include <utility>

#include "base/threads.h"
#include "training/fit/lbfgs.h"

namespace logsieve {
namespace {

constexpr std::size_t kBlockRows =
    1024;  // rows whose sums are kept apart, so that the bits do not depend on threads

// Parameters are [t + 1, classes]: a word's row lies together, the last row is the bias.
class SparseObjective {
 public:
  SparseObjective(std::vector<std::vector<TermValue>> rows, std::span<const std::int32_t> y,
                  std::size_t classes, std::size_t terms, std::span<const double> weights, double c,
                  std::size_t threads)
      : rows_(std::move(rows)),
        y_(y),
        classes_(classes),
        terms_(terms),
        weights_(weights),
        c_(c),
        threads_(std::max<std::size_t>(threads, 1)),
        partial_((rows_.size() + kBlockRows - 1) / kBlockRows) {
    for (Partial& partial : partial_) partial.gradient.resize(parameters());
  }

  std::size_t parameters() const { return (terms_ + 1) * classes_; }

  double evaluate(std::span<const double> at, std::span<double> gradient) {
    parallel_for(partial_.size(), threads_,
                 [&](std::size_t block, std::size_t) { evaluate_block(block, at); });
    std::fill(gradient.begin(), gradient.end(), 0.0);
    double value = 0.0;
    for (const Partial& partial : partial_) {
      value += partial.value;
      for (std::size_t i = 0; i < gradient.size(); ++i) gradient[i] += partial.gradient[i];
    }
    double squares = 0.0;
    for (std::size_t i = 0; i < gradient.size(); ++i) {
      gradient[i] *= c_;
      if (i >= terms_ * classes_) continue;  // the bias is not penalised
      gradient[i] += at[i];
      squares += at[i] * at[i];
    }
    return c_ * value + 0.5 * squares;
  }

 private:
  struct Partial {
    std::vector<double> gradient;
    double value = 0.0;
  };

  void evaluate_block(std::size_t block, std::span<const double> at) {
    Partial& partial = partial_[block];
    std::fill(partial.gradient.begin(), partial.gradient.end(), 0.0);
    partial.value = 0.0;
    std::vector<double> scores(classes_);
    for (std::size_t i = block * kBlockRows; i < std::min(rows_.size(), (block + 1) * kBlockRows); ++i) {
      std::copy_n(at.begin() + static_cast<std::ptrdiff_t>(terms_ * classes_), classes_, scores.begin());
      for (const TermValue& term : rows_[i])
        for (std::size_t k = 0; k < classes_; ++k) scores[k] += term.value * at[term.column * classes_ + k];
      partial.value += residual(i, scores);
      for (const TermValue& term : rows_[i])
        for (std::size_t k = 0; k < classes_; ++k)
          partial.gradient[term.column * classes_ + k] += term.value * scores[k];
      for (std::size_t k = 0; k < classes_; ++k) partial.gradient[terms_ * classes_ + k] += scores[k];
    }
  }

  // Turns scores of a row into s_i * (softmax - one-hot) and returns s_i * nll_i.
  double residual(std::size_t row, std::span<double> scores) const {
    const double top = *std::max_element(scores.begin(), scores.end());
    const auto truth = static_cast<std::size_t>(y_[row]);
    const double truth_score = scores[truth];
    double sum = 0.0;
    for (double& score : scores) {
      score = std::exp(score - top);
      sum += score;
    }
    for (double& score : scores) score *= weights_[row] / sum;
    scores[truth] -= weights_[row];
    return weights_[row] * (std::log(sum) + top - truth_score);
  }

  std::vector<std::vector<TermValue>> rows_;
  std::span<const std::int32_t> y_;
  std::size_t classes_;
  std::size_t terms_;
  std::span<const double> weights_;
  double c_;
  std::size_t threads_;
  std::vector<Partial> partial_;
};

TermModel vocabulary_of(std::span<const std::vector<FormTerm>> terms) {
  std::map<std::int32_t, std::size_t> rows_with;
  for (const std::vector<FormTerm>& row : terms)
    for (const FormTerm& term : row) ++rows_with[term.key];
  TermModel model;
  for (const auto& [key, rows] : rows_with) {
    model.keys.push_back(key);
    model.idf.push_back(static_cast<float>(
        std::log((1.0 + static_cast<double>(terms.size())) / (1.0 + static_cast<double>(rows))) + 1.0));
  }
  return model;
}

}  // namespace

Result<TermModel> fit_terms(std::span<const std::vector<FormTerm>> terms, std::span<const std::int32_t> y,
                            std::size_t classes, std::span<const double> weights,
                            const LogisticOptions& options) {
  assert(terms.size() == y.size());
  auto effective = effective_weights(y, classes, weights, options.is_balanced);
  if (!effective) return std::move(effective).error();
  TermModel model = vocabulary_of(terms);
  std::vector<std::vector<TermValue>> rows(terms.size());
  for (std::size_t i = 0; i < rows.size(); ++i) weigh_terms(terms[i], model.keys, model.idf, rows[i]);

  // Two classes are scikit-learn's binary form, as in fit_logistic.
  const bool is_binary = classes == 2;
  const double c = is_binary ? options.c / 2 : options.c;
  SparseObjective objective(std::move(rows), y, classes, model.keys.size(), *effective, c, options.threads);
  std::vector<double> parameters(objective.parameters(), 0.0);
  double total = 0.0;
  for (const double weight : *effective) total += weight;
  MinimizeOptions minimize_options;
  minimize_options.max_iterations = options.max_iterations;
  minimize_options.gradient_tolerance = options.tolerance * c * total;
  const MinimizeResult result =
      minimize([&](std::span<const double> at,
                   std::span<double> gradient) { return objective.evaluate(at, gradient); },
               parameters, minimize_options);

  LogisticModel& fitted = model.regression;
  fitted.dim = model.keys.size();
  fitted.classes = classes;
  fitted.objective = is_binary ? 2 * result.value : result.value;
  fitted.iterations = result.iterations;
  fitted.is_converged = result.is_converged;
  fitted.weights.resize(classes * fitted.dim);
  for (std::size_t k = 0; k < classes; ++k) {
    for (std::size_t t = 0; t < fitted.dim; ++t)
      fitted.weights[k * fitted.dim + t] = parameters[t * classes + k];
    fitted.bias.push_back(parameters[fitted.dim * classes + k]);
  }
  return model;
}

void term_scores(const TermModel& model, std::span<const FormTerm> terms, std::span<double> logits) {
  const LogisticModel& fitted = model.regression;
  assert(logits.size() == fitted.classes);
  std::vector<TermValue> row;
  weigh_terms(terms, model.keys, model.idf, row);
  for (std::size_t k = 0; k < fitted.classes; ++k) {
    logits[k] = fitted.bias[k];
    for (const TermValue& term : row) logits[k] += term.value * fitted.weights[k * fitted.dim + term.column];
  }
}

}  // namespace logsieve
