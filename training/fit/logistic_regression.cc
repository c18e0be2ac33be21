#include "training/fit/logistic_regression.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <string>

#include "training/fit/lbfgs.h"
#include "training/fit/logistic_objective.h"

namespace logsieve {
namespace {

Error invalid(std::string message) {
  return Error{ErrorCode::kInvalidArgument, "logistic regression: " + std::move(message)};
}

Result<void> check(const LogisticProblem& p, const LogisticOptions& options) {
  if (p.classes < 2) return invalid("needs at least two classes");
  if (p.y.empty()) return invalid("no rows");
  if (p.x.size() != p.y.size() * p.dim) return invalid("the matrix does not have a row a label");
  if (!p.weights.empty() && p.weights.size() != p.y.size()) return invalid("not one weight a row");
  if (!(options.c > 0) || !std::isfinite(options.c)) return invalid("C must be a positive number");
  if (!std::all_of(p.x.begin(), p.x.end(), [](float value) { return std::isfinite(value); }))
    return invalid("a feature is not a finite number");
  if (!std::all_of(p.weights.begin(), p.weights.end(),
                   [](double weight) { return weight >= 0 && std::isfinite(weight); }))
    return invalid("a weight is not a number from 0 up");
  if (std::any_of(p.y.begin(), p.y.end(), [&](std::int32_t label) {
        return label < 0 || static_cast<std::size_t>(label) >= p.classes;
      }))
    return invalid("a class is out of range");
  return ok();
}

}  // namespace

Result<std::vector<double>> effective_weights(std::span<const std::int32_t> y, std::size_t classes,
                                              std::span<const double> given, bool is_balanced) {
  std::vector<double> weights(given.begin(), given.end());
  if (weights.empty()) weights.assign(y.size(), 1.0);
  std::vector<double> of_class(classes);
  double total = 0.0;
  for (std::size_t i = 0; i < weights.size(); ++i) {
    of_class[static_cast<std::size_t>(y[i])] += weights[i];
    total += weights[i];
  }
  if (const auto empty = std::find(of_class.begin(), of_class.end(), 0.0); empty != of_class.end())
    return invalid("class " + std::to_string(empty - of_class.begin()) + " has no rows of any weight");
  if (!is_balanced) return weights;
  for (std::size_t i = 0; i < weights.size(); ++i)
    weights[i] *= total / (static_cast<double>(classes) * of_class[static_cast<std::size_t>(y[i])]);
  return weights;
}

Result<LogisticModel> fit_logistic(const LogisticProblem& problem, const LogisticOptions& options) {
  if (auto checked = check(problem, options); !checked) return std::move(checked).error();
  auto weights = effective_weights(problem.y, problem.classes, problem.weights, options.is_balanced);
  if (!weights) return std::move(weights).error();
  double total = 0.0;
  for (const double weight : *weights) total += weight;

  const bool is_binary = problem.classes == 2;
  const double c = is_binary ? options.c / 2 : options.c;
  LogisticObjective objective(problem, *weights, c, options.threads);
  std::vector<double> parameters(objective.parameters(), 0.0);
  MinimizeOptions minimize_options;
  minimize_options.max_iterations = options.max_iterations;
  minimize_options.gradient_tolerance = options.tolerance * c * total;
  const MinimizeResult result =
      minimize([&](std::span<const double> at,
                   std::span<double> gradient) { return objective.evaluate(at, gradient); },
               parameters, minimize_options);

  LogisticModel model;
  model.dim = problem.dim;
  model.classes = problem.classes;
  objective.unpack(parameters, model.weights, model.bias);
  model.objective = is_binary ? 2 * result.value : result.value;
  model.iterations = result.iterations;
  model.is_converged = result.is_converged;
  return model;
}

void logistic_scores(const LogisticModel& model, std::span<const float> x, std::span<double> logits) {
  assert(x.size() == model.dim && logits.size() == model.classes);
  for (std::size_t k = 0; k < model.classes; ++k) {
    double sum = model.bias[k];
    for (std::size_t d = 0; d < model.dim; ++d)
      sum += model.weights[k * model.dim + d] * static_cast<double>(x[d]);
    logits[k] = sum;
  }
}

}  // namespace logsieve
