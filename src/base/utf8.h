// UTF-8 for bytes that may be anything: decoding never fails, it yields U+FFFD and goes on.
#ifndef LOGSIEVE_BASE_UTF8_H_
#define LOGSIEVE_BASE_UTF8_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace logsieve {

inline constexpr char32_t kReplacement = 0xFFFD;

struct DecodedCodePoint {
  char32_t code_point;
  std::size_t length;  // bytes consumed, 1-4; never 0
  bool is_valid;       // false: `code_point` is U+FFFD for a maximal ill-formed part
};

// The code point at `bytes[offset]`; offset < bytes.size(). Ill-formed input consumes the maximal subpart
// of Unicode 15 section 3.9 (table 3-8), so overlong forms, surrogates and values past U+10FFFF are refused.
DecodedCodePoint decode_utf8(std::string_view bytes, std::size_t offset);

// Surrogates and values past U+10FFFF, which UTF-8 cannot hold, become U+FFFD.
void append_utf8(char32_t code_point, std::string& out);
bool is_valid_utf8(std::string_view bytes);
// A copy in which every ill-formed part is one U+FFFD.
std::string to_valid_utf8(std::string_view bytes);

// Text that is safe on a terminal: controls (C0, DEL, C1), line separators, bidi and other invisible format
// characters and ill-formed bytes become \t, \xNN (a byte) or \u{NNNN}; everything else stays.
// For messages and tables, not for data: a backslash stays one.
std::string printable(std::string_view bytes);

}  // namespace logsieve

#endif  // LOGSIEVE_BASE_UTF8_H_
