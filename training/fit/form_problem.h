// The regression's view of labelled data: one row a form, and how a row is weighed.
#ifndef LOGSIEVE_TRAINING_FIT_FORM_PROBLEM_H_
#define LOGSIEVE_TRAINING_FIT_FORM_PROBLEM_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "encoder/sentence_encoder.h"
#include "head/form_terms.h"
#include "record/label_set.h"
#include "training/fit/labelled_data.h"
#include "training/fit/logistic_regression.h"

namespace logsieve {

// The forms of those labels that have enough of them.
struct FormProblem {
  std::vector<LabelId> labels;     // [classes], ascending; empty: no regression, else at least two
  std::vector<std::size_t> forms;  // [n] index into data.forms
  std::vector<std::int32_t> y;     // [n] class
  std::vector<std::size_t> lines;  // [n] how often each occurs
  std::vector<float> x;            // [n, kDim]
  // The views beside the sentence vector (training/fit/views.h); each may be empty.
  std::vector<float> words;                  // [n, kWordDim]
  std::vector<std::vector<FormTerm>> terms;  // [n]

  std::size_t classes() const { return labels.size(); }
  std::size_t size() const { return y.size(); }
  std::size_t views() const { return 1U + (words.empty() ? 0U : 1U) + (terms.empty() ? 0U : 1U); }
  std::span<const float> row(std::size_t i) const;
};

// A label needs `min_rows` lines and `min_forms` forms (never fewer than two, so that one can be held out). Where
// fewer than two labels have them there is nothing to tell apart, and no label is left.
// With an encoder the words of forms are looked at too.
FormProblem make_form_problem(const LabelledData& data, std::span<const float> vectors, std::size_t min_rows,
                              std::size_t min_forms, const SentenceEncoder* encoder = nullptr);
// Some rows of a problem, with all its classes.
FormProblem subset(const FormProblem& problem, std::span<const std::size_t> rows);
// About `wanted` forms, each label in proportion, none left with fewer than two; the problem itself if it is no larger.
FormProblem sample(const FormProblem& problem, std::size_t wanted, std::uint64_t seed);

// What a form counts in the fit.
enum class Weighting : std::uint8_t {
  kForms,          // every form the same
  kBalancedForms,  // every label the same, shared by its forms
  kLines,          // as often as it occurs, up to kMostLines: a chatty form must not drown the others
};
// In the order in which they are tried: what the data says of itself comes first.
inline constexpr std::array<Weighting, 3> kWeightings = {Weighting::kLines, Weighting::kBalancedForms,
                                                         Weighting::kForms};
inline constexpr std::size_t kMostLines = 100;
std::string_view weighting_name(Weighting weighting);
// Multiples of FitOptions::c, in the order in which they are tried.
inline constexpr std::array<double, 3> kTriedStrengths = {1.0, 0.3, 3.0};

struct FitOptions {
  double c = 10.0;
  bool tries_strengths = true;  // choose_fit looks at multiples of c too
  Weighting weighting = Weighting::kForms;
  std::size_t folds = 5;
  std::uint64_t seed = 1;
  std::size_t threads = 1;
};

// The regression on sentence vectors alone. Errors: those of fit_logistic.
Result<LogisticModel> fit_forms(const FormProblem& problem, const FitOptions& options);

// Fold of each form; those of all out-of-fold figures below.
std::vector<std::size_t> problem_folds(const FormProblem& problem, const FitOptions& options);
// The problem without the forms of some labels (ascending); no class is left where fewer than two would be.
FormProblem without_labels(const FormProblem& problem, std::span<const LabelId> labels);

// Logits of every form by fits that have not seen it, whole forms held out: [n, views, classes]; one result for each
// of `tried`, which share folds, seed and threads (those of the first). `tick` is called after every fit, by one thread
// at a time.
Result<std::vector<std::vector<double>>> out_of_fold_logits_of_each(const FormProblem& problem,
                                                                    std::span<const FitOptions> tried,
                                                                    const std::function<void()>& tick);
Result<std::vector<double>> out_of_fold_logits(const FormProblem& problem, const FitOptions& options,
                                               const std::function<void()>& tick);

// Mean of the macro-F1 over lines and the macro-F1 over forms of always answering the largest logit: neither
// many lines of one form nor many forms of one label decide alone.
double macro_f1_of(const FormProblem& problem, std::span<const double> logits);

// The weighting that classifies held-out forms best, then the strength of regularisation that does so with it.
//
// No fixed weighting is good everywhere (macro-F1 by lines / by forms, whole forms held out, 5 folds x 4 seeds, C = 10):
//   data                                       kForms       kBalancedForms  kLines
//   public set: 1,937 lines, 7 labels, 298
//   forms, 3 to 96 a label                     .729 / .814  .917 / .938     .918 / .939
//   default set: 15,000 lines, 11,304 forms    .804 / .811  .777 / .787     .798 / .804
// A later one in the lists must be better by more than 0.002.
struct FitChoice {
  Weighting weighting = Weighting::kForms;
  double c = 0.0;
  std::array<double, kWeightings.size()> scores{};  // macro_f1_of, by Weighting, with options.c
  struct Strength {
    double c = 0.0;
    double score = 0.0;
  };
  std::array<Strength, kTriedStrengths.size()> strengths{};  // with the chosen weighting
  // Pooled out-of-fold logits [n, classes] of every form with that choice, where all forms were looked at; else empty.
  std::vector<double> logits;
};
// Looks at no more than kMostChoiceForms forms, drawn by label in proportion.
inline constexpr std::size_t kMostChoiceForms = 2000;
Result<FitChoice> choose_fit(const FormProblem& problem, const FitOptions& options,
                             const std::function<void()>& tick);
inline constexpr std::size_t kTriedFits =
    kWeightings.size() + kTriedStrengths.size() - 1;  // of choose_fit, by fold

}  // namespace logsieve

#endif  // LOGSIEVE_TRAINING_FIT_FORM_PROBLEM_H_
