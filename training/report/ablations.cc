#include "training/report/ablations.h"

#include <algorithm>
#include <array>
#include <functional>
#include <string_view>
#include <utility>

#include "training/fit/calibration.h"
#include "training/fit/form_problem.h"
#include "training/fit/temperature.h"
#include "training/fit/views.h"

namespace logsieve {
namespace {

constexpr auto kNoTick = [] {};

std::string_view name_of(Weighting weighting) {
  constexpr std::array<std::string_view, kWeightings.size()> kNames = {
      "every form counts the same", "every label counts the same, shared by its forms",
      "a form counts as often as it occurs, up to 100 times"};
  return kNames[static_cast<std::size_t>(weighting)];
}

std::string_view name_of(Spelling spelling) {
  constexpr std::array<std::string_view, kSpellings.size()> kNames = {
      "placeholders read as plain words: number", "placeholders read as bare tags: <number>",
      "placeholders left out where the encoder reads"};
  return kNames[static_cast<std::size_t>(spelling)];
}

FormProblem without_words(FormProblem problem) {
  problem.words.clear();
  return problem;
}

FormProblem without_terms(FormProblem problem) {
  problem.terms.clear();
  return problem;
}

FormProblem with_pairs(FormProblem problem, const LabelledData& data) {
  for (std::size_t i = 0; i < problem.size(); ++i)
    form_terms(data.forms[problem.forms[i]].text, problem.terms[i], TermKinds::kWordsAndPairs);
  return problem;
}

// The first line of each form as it was written, in place of the form.
Result<FormProblem> with_raw_text(FormProblem problem, const LabelledData& data,
                                  const TrainOptions& options) {
  std::vector<std::string_view> first(data.forms.size());
  for (std::size_t i = data.lines.size(); i-- > 0;) first[data.lines[i].form] = data.lines[i].message;
  std::vector<std::string_view> texts;
  for (const std::size_t form : problem.forms) texts.push_back(first[form]);
  if (auto encoded = options.encoder->encode(texts, problem.x, options.threads); !encoded)
    return std::move(encoded).error();
  for (std::size_t i = 0; i < problem.size(); ++i) {
    options.encoder->word_extremes(texts[i], std::span(problem.words).subspan(i * kWordDim, kWordDim));
    form_terms(texts[i], problem.terms[i]);
  }
  return problem;
}

class Trials {
 public:
  Trials(FitOptions fit, double precision) : fit_(fit), precision_(precision) {}

  // The first row: the weighting that training would take at this strength. The others' logits are kept for rows of
  // their own.
  Result<void> begin(const FormProblem& problem) {
    std::vector<FitOptions> tried(kWeightings.size(), fit_);
    for (std::size_t i = 0; i < tried.size(); ++i) tried[i].weighting = kWeightings[i];
    auto logits = out_of_fold_logits_of_each(problem, tried, kNoTick);
    if (!logits) return std::move(logits).error();
    std::size_t best = 0;
    std::vector<double> scores;
    for (std::size_t i = 0; i < tried.size(); ++i) {
      of_weighting_[i] = pool((*logits)[i], problem.classes(), problem.views());
      scores.push_back(macro_f1_of(problem, of_weighting_[i]));
      if (scores[i] > scores[best]) best = i;
    }
    fit_.weighting = kWeightings[best];
    return judge("the whole model", problem, of_weighting_[best]);
  }

  Result<void> weigh_otherwise(const FormProblem& problem) {
    for (std::size_t i = 0; i < kWeightings.size(); ++i) {
      if (kWeightings[i] == fit_.weighting) continue;
      if (auto done = judge(name_of(kWeightings[i]), problem, of_weighting_[i]); !done) return done;
    }
    return ok();
  }

  Result<void> run(std::string_view name, const FormProblem& problem) {
    auto logits = out_of_fold_logits(problem, fit_, kNoTick);
    if (!logits) return std::move(logits).error();
    return judge(name, problem, pool(*logits, problem.classes(), problem.views()));
  }

  std::vector<Ablation> take() { return std::move(rows_); }

 private:
  Result<void> judge(std::string_view name, const FormProblem& problem, std::span<const double> logits) {
    auto calibration = calibrate(problem, logits, precision_);
    if (!calibration) return std::move(calibration).error();
    const double temperature = calibration->temperature;
    Ablation row{std::string(name),
                 calibration->scores.accuracy,
                 calibration->scores.macro_f1,
                 calibration->scores.coverage_at_99,
                 calibration->form_accuracy,
                 mean_nll({logits, problem.classes(), problem.y}, temperature)};
    std::vector<bool> is_right;
    for (const TopAnswer& answer : top_answers(problem, logits, temperature))
      is_right.push_back(answer.is_right);
    if (rows_.empty()) first_ = is_right;
    for (std::size_t i = 0; i < is_right.size(); ++i) {
      row.won += is_right[i] && !first_[i] ? 1U : 0U;
      row.lost += first_[i] && !is_right[i] ? 1U : 0U;
    }
    rows_.push_back(std::move(row));
    return ok();
  }

  FitOptions fit_;
  double precision_;
  std::array<std::vector<double>, kWeightings.size()> of_weighting_;
  std::vector<bool> first_;
  std::vector<Ablation> rows_;
};

}  // namespace

Result<Ablations> ablations_of(const LabelledData& data, std::span<const float> vectors, Spelling spelling,
                               const TrainOptions& options) {
  if (options.encoder == nullptr) return Ablations{};
  const FormProblem in_words =
      sample(make_form_problem(data, vectors, options.min_rows, options.min_forms, options.encoder),
             kMostAblatedForms, options.seed);
  if (in_words.classes() == 0) return Ablations{};
  FormProblem problem = in_words;
  if (spelling != Spelling::kWords) {
    auto read = respelled(std::move(problem), data, spelling, *options.reader);
    if (!read) return std::move(read).error();
    problem = std::move(*read);
  }
  FitOptions fit;
  fit.c = options.c;
  fit.folds = options.folds;
  fit.seed = options.seed;
  fit.threads = options.threads;
  Trials trials(fit, options.precision);
  auto done = trials.begin(problem);
  const auto run = [&](std::string_view name, const FormProblem& other) {
    if (done) done = trials.run(name, other);
  };
  run("sentence vectors alone", without_terms(without_words(problem)));
  run("sentence vectors and words", without_words(problem));
  run("sentence and word vectors", without_terms(problem));
  run("pairs of neighbouring words as well", with_pairs(problem, data));
  auto raw = with_raw_text(problem, data, options);
  if (!raw) return std::move(raw).error();
  run("raw text: the first line of each form, not masked", *raw);
  for (const Spelling other : kSpellings) {
    if (other == spelling || options.reader == nullptr) continue;
    if (other == Spelling::kWords) {
      run(name_of(other), in_words);
      continue;
    }
    auto read = respelled(problem, data, other, *options.reader);
    if (!read) return std::move(read).error();
    run(name_of(other), *read);
  }
  if (done) done = trials.weigh_otherwise(problem);
  if (!done) return std::move(done).error();
  return Ablations{problem.size(), trials.take()};
}

}  // namespace logsieve
