// The limits beyond which a form is unlike all training data.
#ifndef LOGSIEVE_TRAINING_FIT_NOVELTY_FIT_H_
#define LOGSIEVE_TRAINING_FIT_NOVELTY_FIT_H_

#include <cstddef>
#include <cstdint>
#include <span>

#include "base/result.h"
#include "encoder/sentence_encoder.h"
#include "head/novelty.h"
#include "training/fit/background.h"
#include "training/fit/labelled_data.h"

namespace logsieve {

// Shares of the labelled forms that lie beyond each limit, each form measured as if it had not been trained on: 2 % at
// most are refused for one of the four. What tells most of what is no log line has the largest share.
struct FalseAlarms {
  double words = 0.005;
  double nearest = 0.0015;
  double distance = 0.0015;
  double other = 0.012;
};

struct NoveltyOptions {
  FalseAlarms shares = {};
  const SentenceEncoder* encoder = nullptr;  // null: the share of known words is not looked at
  const Background* background = nullptr;    // null: nothing to be like but the labels
  std::uint64_t seed = 1;
  std::size_t threads = 1;
};

// `vectors` [forms, kDim]; `nearest_others` as make_prototypes has them. Every form is left out of what it is measured
// by: Gaussians by formula (training/fit/gaussian_fit.h), words and signs by taking its own from the counts. At most
// 15,000 forms are fitted to and 4,000 measured, drawn by the seed. The same whatever the threads. Errors: those of
// fit_gaussians, but a set whose forms do not differ has no Gaussians.
Result<Novelty> fit_novelty(const LabelledData& data, std::span<const float> vectors,
                            std::span<const float> nearest_others, const NoveltyOptions& options);

}  // namespace logsieve

#endif  // LOGSIEVE_TRAINING_FIT_NOVELTY_FIT_H_
