// Reasons to distrust a score that is too good.
#ifndef LOGSIEVE_TRAINING_EVALUATE_LEAKS_H_
#define LOGSIEVE_TRAINING_EVALUATE_LEAKS_H_

#include <optional>
#include <string>
#include <vector>

#include "training/evaluate/evaluation.h"
#include "training/fit/labelled_data.h"

namespace logsieve {

// Ready to print, worst first; empty: nothing was found, which proves nothing. Told are
// - tested lines whose form, or a near duplicate of it, was in training (the first not for "line", which says so);
// - a negative control that does better than the prior;
// - labels whose name stands in nine of ten of their own lines and in one of a hundred others at most: then the label
//   may have been written into the message.
std::vector<std::string> suspected_leaks(const LabelledData& data, const Evaluation& evaluation,
                                         const std::optional<ShuffledControl>& control);

}  // namespace logsieve

#endif  // LOGSIEVE_TRAINING_EVALUATE_LEAKS_H_
