#include "training/fit/form_vectors.h"

#include <algorithm>
#include <span>
#include <string_view>

#include "base/progress.h"

namespace logsieve {

Result<std::vector<float>> encode_forms(const LabelledData& data, const SentenceEncoder& encoder,
                                        std::size_t threads) {
  std::vector<float> vectors(data.forms.size() * kDim);
  Progress progress("encode", data.forms.size());
  constexpr std::size_t kFormsPerCall = 512;
  for (std::size_t begin = 0; begin < data.forms.size(); begin += kFormsPerCall) {
    std::vector<std::string_view> texts;
    for (std::size_t i = begin; i < std::min(data.forms.size(), begin + kFormsPerCall); ++i)
      texts.push_back(data.forms[i].text);
    const auto out = std::span<float>(vectors).subspan(begin * kDim, texts.size() * kDim);
    if (auto encoded = encoder.encode(texts, out, threads); !encoded) return std::move(encoded).error();
    progress.update(begin + texts.size());
  }
  return vectors;
}

}  // namespace logsieve
