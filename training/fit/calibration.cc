#include "training/fit/calibration.h"

#include <algorithm>
#include <utility>

#include "training/fit/temperature.h"

namespace logsieve {
namespace {

constexpr double kPriorForms = 20.0;
constexpr float kLeastThreshold = 0.5F;
constexpr float kNeverAnswered = 2.0F;

// Error rate of the answers of all classes down to each rank, as the header says.
std::vector<double> pooled_error(std::span<const TopAnswer> ranked) {
  std::vector<double> out;
  double wrong = 0.0;
  double doubt = 0.0;
  for (std::size_t i = 0; i < ranked.size(); ++i) {
    const double seen = static_cast<double>(i + 1);
    wrong += ranked[i].is_right ? 0.0 : 1.0;
    doubt += 1.0 - ranked[i].probability;
    out.push_back((wrong + kPriorForms * doubt / seen) / (seen + kPriorForms));
  }
  return out;
}

std::vector<ScoredRow> rows_by_line(const FormProblem& problem, std::span<const TopAnswer> answers) {
  std::vector<ScoredRow> rows;
  for (std::size_t i = 0; i < problem.size(); ++i) {
    const auto label = [&](std::int32_t c) { return problem.labels[static_cast<std::size_t>(c)]; };
    const ScoredRow row{label(problem.y[i]), label(answers[i].answer), answers[i].probability, Tier::kModel};
    rows.insert(rows.end(), problem.lines[i], row);
  }
  return rows;
}

// Coverage and accuracy, by line, of answers at or above their class's threshold.
PrecisionChoice coverage_of(const FormProblem& problem, std::span<const TopAnswer> answers,
                            std::span<const float> thresholds, double precision) {
  double lines = 0.0;
  double covered = 0.0;
  double right = 0.0;
  for (std::size_t i = 0; i < problem.size(); ++i) {
    const TopAnswer& answer = answers[i];
    lines += static_cast<double>(problem.lines[i]);
    const float threshold = thresholds[static_cast<std::size_t>(answer.answer)];
    if (answer.probability < static_cast<double>(threshold)) continue;
    covered += static_cast<double>(problem.lines[i]);
    if (answer.is_right) right += static_cast<double>(problem.lines[i]);
  }
  return {precision, covered / lines, covered > 0 ? right / covered : 0.0};
}

}  // namespace

std::vector<TopAnswer> top_answers(const FormProblem& problem, std::span<const double> logits,
                                   double temperature) {
  std::vector<TopAnswer> out;
  std::vector<double> probabilities(problem.classes());
  for (std::size_t i = 0; i < problem.size(); ++i) {
    softmax(logits.subspan(i * problem.classes(), problem.classes()), temperature, probabilities);
    const auto best = std::max_element(probabilities.begin(), probabilities.end());
    const auto answer = static_cast<std::int32_t>(best - probabilities.begin());
    out.push_back({answer, *best, answer == problem.y[i]});
  }
  return out;
}

std::vector<float> choose_thresholds(std::span<const TopAnswer> answers, std::size_t classes,
                                     double precision) {
  std::vector<TopAnswer> ranked(answers.begin(), answers.end());
  std::stable_sort(ranked.begin(), ranked.end(),
                   [](const TopAnswer& a, const TopAnswer& b) { return a.probability > b.probability; });
  const std::vector<double> pooled = pooled_error(ranked);
  std::vector<float> thresholds(classes, kNeverAnswered);
  std::vector<double> seen(classes);
  std::vector<double> wrong(classes);
  for (std::size_t i = 0; i < ranked.size(); ++i) {
    const auto c = static_cast<std::size_t>(ranked[i].answer);
    seen[c] += 1.0;
    wrong[c] += ranked[i].is_right ? 0.0 : 1.0;
    // A threshold takes all answers of equal probability or none.
    if (i + 1 < ranked.size() && ranked[i + 1].probability == ranked[i].probability) continue;
    // Every class is looked at, not only the one that answered: a class whose answers all lie near 1 has shown
    // nothing against lower ones.
    for (std::size_t k = 0; k < classes; ++k) {
      const double error = (wrong[k] + kPriorForms * pooled[i]) / (seen[k] + kPriorForms);
      if (error <= 1.0 - precision) thresholds[k] = static_cast<float>(ranked[i].probability);
    }
  }
  for (float& threshold : thresholds) threshold = std::max(threshold, kLeastThreshold);
  return thresholds;
}

Result<Calibration> calibrate(const FormProblem& problem, std::span<const double> logits, double precision) {
  auto temperature = fit_temperature({logits, problem.classes(), problem.y});
  if (!temperature) return std::move(temperature).error();
  Calibration calibration;
  calibration.temperature = *temperature;
  const std::vector<TopAnswer> answers = top_answers(problem, logits, *temperature);
  calibration.thresholds = choose_thresholds(answers, problem.classes(), precision);
  const std::vector<ScoredRow> rows = rows_by_line(problem, answers);
  calibration.scores = score(rows);
  calibration.confusions = confusions(rows);
  const Scores before = score(rows_by_line(problem, top_answers(problem, logits, 1.0)));
  calibration.ece_before = before.ece;
  calibration.brier_before = before.brier;
  const auto right =
      std::count_if(answers.begin(), answers.end(), [](const TopAnswer& a) { return a.is_right; });
  calibration.form_accuracy = static_cast<double>(right) / static_cast<double>(answers.size());
  const PrecisionChoice chosen = coverage_of(problem, answers, calibration.thresholds, precision);
  calibration.coverage = chosen.coverage;
  calibration.covered_accuracy = chosen.covered_accuracy;
  for (const double other : kOtherPrecisions)
    calibration.choices.push_back(
        coverage_of(problem, answers, choose_thresholds(answers, problem.classes(), other), other));
  return calibration;
}

}  // namespace logsieve
