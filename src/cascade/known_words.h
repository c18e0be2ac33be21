// The words of a form as the encoder and a model know them.
#ifndef LOGSIEVE_CASCADE_KNOWN_WORDS_H_
#define LOGSIEVE_CASCADE_KNOWN_WORDS_H_

#include <functional>
#include <string_view>

#include "encoder/sentence_encoder.h"

namespace logsieve {

// word_share (head/word_share.h) of the words that are one piece of the encoder's vocabulary or that `is_known_too` knows.
// Some microseconds.
double known_word_share(const SentenceEncoder& encoder, std::string_view form,
                        const std::function<bool(std::string_view)>& is_known_too);

}  // namespace logsieve

#endif  // LOGSIEVE_CASCADE_KNOWN_WORDS_H_
