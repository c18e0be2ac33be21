// Which spelling of placeholders the regression reads best, judged by forms that it has not seen.
//
// Plain words stand unless another spelling is better by more than one standard error over the folds, in two scores: the
// macro-F1 by which weights and strength are chosen, by more than what is too little to count (0.002) besides, and the log
// loss by form. Either alone follows noise (public set, whole forms held out, five seeds, the choice made inside the folds):
// macro-F1 is moved by one form with many lines and chose otherwise in 2 of 25 folds, for .945 instead of .951 of all
// lines; log loss by form leans to bare tags, with .924. Both together: .951, as plain words.
#ifndef LOGSIEVE_TRAINING_FIT_SPELLING_CHOICE_H_
#define LOGSIEVE_TRAINING_FIT_SPELLING_CHOICE_H_

#include <array>
#include <cstddef>
#include <functional>
#include <span>

#include "base/result.h"
#include "mask/spelling.h"
#include "training/fit/form_problem.h"
#include "training/fit/form_vectors.h"
#include "training/fit/labelled_data.h"

namespace logsieve {

// Mean over the folds, and the standard error of that mean.
struct FoldGain {
  double mean = 0.0;
  double error = 0.0;
  bool is_clear() const { return mean > error; }
};

struct SpellingScore {
  double score = 0.0;     // macro_f1_of out-of-fold answers, as for weights and strength
  double log_loss = 0.0;  // mean over forms, at the temperature that makes it least
  // Over plain words; above 0 is better.
  FoldGain score_gain;
  FoldGain loss_gain;
};

struct SpellingChoice {
  Spelling spelling = Spelling::kWords;
  std::array<SpellingScore, kSpellings.size()> scores{};  // in the order of kSpellings
  std::size_t forms = 0;                                  // that were looked at
};

// Forms that are looked at: every other spelling of each is encoded.
inline constexpr std::size_t kMostSpellingForms = 1000;
// Fits beside those that plain words need all the same, by fold.
inline constexpr std::size_t kSpellingFits = kSpellings.size() - 1;

// The problem with other vectors and word extremes: its forms as `spelling` has them. Words as terms stay.
Result<FormProblem> respelled(FormProblem problem, const LabelledData& data, Spelling spelling,
                              FormReader& reader);

// `problem` is in plain words; `plain_logits`: pooled out-of-fold logits of all its forms by `fit`, or empty; then they
// are made. Errors: those of fit_logistic and of the encoder.
Result<SpellingChoice> choose_spelling(const LabelledData& data, const FormProblem& problem,
                                       std::span<const double> plain_logits, const FitOptions& fit,
                                       FormReader& reader, const std::function<void()>& tick);

// Scores of `logits`, and what they gain over `plain`; [n, classes] each, `fold_of` [n]. Macro-F1 of a fold is over the
// classes that it has. Errors: kInvalidArgument if a logit is not finite.
Result<SpellingScore> score_beside(const FormProblem& problem, std::span<const std::size_t> fold_of,
                                   std::span<const double> plain, std::span<const double> logits);

}  // namespace logsieve

#endif  // LOGSIEVE_TRAINING_FIT_SPELLING_CHOICE_H_
