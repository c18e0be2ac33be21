// What a text is written with, whatever it says: its tokens, which follow which, and the shape of its words and
// punctuation, each as a set.
#ifndef LOGSIEVE_HEAD_TEXT_SIGNS_H_
#define LOGSIEVE_HEAD_TEXT_SIGNS_H_

#include <cstdint>
#include <functional>
#include <span>
#include <string_view>
#include <vector>

namespace logsieve {

// Hashes, each in [0, 2^31); ascending, each once.
struct TextSigns {
  std::vector<std::int32_t> tokens;  // words (as in head/form_terms.h) and single marks between them
  // Two tokens in a row, and the first and the last one of the form as such.
  std::vector<std::int32_t> pairs;
  // Two to five signs in a row of the form with its words (`_` is part of them) as a sign for their kind, blanks as one, and
  // its two ends: "int f(x)" is ^a a(a)$. Kinds: placeholder, CAPITALS, camelCase, snake_case, Capitalised, any other; the
  // last two once more for words of at least three bytes that are not known.
  std::vector<std::int32_t> shapes;
};

// Replaces `signs`. `is_known` is asked about words in lower case: whether the model has them from several labelled forms.
// O(bytes log bytes).
void text_signs(std::string_view form, const std::function<bool(std::string_view)>& is_known,
                TextSigns& signs);

// How much more usual signs are in one kind of text than in another: log ratios of the shares of texts that have them
// (naive Bayes over presence). Signs that neither kind has say nothing.
struct SignWeights {
  std::vector<std::int32_t> keys;  // ascending
  std::vector<float> weights;      // [keys.size()]
};
// Sum over the known ones of `signs`, over the root of their number, so that long texts are not far more certain; 0 if
// none is known.
double score_signs(const SignWeights& known, std::span<const std::int32_t> signs);

}  // namespace logsieve

#endif  // LOGSIEVE_HEAD_TEXT_SIGNS_H_
