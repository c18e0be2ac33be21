// Labels that the model, without having seen them, does not believe.
// Source: Northcutt, Jiang, Chuang, "Confident Learning: Estimating Uncertainty in Dataset Labels" (JAIR 2021).
#ifndef LOGSIEVE_TRAINING_REPORT_LABEL_ERRORS_H_
#define LOGSIEVE_TRAINING_REPORT_LABEL_ERRORS_H_

#include <cstddef>
#include <span>
#include <vector>

#include "record/label_set.h"

namespace logsieve {

struct SuspectedLabel {
  std::size_t item = 0;
  LabelId given = kNoLabel;
  LabelId likelier = kNoLabel;
  double given_probability = 0.0;
  double likelier_probability = 0.0;
};

// `probabilities` [items, labels] row-major, of a model that has not seen the item; `given` [items], kNoLabel: not
// looked at. A label's threshold is the mean probability that items with this label give it. An item is suspected where,
// of the labels whose probability reaches their threshold, the most probable is not the given one (the off-diagonal of
// the confident joint). Labels without items have no threshold and are never suspected of being the true one.
// Result: largest gap likelier - given first, equals by item.
std::vector<SuspectedLabel> suspected_labels(std::span<const float> probabilities, std::size_t labels,
                                             std::span<const LabelId> given);

}  // namespace logsieve

#endif  // LOGSIEVE_TRAINING_REPORT_LABEL_ERRORS_H_
