// The form of a log line: variable values out, typed placeholder words in. One pass from left to right, no
// regex, no allocation but the growth of the caller's string.
//
// Placeholders are plain words, since a word-piece encoder reads them as one token each (docs/adr/0001):
//   number   integers, decimals, thousands, versions, exponents; a unit stays: 512MB -> number MB
//   time     dates, times of day and both, in the layouts that logs use
//   address  IPv4 and IPv6 with port or prefix, MAC
//   id       UUID, long hexadecimal and mixed alphanumeric tokens
//   hex      0x…
//   path     POSIX and Windows paths, the latter over the spaces in names of folders
//   url, email
// A name with a numeric part keeps its letters: User12345 -> User number, blk_-16 -> blk_number. Numbers that
// carry meaning stay (code_cues.h): HTTP status, return, exit and error codes, signals; so do names whose digits
// are part of them (ipv4, sha256).
//
// Guarantees, for any bytes (UTF-8 or not, NUL too): mask(mask(x)) == mask(x); the form is at most
// kMaxMaskGrowth times as long as the line; time is linear in the line's length.
#ifndef LOGSIEVE_MASK_MASKER_H_
#define LOGSIEVE_MASK_MASKER_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace logsieve {

// Changes whenever the same line could get another form; a bundle names the version it was trained with.
inline constexpr int kMaskVersion = 2;
inline constexpr std::size_t kMaxMaskGrowth = 6;

// Replaces the content of `form` with the masked form of `line`. Keeps the capacity of `form`. `line` must not
// point into `form`. Thread-safe.
void mask(std::string_view line, std::string& form);

enum class MaskedKind : std::uint8_t { kNumber, kTime, kAddress, kId, kHex, kPath, kUrl, kEmail };
inline constexpr std::size_t kMaskedKinds = 8;

// The word that stands for values of `kind` in a form.
std::string_view placeholder(MaskedKind kind);

// Bytes [begin, end) of a line that its form does not show.
struct MaskedValue {
  std::size_t begin = 0;
  std::size_t end = 0;
  MaskedKind kind = MaskedKind::kNumber;
};

// The same form, and the values that it hides, from left to right. False, with no values, for the rare line whose
// values were glued together so that the form had to be masked again: no value has a place in the line then.
bool mask(std::string_view line, std::string& form, std::vector<MaskedValue>& values);

}  // namespace logsieve

#endif  // LOGSIEVE_MASK_MASKER_H_
