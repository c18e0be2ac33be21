// Byte classes of the masker: one table look-up each. ASCII only; bytes from 0x80 up count as letters, so that
// text of any encoding keeps its words whole.
#ifndef LOGSIEVE_MASK_CHAR_CLASS_H_
#define LOGSIEVE_MASK_CHAR_CLASS_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace logsieve::mask_detail {

enum CharFlag : std::uint8_t {
  kDigit = 1,
  kLetter = 2,     // A-Z a-z and bytes >= 0x80
  kHex = 4,        // 0-9 a-f A-F
  kBreak = 8,      // ends a chunk: white space, control bytes, quotes, brackets, , ; = |
  kPathChar = 16,  // may stand in a POSIX path
  kTrigger = 32,   // a chunk that holds one of these may hold a value: digits / \ @ : ~
  kUpper = 64,
  kAtOrColon = 128,
};

constexpr std::array<std::uint8_t, 256> make_table() {
  std::array<std::uint8_t, 256> table{};
  for (std::size_t c = 0; c < 256; ++c) {
    std::uint8_t flags = 0;
    const bool digit = c >= '0' && c <= '9';
    const bool upper = c >= 'A' && c <= 'Z';
    const bool lower = c >= 'a' && c <= 'z';
    if (digit) flags |= kDigit | kTrigger;
    if (upper) flags |= kUpper;
    if (upper || lower || c >= 0x80) flags |= kLetter;
    if (digit || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F')) flags |= kHex;
    constexpr std::string_view kBreaks = "\"'`()[]{}<>,;=|";
    if (c <= 0x20 || c == 0x7F || kBreaks.find(static_cast<char>(c)) != std::string_view::npos)
      flags |= kBreak;
    constexpr std::string_view kTriggers = "/\\@:~";
    if (kTriggers.find(static_cast<char>(c)) != std::string_view::npos) flags |= kTrigger;
    if (c == '@' || c == ':') flags |= kAtOrColon;
    constexpr std::string_view kPath = "/._-+%~@#$&*?!^:\\";
    if (digit || upper || lower || c >= 0x80 || kPath.find(static_cast<char>(c)) != std::string_view::npos)
      flags |= kPathChar;
    table[c] = flags;
  }
  return table;
}

inline constexpr std::array<std::uint8_t, 256> kCharTable = make_table();

inline bool is(char c, std::uint8_t flags) {
  return (kCharTable[static_cast<unsigned char>(c)] & flags) != 0;
}
inline bool is_word(char c) {
  return is(c, kDigit | kLetter);
}
constexpr char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
}

// Number of bytes of class `flags` from `at` on, at most `most`.
inline std::size_t run(std::string_view text, std::size_t at, std::uint8_t flags,
                       std::size_t most = std::string_view::npos) {
  std::size_t end = at;
  while (end < text.size() && end - at < most && is(text[end], flags)) ++end;
  return end - at;
}

// Length of `path` without the closing punctuation, which is the sentence's.
inline std::size_t without_closing(std::string_view path) {
  std::size_t length = path.size();
  while (length > 1 && std::string_view(".:!?").find(path[length - 1]) != std::string_view::npos) --length;
  return length;
}

}  // namespace logsieve::mask_detail

#endif  // LOGSIEVE_MASK_CHAR_CLASS_H_
