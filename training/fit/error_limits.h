// Thresholds for an error rate that the user states, with a bound that holds for wording not seen yet.
//
// What is counted are forms that the regression had not seen, not lines: a thousand lines of one form are one piece of
// evidence. Down from the likeliest answer, a threshold may fall as long as the upper 95 % bound of Clopper and Pearson
// (Biometrika 1934) on the error rate above it stays within the limit; it stops at the first that does not (testing in a
// fixed order needs no correction: Angelopoulos et al., "Learn then Test", 2021).
#ifndef LOGSIEVE_TRAINING_FIT_ERROR_LIMITS_H_
#define LOGSIEVE_TRAINING_FIT_ERROR_LIMITS_H_

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "training/fit/calibration.h"

namespace logsieve {

// Upper 95 % bound on the error rate of answers of which `wrong` of `answered` were wrong; 1 for no answers.
double error_upper_bound(std::size_t wrong, std::size_t answered);
// The least number of answers, `wrong` of them wrong, whose bound is at most `limit` in (0, 1): 59 for 5 %, 299 for 1 %
// without a mistake.
std::size_t answers_to_certify(std::size_t wrong, double limit);

struct CertifiedThreshold {
  float threshold = 2.0F;    // above 1: cannot be certified, so never answered
  std::size_t answered = 0;  // held-out forms at or above it, or all that there are if it cannot be certified
  std::size_t wrong = 0;
  double bound = 1.0;             // error_upper_bound of these
  std::size_t missing_forms = 0;  // labelled forms that would certify it if they went like those; 0: it is
};

// For the answers of those classes that `is_meant` names, taken together. O(n log n).
CertifiedThreshold certify_threshold(std::span<const TopAnswer> answers, const std::vector<bool>& is_meant,
                                     double limit);

// `--max-error`: a share for the answers of all labels together, and shares for single labels, which then are not among
// "all".
struct ErrorLimits {
  struct OfLabel {
    std::string label;
    double limit;
  };
  double all = 0.0;  // 0: none
  std::vector<OfLabel> of_label;

  bool empty() const { return all == 0.0 && of_label.empty(); }
  // "0.01" or "Security Alert=0.005". kInvalidArgument if it is neither, or no number between 0 and 1.
  Result<void> add(std::string_view text);
  // kInvalidArgument for a limit of a label that is not among `labels`, with the one that was probably meant.
  Result<void> check_labels(std::span<const std::string> labels) const;
};

// What a limit gave: for the terminal and the report.
struct LimitOutcome {
  std::string label;  // empty: all that have no limit of their own
  double limit = 0.0;
  CertifiedThreshold certified;
};

// Replaces the thresholds of the classes that have a limit. `names` [classes]. kInvalidArgument for a label that is not
// among them.
Result<std::vector<LimitOutcome>> apply_limits(const ErrorLimits& limits, std::span<const TopAnswer> answers,
                                               std::span<const std::string_view> names,
                                               std::vector<float>& thresholds);

}  // namespace logsieve

#endif  // LOGSIEVE_TRAINING_FIT_ERROR_LIMITS_H_
