// The embeddings of labelled forms, which training, discovery and evaluation share.
#ifndef LOGSIEVE_TRAINING_FIT_FORM_VECTORS_H_
#define LOGSIEVE_TRAINING_FIT_FORM_VECTORS_H_

#include <cstddef>
#include <vector>

#include "base/result.h"
#include "encoder/sentence_encoder.h"
#include "training/fit/labelled_data.h"

namespace logsieve {

// One unit row a form of `data`, row-major [forms, kDim]; a progress bar on a terminal. Errors: the encoder's.
Result<std::vector<float>> encode_forms(const LabelledData& data, const SentenceEncoder& encoder,
                                        std::size_t threads);

}  // namespace logsieve

#endif  // LOGSIEVE_TRAINING_FIT_FORM_VECTORS_H_
