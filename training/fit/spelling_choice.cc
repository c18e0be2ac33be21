#include "training/fit/spelling_choice.h"

#include <algorithm>
#include <cmath>
#include <string_view>
#include <utility>
#include <vector>

#include "training/fit/temperature.h"
#include "training/fit/views.h"

namespace logsieve {
namespace {

constexpr double kClearlyBetter = 0.002;

// The rows of one fold.
struct Part {
  std::vector<std::size_t> rows;
  FormProblem problem;      // without what is fitted to
  std::size_t classes = 0;  // that the rows have

  std::vector<double> of(std::span<const double> logits, std::size_t width) const {
    std::vector<double> out;
    for (const std::size_t row : rows) {
      const auto of_row = logits.subspan(row * width, width);
      out.insert(out.end(), of_row.begin(), of_row.end());
    }
    return out;
  }
  // Classes that the rows do not have are no part of it.
  double score(std::span<const double> logits) const {
    return macro_f1_of(problem, logits) * static_cast<double>(problem.classes()) /
           static_cast<double>(classes);
  }
};

Part part_of(const FormProblem& problem, std::span<const std::size_t> fold_of, std::size_t fold) {
  Part part;
  part.problem.labels = problem.labels;
  std::vector<bool> is_there(problem.classes(), false);
  for (std::size_t row = 0; row < problem.size(); ++row) {
    if (fold_of[row] != fold) continue;
    part.rows.push_back(row);
    part.problem.y.push_back(problem.y[row]);
    part.problem.lines.push_back(problem.lines[row]);
    is_there[static_cast<std::size_t>(problem.y[row])] = true;
  }
  part.classes = static_cast<std::size_t>(std::count(is_there.begin(), is_there.end(), true));
  return part;
}

FoldGain gain_of(std::span<const double> gains) {
  FoldGain gain;
  const auto count = static_cast<double>(gains.size());
  for (const double of_fold : gains) gain.mean += of_fold / count;
  double squares = 0.0;
  for (const double of_fold : gains) squares += (of_fold - gain.mean) * (of_fold - gain.mean);
  if (gains.size() > 1) gain.error = std::sqrt(squares / (count - 1.0) / count);
  return gain;
}

bool is_clearly_better(const SpellingScore& score) {
  return score.loss_gain.is_clear() && score.score_gain.mean > score.score_gain.error + kClearlyBetter;
}

Result<std::vector<double>> pooled_logits(const FormProblem& problem, const FitOptions& fit,
                                          const std::function<void()>& tick) {
  auto logits = out_of_fold_logits(problem, fit, tick);
  if (!logits) return logits;
  return pool(*logits, problem.classes(), problem.views());
}

}  // namespace

Result<FormProblem> respelled(FormProblem problem, const LabelledData& data, Spelling spelling,
                              FormReader& reader) {
  std::vector<std::string_view> forms;
  for (const std::size_t form : problem.forms) forms.push_back(data.forms[form].text);
  auto vectors = reader.vectors(forms, spelling);
  if (!vectors) return std::move(vectors).error();
  problem.x = std::move(*vectors);
  if (problem.words.empty()) return problem;
  for (std::size_t i = 0; i < problem.size(); ++i)
    reader.encoder(spelling).word_extremes(forms[i],
                                           std::span(problem.words).subspan(i * kWordDim, kWordDim));
  return problem;
}

Result<SpellingScore> score_beside(const FormProblem& problem, std::span<const std::size_t> fold_of,
                                   std::span<const double> plain, std::span<const double> logits) {
  const auto temperature = fit_temperature({logits, problem.classes(), problem.y});
  if (!temperature) return Error(temperature.error());
  const auto plain_temperature = fit_temperature({plain, problem.classes(), problem.y});
  if (!plain_temperature) return Error(plain_temperature.error());
  SpellingScore score;
  score.score = macro_f1_of(problem, logits);
  score.log_loss = mean_nll({logits, problem.classes(), problem.y}, *temperature);
  std::vector<double> score_gains;
  std::vector<double> loss_gains;
  const std::size_t folds = 1 + *std::max_element(fold_of.begin(), fold_of.end());
  for (std::size_t fold = 0; fold < folds; ++fold) {
    const Part part = part_of(problem, fold_of, fold);
    if (part.rows.empty()) continue;
    const std::vector<double> ours = part.of(logits, problem.classes());
    const std::vector<double> theirs = part.of(plain, problem.classes());
    score_gains.push_back(part.score(ours) - part.score(theirs));
    const auto loss = [&](const std::vector<double>& of_part, double at) {
      return mean_nll({of_part, problem.classes(), part.problem.y}, at);
    };
    loss_gains.push_back(loss(theirs, *plain_temperature) - loss(ours, *temperature));
  }
  score.score_gain = gain_of(score_gains);
  score.loss_gain = gain_of(loss_gains);
  return score;
}

Result<SpellingChoice> choose_spelling(const LabelledData& data, const FormProblem& problem,
                                       std::span<const double> plain_logits, const FitOptions& fit,
                                       FormReader& reader, const std::function<void()>& tick) {
  const FormProblem part = sample(problem, kMostSpellingForms, fit.seed);
  const std::vector<std::size_t> fold_of = problem_folds(part, fit);
  std::vector<double> plain(plain_logits.begin(), plain_logits.end());
  if (plain.size() != part.size() * part.classes()) {
    auto made = pooled_logits(part, fit, tick);
    if (!made) return std::move(made).error();
    plain = std::move(*made);
  }
  SpellingChoice choice;
  choice.forms = part.size();
  double best = 0.0;
  for (std::size_t i = 0; i < kSpellings.size(); ++i) {
    std::vector<double> logits = plain;
    if (kSpellings[i] != Spelling::kWords) {
      auto other = respelled(part, data, kSpellings[i], reader);
      if (!other) return std::move(other).error();
      auto made = pooled_logits(*other, fit, tick);
      if (!made) return std::move(made).error();
      logits = std::move(*made);
    }
    auto score = score_beside(part, fold_of, plain, logits);
    if (!score) return std::move(score).error();
    choice.scores[i] = *score;
    if (!is_clearly_better(*score) || score->score_gain.mean <= best) continue;
    best = score->score_gain.mean;
    choice.spelling = kSpellings[i];
  }
  return choice;
}

}  // namespace logsieve
