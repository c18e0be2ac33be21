// Words and marks of a form as numbers, which is how a bundle keeps them.
#ifndef LOGSIEVE_HEAD_WORD_KEY_H_
#define LOGSIEVE_HEAD_WORD_KEY_H_

#include <cstdint>
#include <string_view>

#include "base/hash.h"

namespace logsieve {

inline char lower_ascii(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
}

// Hash (XXH3) in [0, 2^31).
inline std::int32_t word_key(std::string_view word) {
  return static_cast<std::int32_t>(xxh3_128(word).low & 0x7FFFFFFFU);
}

}  // namespace logsieve

#endif  // LOGSIEVE_HEAD_WORD_KEY_H_
