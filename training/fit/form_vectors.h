// The embeddings of labelled forms, which training, discovery and evaluation share.
#ifndef LOGSIEVE_TRAINING_FIT_FORM_VECTORS_H_
#define LOGSIEVE_TRAINING_FIT_FORM_VECTORS_H_

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/result.h"
#include "encoder/form_encoder.h"
#include "encoder/sentence_encoder.h"
#include "mask/spelling.h"
#include "training/fit/labelled_data.h"

namespace logsieve {

// One unit row a form of `data`, row-major [forms, kDim]; a progress bar on a terminal. Errors: the encoder's.
Result<std::vector<float>> encode_forms(const LabelledData& data, const SentenceEncoder& encoder,
                                        std::size_t threads, Spelling spelling = Spelling::kWords);

// Vectors of forms in any spelling, each encoded when it is first asked for: the folds of a cross-validation share most
// of their forms, and a form without placeholders is the same text in every spelling. For one thread at a time. kDim
// floats a text.
class FormReader {
 public:
  // `encoder` must outlive it.
  FormReader(const SentenceEncoder& encoder, std::size_t threads) : encoder_(&encoder), threads_(threads) {}

  FormEncoder encoder(Spelling spelling) const { return {*encoder_, spelling}; }
  // [forms.size(), kDim], row-major. Errors: the encoder's.
  Result<std::vector<float>> vectors(std::span<const std::string_view> forms, Spelling spelling);

 private:
  const SentenceEncoder* encoder_;
  std::size_t threads_;
  std::unordered_map<std::string, std::size_t> rows_;  // by text, as it is spelled
  std::vector<float> vectors_;
};

}  // namespace logsieve

#endif  // LOGSIEVE_TRAINING_FIT_FORM_VECTORS_H_
