#include "training/fit/form_problem.h"

#include <algorithm>
#include <mutex>
#include <numeric>
#include <optional>
#include <utility>

#include "base/random.h"
#include "base/threads.h"
#include "encoder/sentence_encoder.h"
#include "training/fit/folds.h"
#include "training/fit/views.h"

namespace logsieve {
namespace {

constexpr double kClearlyBetter = 0.002;

std::vector<std::size_t> deal(const FormProblem& problem, std::size_t folds, std::uint64_t seed) {
  const std::vector<LabelId> labels(problem.y.begin(), problem.y.end());
  return form_folds(labels, problem.lines, std::clamp<std::size_t>(folds, 2, problem.size()), seed);
}

std::size_t argmax(std::span<const double> values) {
  return static_cast<std::size_t>(std::max_element(values.begin(), values.end()) - values.begin());
}

// Right, predicted and true weight of a class.
struct Tally {
  double right = 0.0;
  double predicted = 0.0;
  double support = 0.0;
};

double macro_f1(std::span<const Tally> tallies) {
  double sum = 0.0;
  for (const Tally& tally : tallies)
    if (tally.predicted + tally.support > 0) sum += 2 * tally.right / (tally.predicted + tally.support);
  return sum / static_cast<double>(tallies.size());
}

}  // namespace

std::span<const float> FormProblem::row(std::size_t i) const {
  return std::span<const float>(x).subspan(i * kDim, kDim);
}

FormProblem make_form_problem(const LabelledData& data, std::span<const float> vectors, std::size_t min_rows,
                              std::size_t min_forms, const SentenceEncoder* encoder) {
  std::vector<std::size_t> rows(data.labels.size());
  std::vector<std::size_t> forms(data.labels.size());
  for (const LabelledForm& form : data.forms) {
    rows[static_cast<std::size_t>(form.label)] += form.lines;
    ++forms[static_cast<std::size_t>(form.label)];
  }
  FormProblem problem;
  std::vector<std::int32_t> class_of(data.labels.size(), -1);
  for (std::size_t label = 0; label < rows.size(); ++label) {
    if (rows[label] < min_rows || forms[label] < std::max<std::size_t>(min_forms, 2)) continue;
    class_of[label] = static_cast<std::int32_t>(problem.labels.size());
    problem.labels.push_back(static_cast<LabelId>(label));
  }
  if (problem.labels.size() < 2) return {};
  for (std::size_t i = 0; i < data.forms.size(); ++i) {
    const std::int32_t y = class_of[static_cast<std::size_t>(data.forms[i].label)];
    if (y < 0) continue;
    problem.forms.push_back(i);
    problem.y.push_back(y);
    problem.lines.push_back(data.forms[i].lines);
    const auto vector = vectors.subspan(i * kDim, kDim);
    problem.x.insert(problem.x.end(), vector.begin(), vector.end());
    if (encoder == nullptr) continue;
    problem.words.resize(problem.size() * kWordDim);
    encoder->word_extremes(data.forms[i].text, std::span(problem.words).last(kWordDim));
    form_terms(data.forms[i].text, problem.terms.emplace_back());
  }
  return problem;
}

FormProblem subset(const FormProblem& problem, std::span<const std::size_t> rows) {
  FormProblem part;
  part.labels = problem.labels;
  part.x.reserve(rows.size() * kDim);
  for (const std::size_t row : rows) {
    part.forms.push_back(problem.forms[row]);
    part.y.push_back(problem.y[row]);
    part.lines.push_back(problem.lines[row]);
    const auto vector = problem.row(row);
    part.x.insert(part.x.end(), vector.begin(), vector.end());
    if (!problem.words.empty()) {
      const auto words = std::span<const float>(problem.words).subspan(row * kWordDim, kWordDim);
      part.words.insert(part.words.end(), words.begin(), words.end());
    }
    if (!problem.terms.empty()) part.terms.push_back(problem.terms[row]);
  }
  return part;
}

FormProblem sample(const FormProblem& problem, std::size_t wanted, std::uint64_t seed) {
  if (problem.size() <= wanted) return problem;
  const std::size_t parts = (problem.size() + wanted - 1) / wanted;
  const std::vector<std::size_t> part_of = deal(problem, parts, seed);
  std::vector<std::size_t> rows;
  std::vector<std::size_t> of_class(problem.classes());
  for (std::size_t i = 0; i < problem.size(); ++i) {
    const auto y = static_cast<std::size_t>(problem.y[i]);
    // A rare label keeps the two forms that it needs, wherever they were dealt.
    if (part_of[i] != 0 && of_class[y] >= 2) continue;
    rows.push_back(i);
    ++of_class[y];
  }
  return subset(problem, rows);
}

std::vector<std::size_t> problem_folds(const FormProblem& problem, const FitOptions& options) {
  return deal(problem, options.folds, options.seed);
}

FormProblem without_labels(const FormProblem& problem, std::span<const LabelId> labels) {
  const auto is_left_out = [&](std::int32_t y) {
    return std::binary_search(labels.begin(), labels.end(), problem.labels[static_cast<std::size_t>(y)]);
  };
  std::vector<std::size_t> rows;
  for (std::size_t i = 0; i < problem.size(); ++i)
    if (!is_left_out(problem.y[i])) rows.push_back(i);
  FormProblem part = subset(problem, rows);
  part.labels.clear();
  std::vector<std::int32_t> class_of(problem.classes(), -1);
  for (std::size_t k = 0; k < problem.classes(); ++k) {
    if (is_left_out(static_cast<std::int32_t>(k))) continue;
    class_of[k] = static_cast<std::int32_t>(part.labels.size());
    part.labels.push_back(problem.labels[k]);
  }
  if (part.classes() < 2) return {};
  for (std::int32_t& y : part.y) y = class_of[static_cast<std::size_t>(y)];
  return part;
}

std::string_view weighting_name(Weighting weighting) {
  constexpr std::array<std::string_view, kWeightings.size()> kNames = {"forms", "balanced forms", "lines"};
  return kNames[static_cast<std::size_t>(weighting)];
}

Result<std::vector<std::vector<double>>> out_of_fold_logits_of_each(const FormProblem& problem,
                                                                    std::span<const FitOptions> tried,
                                                                    const std::function<void()>& tick) {
  const std::vector<std::size_t> fold_of = problem_folds(problem, tried[0]);
  const std::size_t folds = 1 + *std::max_element(fold_of.begin(), fold_of.end());
  const std::size_t width = problem.views() * problem.classes();
  std::vector<std::vector<double>> logits(tried.size(), std::vector<double>(problem.size() * width));
  std::vector<std::optional<Error>> errors(tried.size() * folds);
  std::mutex ticking;
  // Whole fits share the threads: a few hundred forms are too few to be shared inside one.
  parallel_for(errors.size(), tried[0].threads, [&](std::size_t item, std::size_t) {
    const std::size_t fold = item % folds;
    FitOptions options = tried[item / folds];
    options.threads = std::max<std::size_t>(1, options.threads / errors.size());
    std::vector<std::size_t> rows;
    for (std::size_t i = 0; i < problem.size(); ++i)
      if (fold_of[i] != fold) rows.push_back(i);
    // Every class keeps a form: a label has at least two, and its forms are dealt to different folds.
    const auto models = fit_views(subset(problem, rows), options);
    if (!models) {
      errors[item] = models.error();
      return;
    }
    for (std::size_t i = 0; i < problem.size(); ++i)
      if (fold_of[i] == fold)
        view_logits(*models, problem, i, std::span<double>(logits[item / folds]).subspan(i * width, width));
    const std::lock_guard lock(ticking);
    tick();
  });
  for (const std::optional<Error>& error : errors)
    if (error) return *error;
  return logits;
}

Result<std::vector<double>> out_of_fold_logits(const FormProblem& problem, const FitOptions& options,
                                               const std::function<void()>& tick) {
  auto logits = out_of_fold_logits_of_each(problem, {&options, 1}, tick);
  if (!logits) return std::move(logits).error();
  return std::move(logits->front());
}

double macro_f1_of(const FormProblem& problem, std::span<const double> logits) {
  std::vector<Tally> by_lines(problem.classes());
  std::vector<Tally> by_forms(problem.classes());
  for (std::size_t i = 0; i < problem.size(); ++i) {
    const auto truth = static_cast<std::size_t>(problem.y[i]);
    const std::size_t answer = argmax(logits.subspan(i * problem.classes(), problem.classes()));
    for (auto* tallies : {&by_lines, &by_forms}) {
      const double weight = tallies == &by_lines ? static_cast<double>(problem.lines[i]) : 1.0;
      (*tallies)[truth].support += weight;
      (*tallies)[answer].predicted += weight;
      if (truth == answer) (*tallies)[truth].right += weight;
    }
  }
  return 0.5 * (macro_f1(by_lines) + macro_f1(by_forms));
}

Result<FitChoice> choose_fit(const FormProblem& problem, const FitOptions& options,
                             const std::function<void()>& tick) {
  const FormProblem part = sample(problem, kMostChoiceForms, options.seed);
  FitChoice choice;
  choice.c = options.c;
  double best = -1.0;
  // Scores of `tried`; the best so far, if clearly so, is handed to `take` with its number.
  const auto compare = [&](std::span<const FitOptions> tried,
                           const std::function<void(std::size_t, double)>& see,
                           const std::function<void(std::size_t)>& take) -> Result<void> {
    auto logits = out_of_fold_logits_of_each(part, tried, tick);
    if (!logits) return std::move(logits).error();
    for (std::size_t i = 0; i < tried.size(); ++i) {
      std::vector<double> pooled = pool((*logits)[i], part.classes(), part.views());
      const double scored = macro_f1_of(part, pooled);
      see(i, scored);
      if (scored <= best + kClearlyBetter) continue;
      best = scored;
      take(i);
      if (part.size() == problem.size()) choice.logits = std::move(pooled);
    }
    return ok();
  };
  std::vector<FitOptions> tried(kWeightings.size(), options);
  for (std::size_t i = 0; i < tried.size(); ++i) tried[i].weighting = kWeightings[i];
  auto compared = compare(
      tried,
      [&](std::size_t i, double scored) { choice.scores[static_cast<std::size_t>(kWeightings[i])] = scored; },
      [&](std::size_t i) { choice.weighting = kWeightings[i]; });
  if (!compared) return std::move(compared).error();
  choice.strengths[0] = {options.c, best};
  if (!options.tries_strengths) return choice;
  tried.assign(kTriedStrengths.size() - 1, options);
  for (std::size_t i = 0; i < tried.size(); ++i) {
    tried[i].weighting = choice.weighting;
    tried[i].c = options.c * kTriedStrengths[i + 1];
  }
  compared = compare(
      tried,
      [&](std::size_t i, double scored) {
        choice.strengths[i + 1] = {tried[i].c, scored};
      },
      [&](std::size_t i) { choice.c = tried[i].c; });
  if (!compared) return std::move(compared).error();
  return choice;
}

}  // namespace logsieve
