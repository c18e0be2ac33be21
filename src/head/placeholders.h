// Which words of a form stand for values.
#ifndef LOGSIEVE_HEAD_PLACEHOLDERS_H_
#define LOGSIEVE_HEAD_PLACEHOLDERS_H_

#include <cstddef>
#include <string_view>

#include "mask/masker.h"

namespace logsieve {

inline bool is_placeholder(std::string_view word) {
  for (std::size_t kind = 0; kind < kMaskedKinds; ++kind)
    if (word == placeholder(static_cast<MaskedKind>(kind))) return true;
  return false;
}

}  // namespace logsieve

#endif  // LOGSIEVE_HEAD_PLACEHOLDERS_H_
