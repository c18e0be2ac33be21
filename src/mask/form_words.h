// The words of a form, and which of them stand for values.
#ifndef LOGSIEVE_MASK_FORM_WORDS_H_
#define LOGSIEVE_MASK_FORM_WORDS_H_

#include <cstddef>
#include <string_view>

#include "mask/masker.h"

namespace logsieve {

// ASCII letters and digits, and every byte of a character beyond ASCII.
inline bool is_word_byte(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         static_cast<unsigned char>(c) >= 0x80;
}

inline bool is_placeholder(std::string_view word) {
  for (std::size_t kind = 0; kind < kMaskedKinds; ++kind)
    if (word == placeholder(static_cast<MaskedKind>(kind))) return true;
  return false;
}

}  // namespace logsieve

#endif  // LOGSIEVE_MASK_FORM_WORDS_H_
