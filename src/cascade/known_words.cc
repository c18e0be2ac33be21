#include "cascade/known_words.h"

#include <cstddef>
#include <cstdint>
#include <vector>

#include "head/word_share.h"

namespace logsieve {
namespace {

// A word too long for the encoder is one piece as well: the unknown one.
constexpr std::size_t kLongestWord = 40;

}  // namespace

double known_word_share(const SentenceEncoder& encoder, std::string_view form,
                        const std::function<bool(std::string_view)>& is_known_too) {
  std::vector<std::int32_t> ids;
  encoder.tokenize("", ids);
  const std::size_t frame = ids.size();  // [CLS], [SEP], the model's prompt
  return word_share(form, [&](std::string_view word) {
    if (is_known_too(word)) return true;
    if (word.size() > kLongestWord) return false;
    ids.clear();
    encoder.tokenize(word, ids);
    return ids.size() == frame + 1;
  });
}

}  // namespace logsieve
