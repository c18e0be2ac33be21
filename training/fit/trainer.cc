// Training of one bundle. The steps, in order: which labels have enough forms for a regression; out-of-fold logits with
// whole forms held out, and by them how forms are weighed, how strong the penalty is, how placeholders are spelled, and
// which of those labels the prototypes answer better all the same; temperature and thresholds; the final fit on everything; the limits of the
// prototype tier and of novelty, each form measured as if it had not been there.
#include "training/fit/trainer.h"

#include <algorithm>
#include <functional>
#include <optional>
#include <string_view>
#include <utility>

#include "base/progress.h"
#include "encoder/sentence_encoder.h"
#include "mask/masker.h"
#include "training/fit/calibration.h"
#include "training/fit/folds.h"
#include "training/fit/form_problem.h"
#include "training/fit/novelty_fit.h"
#include "training/fit/prototype_limits.h"
#include "training/fit/tier_choice.h"
#include "training/fit/train_summary.h"
#include "training/fit/views.h"

namespace logsieve {
namespace {

// Labels of rules that the data does not have join the set; indices of the data's labels move with it.
void add_rule_labels(LabelledData& data, const RuleBook& rules) {
  std::vector<std::string> names = data.labels.names();
  for (const Rule& rule : rules.rules()) names.push_back(rule.label);
  const LabelSet all(std::move(names));
  for (LabelledLine& line : data.lines) line.label = all.find(data.labels.name(line.label));
  for (LabelledForm& form : data.forms) form.label = all.find(data.labels.name(form.label));
  data.labels = all;
}

// Accuracy where lines, not forms, are dealt to folds: what others publish, and too good. The regression sees a
// form, so a fold is a fit on the forms of its training lines.
Result<double> leaky_line_accuracy(const LabelledData& data, const FormProblem& problem,
                                   const FitOptions& options) {
  const std::vector<std::size_t> fold_of = line_folds(data, Protocol::kLine, options.folds, options.seed);
  std::vector<std::size_t> row_of(data.forms.size(), problem.size());
  for (std::size_t i = 0; i < problem.size(); ++i) row_of[problem.forms[i]] = i;
  // One fold stands for all: the figure is for comparison only.
  std::vector<std::size_t> held_out(problem.size());
  for (std::size_t i = 0; i < data.lines.size(); ++i) {
    const std::size_t row = row_of[data.lines[i].form];
    if (fold_of[i] == 0 && row < problem.size()) ++held_out[row];
  }
  std::vector<std::size_t> rows;
  for (std::size_t row = 0; row < problem.size(); ++row)
    if (held_out[row] < problem.lines[row]) rows.push_back(row);
  FormProblem part = subset(problem, rows);
  for (std::size_t i = 0; i < rows.size(); ++i) part.lines[i] -= held_out[rows[i]];
  auto models = fit_views(part, options);
  if (!models) return std::move(models).error();
  std::vector<double> of_views(problem.views() * problem.classes());
  double right = 0.0;
  double tested = 0.0;
  for (std::size_t row = 0; row < problem.size(); ++row) {
    view_logits(*models, problem, row, of_views);
    const std::vector<double> logits = pool(of_views, problem.classes(), problem.views());
    const auto answer = std::max_element(logits.begin(), logits.end()) - logits.begin();
    tested += static_cast<double>(held_out[row]);
    if (answer == problem.y[row]) right += static_cast<double>(held_out[row]);
  }
  return tested > 0 ? right / tested : 0.0;
}

Result<SoftmaxHead> make_head(const FormProblem& problem, const Calibration& calibration,
                              const ViewModels& models) {
  SoftmaxParameters parameters = pooled_parameters(models);
  parameters.labels = problem.labels;
  parameters.temperature = static_cast<float>(calibration.temperature);
  parameters.thresholds = calibration.thresholds;
  return SoftmaxHead::create(std::move(parameters));
}

// How the forms of `problem` are fitted best, and their out-of-fold logits. Sets weighting and strength of `fit`.
Result<FitChoice> chosen_fit(const FormProblem& problem, const TrainOptions& options, FitOptions& fit,
                             const std::function<void()>& tick) {
  fit.c = options.c;
  auto choice = choose_fit(problem, fit, tick);
  if (!choice) return choice;
  fit.weighting = choice->weighting;
  fit.c = choice->c;
  if (!choice->logits.empty()) return choice;
  auto logits = out_of_fold_logits(problem, fit, tick);
  if (!logits) return std::move(logits).error();
  choice->logits = pool(*logits, problem.classes(), problem.views());
  return choice;
}

std::vector<LabelId> labels_for_prototypes(const std::vector<TierTrial>& trials) {
  std::vector<LabelId> labels;
  for (const TierTrial& trial : trials)
    if (trial.is_for_prototypes) labels.push_back(trial.label);
  return labels;
}

// The spelling that the regression reads best with the weights and strength of `fit`.
Result<Spelling> chosen_spelling(const LabelledData& data, const FormProblem& problem,
                                 const FitChoice& choice, const TrainOptions& options, const FitOptions& fit,
                                 const std::function<void()>& tick, TrainSummary* summary) {
  if (options.reader == nullptr) return Spelling::kWords;
  if (options.spelling) return *options.spelling;
  auto spelling = choose_spelling(data, problem, choice.logits, fit, *options.reader, tick);
  if (!spelling) return std::move(spelling).error();
  if (summary != nullptr) tell_spelling(*spelling, *summary);
  return spelling->spelling;
}

// Labels that the nearest labelled forms answer clearly better leave `all`; where fewer than two are left, there is no
// regression. `all` comes in plain words and leaves in `spelling`.
Result<SoftmaxHead> fit_head(const LabelledData& data, FormProblem& all, const TrainOptions& options,
                             Spelling& spelling, TrainSummary* summary) {
  FitOptions fit{options.c,    options.tries_strengths, Weighting::kForms, options.folds,
                 options.seed, options.threads};
  Progress progress("train", (kTriedFits + kSpellingFits + 1) * options.folds + 2);
  std::size_t done = 0;
  const auto tick = [&] {
    if (summary != nullptr) progress.update(++done);
  };
  FormProblem problem = sample(all, kMostFitForms, options.seed);
  FormProblem calibrated = sample(problem, kMostCalibrationForms, options.seed);
  auto choice = chosen_fit(calibrated, options, fit, tick);
  if (!choice) return std::move(choice).error();
  auto chosen = chosen_spelling(data, calibrated, *choice, options, fit, tick, summary);
  if (!chosen) return std::move(chosen).error();
  spelling = *chosen;
  if (spelling != Spelling::kWords) {
    auto read = respelled(std::move(all), data, spelling, *options.reader);
    if (!read) return std::move(read).error();
    all = std::move(*read);
    problem = sample(all, kMostFitForms, options.seed);
    calibrated = sample(problem, kMostCalibrationForms, options.seed);
    choice = chosen_fit(calibrated, options, fit, tick);
    if (!choice) return std::move(choice).error();
  }
  const std::vector<TierTrial> trials = try_tiers(calibrated, choice->logits, fit);
  if (summary != nullptr) tell_tiers(data, trials, *summary);
  if (const std::vector<LabelId> moved = labels_for_prototypes(trials); !moved.empty()) {
    all = without_labels(all, moved);
    if (all.classes() == 0) return SoftmaxHead();
    problem = sample(all, kMostFitForms, options.seed);
    calibrated = sample(problem, kMostCalibrationForms, options.seed);
    choice = chosen_fit(calibrated, options, fit, tick);
    if (!choice) return std::move(choice).error();
  }
  auto calibration = calibrate(calibrated, choice->logits, options.precision);
  if (!calibration) return std::move(calibration).error();
  std::vector<std::string_view> names;
  for (const LabelId label : problem.labels) names.push_back(data.labels.name(label));
  auto limited =
      apply_limits(options.limits, top_answers(calibrated, choice->logits, calibration->temperature), names,
                   calibration->thresholds);
  if (!limited) return std::move(limited).error();
  auto models = fit_views(problem, fit);
  if (!models) return std::move(models).error();
  tick();
  if (summary != nullptr) {
    auto leaky = leaky_line_accuracy(data, calibrated, fit);
    if (!leaky) return std::move(leaky).error();
    tell_regression(data, problem, *choice, *calibration, *leaky, *summary);
    tell_limits(*limited, *summary);
  }
  return make_head(problem, *calibration, *models);
}

// Vectors of forms, and of texts that are none, in the bundle's spelling.
struct Reading {
  std::vector<float> vectors;  // [forms, kDim]
  std::optional<Background> background;
};

Result<Reading> reading_of(const std::vector<std::string>& forms, Spelling spelling,
                           const TrainOptions& options) {
  Reading reading;
  const std::vector<std::string_view> texts(forms.begin(), forms.end());
  auto vectors = options.reader->vectors(texts, spelling);
  if (!vectors) return std::move(vectors).error();
  reading.vectors = std::move(*vectors);
  if (options.background == nullptr) return reading;
  std::vector<std::string_view> others;
  for (const std::size_t form : options.background->encoded)
    others.push_back(options.background->forms[form]);
  auto of_others = options.reader->vectors(others, spelling);
  if (!of_others) return std::move(of_others).error();
  reading.background = *options.background;
  reading.background->vectors = std::move(*of_others);
  return reading;
}

// The labels of forms that the regression does not know, ascending.
std::vector<LabelId> rare_labels(const LabelledData& data, const FormProblem& problem) {
  std::vector<LabelId> rare;
  for (const LabelledForm& form : data.forms)
    if (!std::binary_search(problem.labels.begin(), problem.labels.end(), form.label))
      rare.push_back(form.label);
  std::sort(rare.begin(), rare.end());
  rare.erase(std::unique(rare.begin(), rare.end()), rare.end());
  return rare;
}

}  // namespace

Result<Bundle> train_on_vectors(const LabelledData& given, std::span<const float> vectors, RuleBook rules,
                                const TrainOptions& options, TrainSummary* summary) {
  if (vectors.size() != given.forms.size() * kDim)
    return Error{ErrorCode::kInvalidArgument, "training: not one vector a form"};
  LabelledData data = given;
  add_rule_labels(data, rules);
  Bundle bundle;
  bundle.labels = data.labels;
  bundle.rules = std::move(rules);
  bundle.data_sha256 = data.sha256;
  bundle.seed = options.seed;
  bundle.mask_version = kMaskVersion;
  for (const LabelledForm& form : data.forms) bundle.forms.push_back(form.text);
  if (summary != nullptr) tell_data(data, *summary);

  FormProblem problem =
      make_form_problem(data, vectors, options.min_rows, options.min_forms, options.encoder);
  const bool has_regression = problem.classes() > 0;
  if (has_regression) {
    auto head = fit_head(data, problem, options, bundle.spelling, summary);
    if (!head) return std::move(head).error();
    bundle.head = std::move(*head);
  }
  Reading reading;
  if (bundle.spelling != Spelling::kWords) {
    auto read = reading_of(bundle.forms, bundle.spelling, options);
    if (!read) return std::move(read).error();
    reading = std::move(*read);
    vectors = reading.vectors;
  }
  std::optional<Background> background = std::move(reading.background);
  if (!background && options.background != nullptr) background = *options.background;
  if (background && options.reader != nullptr)
    if (auto added = add_labelled_words(data, bundle.spelling, *options.reader, *background); !added)
      return std::move(added).error();
  std::vector<LabelId> rare = rare_labels(data, problem);
  // What the nearest forms answer keeps to no stated error rate.
  const std::vector<LabelId> silent =
      options.limits.all > 0.0 ? std::exchange(rare, {}) : std::vector<LabelId>{};
  auto prototypes = make_prototypes(data, vectors, rare, {options.seed, options.threads});
  if (!prototypes) return std::move(prototypes).error();
  bundle.prototypes = std::move(prototypes->prototypes);
  auto novelty =
      fit_novelty(data, vectors, prototypes->nearest_others,
                  {{}, options.encoder, background ? &*background : nullptr, options.seed, options.threads});
  if (!novelty) return std::move(novelty).error();
  bundle.novelty = std::move(*novelty);
  if (summary != nullptr) {
    tell_prototypes(data, rare, has_regression, bundle.prototypes.parameters(), options, *summary);
    tell_silent(data, silent, *summary);
    tell_novelty(bundle.novelty.limits(), *summary);
  }
  return bundle;
}

}  // namespace logsieve
