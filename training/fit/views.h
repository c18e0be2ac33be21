// Three views of a form, each with a regression of its own, pooled: its sentence vector, the extremes of its word
// vectors, its words by TF-IDF. They err on different forms; their weighted sum of logits (a product of experts) errs
// on fewer than any of them, and on logs of other systems it is right more often where it is sure.
//
// Measured (whole forms held out; scikit-learn, 4 seeds):
//                                    1,937 public lines, 298 forms     other systems' logs, at 60 % answered,
//                                    by form    mean NLL by form       head trained on the default set: precision
//   sentence                         .971       .088                   .910
//   word extremes                    .985       .044                   .855
//   words by TF-IDF                  .983       .078                   .889
//   all three                        .989       .041                   .966
#ifndef LOGSIEVE_TRAINING_FIT_VIEWS_H_
#define LOGSIEVE_TRAINING_FIT_VIEWS_H_

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include "base/result.h"
#include "head/softmax_head.h"
#include "training/fit/form_problem.h"
#include "training/fit/logistic_regression.h"
#include "training/fit/term_regression.h"

namespace logsieve {

// One regression a view that the problem has.
struct ViewModels {
  LogisticModel sentence;
  std::optional<LogisticModel> words;  // on the extremes as they are: their scaling is in the weights
  std::optional<TermModel> terms;

  std::size_t views() const { return 1U + (words ? 1U : 0U) + (terms ? 1U : 0U); }
};

// Errors: those of fit_logistic.
Result<ViewModels> fit_views(const FormProblem& problem, const FitOptions& options);

// Logits of row `row` of a problem, view by view: `logits` [views, classes].
void view_logits(const ViewModels& models, const FormProblem& problem, std::size_t row,
                 std::span<double> logits);

// Mean of the views' logits, [n, views, classes] to [n, classes]: each view counts the same. A mix of least NLL on
// held-out forms was tried and lost: it leans on whatever the few forms with most lines need (accuracy by lines on the
// public set .924 and .893 with two seeds, .951 with equal weights), the known virtue of plain averages (Clemen,
// "Combining forecasts", 1989).
std::vector<double> pool(std::span<const double> logits, std::size_t classes, std::size_t views);

// The head of pooled models, but for labels, temperature and thresholds.
SoftmaxParameters pooled_parameters(const ViewModels& models);

}  // namespace logsieve

#endif  // LOGSIEVE_TRAINING_FIT_VIEWS_H_
