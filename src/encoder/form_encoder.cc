#include "encoder/form_encoder.h"

#include <string>
#include <vector>

namespace logsieve {

Result<void> FormEncoder::encode(std::span<const std::string_view> forms, std::span<float> out,
                                 std::size_t threads) const {
  if (spelling_ == Spelling::kWords) return encoder_->encode(forms, out, threads);
  std::vector<std::string> texts(forms.size());
  for (std::size_t i = 0; i < forms.size(); ++i) spell(forms[i], spelling_, texts[i]);
  return encoder_->encode(std::vector<std::string_view>(texts.begin(), texts.end()), out, threads);
}

void FormEncoder::word_extremes(std::string_view form, std::span<float> out) const {
  if (spelling_ == Spelling::kWords) {
    encoder_->word_extremes(form, out);
    return;
  }
  std::string text;
  spell(form, spelling_, text);
  encoder_->word_extremes(text, out);
}

}  // namespace logsieve
