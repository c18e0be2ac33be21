// A sentence encoder that reads forms, their placeholders spelled as the bundle in use says (mask/spelling.h). Whatever
// encodes forms for a bundle goes through this; whatever encodes other texts does not.
#ifndef LOGSIEVE_ENCODER_FORM_ENCODER_H_
#define LOGSIEVE_ENCODER_FORM_ENCODER_H_

#include <cstddef>
#include <span>
#include <string_view>

#include "base/result.h"
#include "encoder/sentence_encoder.h"
#include "mask/spelling.h"

namespace logsieve {

// A value; the encoder must outlive it.
class FormEncoder {
 public:
  FormEncoder(const SentenceEncoder& encoder, Spelling spelling) : encoder_(&encoder), spelling_(spelling) {}

  // SentenceEncoder::encode and ::word_extremes of the spelled forms. Plain words cost nothing more; other spellings
  // copy the forms.
  Result<void> encode(std::span<const std::string_view> forms, std::span<float> out,
                      std::size_t threads) const;
  void word_extremes(std::string_view form, std::span<float> out) const;

 private:
  const SentenceEncoder* encoder_;
  Spelling spelling_;
};

}  // namespace logsieve

#endif  // LOGSIEVE_ENCODER_FORM_ENCODER_H_
