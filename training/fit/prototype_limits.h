// The prototype tier of a bundle: all labelled forms, and how near a line must come to them.
#ifndef LOGSIEVE_TRAINING_FIT_PROTOTYPE_LIMITS_H_
#define LOGSIEVE_TRAINING_FIT_PROTOTYPE_LIMITS_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "base/result.h"
#include "head/prototypes.h"
#include "record/label_set.h"
#include "training/fit/labelled_data.h"

namespace logsieve {

struct PrototypeOptions {
  std::uint64_t seed = 1;
  std::size_t threads = 1;
};

struct PrototypeFit {
  Prototypes prototypes;
  std::vector<float>
      nearest_others;  // of each form that was looked at, the similarity of its nearest other; ascending
};

// An index of data.forms whose vectors are `vectors` [forms, kDim]; `rare`, ascending, are the labels it may
// answer. min_similarity comes from each form's nearest others, itself left out: no more than 0.1 % of the forms with
// another label would be taken for a rare one.
// At most 4,000 forms, drawn by the seed, are looked at. O(4000 forms kDim). Errors: kCorruptModel if a vector is
// not of unit length.
Result<PrototypeFit> make_prototypes(const LabelledData& data, std::span<const float> vectors,
                                     std::span<const LabelId> rare, const PrototypeOptions& options);

}  // namespace logsieve

#endif  // LOGSIEVE_TRAINING_FIT_PROTOTYPE_LIMITS_H_
