// From out-of-fold logits to a temperature and one threshold a label.
#ifndef LOGSIEVE_TRAINING_FIT_CALIBRATION_H_
#define LOGSIEVE_TRAINING_FIT_CALIBRATION_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "base/result.h"
#include "training/fit/form_problem.h"
#include "training/fit/scores.h"

namespace logsieve {

// The likeliest class of each form, and its probability.
struct TopAnswer {
  std::int32_t answer = 0;
  double probability = 0.0;
  bool is_right = false;
};
std::vector<TopAnswer> top_answers(const FormProblem& problem, std::span<const double> logits,
                                   double temperature);

// For each class the least probability down to which its answers are right in `precision` of all cases, as far as
// these forms can tell. [classes], each at least 0.5; above 1: no answer of the class is sure enough.
//
// A count of a few forms proves nothing, so a class's error rate above a threshold is estimated as if it had been
// seen on twenty more forms that are wrong as often as those of all classes above the same threshold; and that rate
// as if on twenty more that are wrong as often as their calibrated probabilities say. A class of three forms thus
// follows the others, one of a hundred its own record.
std::vector<float> choose_thresholds(std::span<const TopAnswer> answers, std::size_t classes,
                                     double precision);

// What another aim would give.
struct PrecisionChoice {
  double precision = 0.0;
  double coverage = 0.0;
  double covered_accuracy = 0.0;
};
inline constexpr std::array<double, 4> kOtherPrecisions = {0.99, 0.95, 0.90, 0.80};

struct Calibration {
  double temperature = 1.0;
  std::vector<float> thresholds;  // [classes]
  double ece_before = 0.0;        // by line, at temperature 1
  double brier_before = 0.0;      // the same
  Scores scores;                  // by line, always answering
  double form_accuracy = 0.0;
  std::vector<Confusion> confusions;     // in lines
  double coverage = 0.0;                 // share of lines at or above their threshold
  double covered_accuracy = 0.0;         // and how many of them are right
  std::vector<PrecisionChoice> choices;  // at kOtherPrecisions, by line
};

// Every form counts once for temperature and thresholds: what is estimated is how sure to be of new wording.
// Errors: kInvalidArgument if a logit is not finite.
Result<Calibration> calibrate(const FormProblem& problem, std::span<const double> logits, double precision);

}  // namespace logsieve

#endif  // LOGSIEVE_TRAINING_FIT_CALIBRATION_H_
