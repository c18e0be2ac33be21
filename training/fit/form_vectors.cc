#include "training/fit/form_vectors.h"

#include <algorithm>
#include <span>
#include <string_view>

#include "base/progress.h"

namespace logsieve {

Result<std::vector<float>> encode_forms(const LabelledData& data, const SentenceEncoder& encoder,
                                        std::size_t threads, Spelling spelling) {
  const FormEncoder reader(encoder, spelling);
  std::vector<float> vectors(data.forms.size() * kDim);
  Progress progress("encode", data.forms.size());
  constexpr std::size_t kFormsPerCall = 512;
  for (std::size_t begin = 0; begin < data.forms.size(); begin += kFormsPerCall) {
    std::vector<std::string_view> texts;
    for (std::size_t i = begin; i < std::min(data.forms.size(), begin + kFormsPerCall); ++i)
      texts.push_back(data.forms[i].text);
    const auto out = std::span<float>(vectors).subspan(begin * kDim, texts.size() * kDim);
    if (auto encoded = reader.encode(texts, out, threads); !encoded) return std::move(encoded).error();
    progress.update(begin + texts.size());
  }
  return vectors;
}

Result<std::vector<float>> FormReader::vectors(std::span<const std::string_view> forms, Spelling spelling) {
  std::vector<std::size_t> rows;
  std::vector<std::string_view> missing;
  const std::size_t before = rows_.size();
  std::string text;
  for (const std::string_view form : forms) {
    spell(form, spelling, text);
    const auto [entry, is_new] = rows_.try_emplace(text, before + missing.size());
    if (is_new) missing.push_back(entry->first);
    rows.push_back(entry->second);
  }
  vectors_.resize((before + missing.size()) * kDim);
  const auto out = std::span<float>(vectors_).subspan(before * kDim);
  if (auto encoded = encoder_->encode(missing, out, threads_); !encoded) return std::move(encoded).error();
  std::vector<float> vectors(rows.size() * kDim);
  for (std::size_t i = 0; i < rows.size(); ++i)
    std::copy_n(vectors_.data() + rows[i] * kDim, kDim, vectors.data() + i * kDim);
  return vectors;
}

}  // namespace logsieve
