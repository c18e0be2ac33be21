#include "rules/pattern_bytes.h"

#include <cctype>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <re2/re2.h>

namespace logsieve {
namespace {

constexpr std::string_view kLongS = "\xC5\xBF";
constexpr std::string_view kKelvin = "\xE2\x84\xAA";

// The escapes that may stand for something past ASCII: properties, negated classes, hexadecimal, octal.
constexpr std::string_view kWideEscapes = "pPDSWx1234567";

void append_ranges(const AsciiSet& set, std::string& out) {
  for (std::size_t first = 0; first < set.size(); ++first) {
    if (!set[first]) continue;
    std::size_t last = first;
    while (last + 1 < set.size() && set[last + 1]) ++last;
    append_byte(static_cast<unsigned char>(first), out);
    if (last > first) {
      out += '-';
      append_byte(static_cast<unsigned char>(last), out);
    }
    first = last;
  }
}

}  // namespace

std::optional<AsciiSet> ascii_members(const std::string& re2_class) {
  const RE2 re(re2_class, RE2::Quiet);
  if (!re.ok()) return std::nullopt;
  AsciiSet set;
  for (std::size_t c = 0; c < set.size(); ++c) {
    const char byte = static_cast<char>(c);
    set.set(c, re.Match(re2::StringPiece(&byte, 1), 0, 1, RE2::ANCHOR_BOTH, nullptr, 0));
  }
  return set;
}

std::size_t bracket_end(std::string_view in, std::size_t begin) {
  std::size_t i = begin + 1;
  if (in.substr(i, 1) == "^") ++i;
  for (bool is_first = true; i < in.size() && (in[i] != ']' || is_first); is_first = false) {
    const std::size_t named_end = in.substr(i, 2) == "[:" ? in.find(":]", i + 2) : std::string_view::npos;
    if (named_end != std::string_view::npos) {
      i = named_end + 2;
    } else if (in.substr(i, 3) == "\\p{" || in.substr(i, 3) == "\\P{") {
      i = std::min(in.find('}', i), in.size());
    } else {
      i += in[i] == '\\' ? 2 : 1;
    }
  }
  return i < in.size() ? i + 1 : std::string_view::npos;
}

std::optional<std::size_t> repeat_count(std::string_view text) {
  if (text.empty() || text.size() > 4 || (text[0] == '0' && text.size() > 1)) return std::nullopt;
  std::size_t count = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return std::nullopt;
    count = count * 10 + static_cast<std::size_t>(c - '0');
  }
  return count;
}

bool may_be_wide(std::string_view inside) {
  if (!inside.empty() && inside[0] == '^') return true;
  if (inside.find("[:^") != std::string_view::npos) return true;
  for (std::size_t i = 0; i < inside.size(); ++i) {
    if (static_cast<unsigned char>(inside[i]) >= 0x80) return true;
    if (inside[i] != '\\' || i + 1 == inside.size()) continue;
    const char kind = inside[++i];
    const char next = i + 1 < inside.size() ? inside[i + 1] : '\0';
    const bool is_ascii_hex = kind == 'x' && next >= '0' && next <= '7';
    if (kWideEscapes.find(kind) != std::string_view::npos && !is_ascii_hex) return true;
  }
  return false;
}

void append_byte(unsigned char byte, std::string& out) {
  constexpr std::string_view kHex = "0123456789abcdef";
  if (byte < 0x80 && std::isalnum(byte) != 0) {
    out += static_cast<char>(byte);
    return;
  }
  out += "\\x";
  out += kHex[byte >> 4U];
  out += kHex[byte & 15U];
}

void append_class(const AsciiSet& set, bool with_high, std::string& out) {
  const bool is_single = set.count() == 1 && !with_high;
  if (!is_single) out += '[';
  append_ranges(set, out);
  if (with_high) out += "\\x80-\\xff";
  if (!is_single) out += ']';
}

std::string repeat_text(std::size_t low, std::optional<std::size_t> high) {
  return '{' + std::to_string(low) + ',' + (high ? std::to_string(*high) : std::string()) + '}';
}

bool is_ascii(std::string_view text) {
  std::size_t i = 0;
  for (; i + 32 <= text.size(); i += 32) {
    std::uint64_t words[4];
    std::memcpy(words, text.data() + i, sizeof words);
    if (((words[0] | words[1] | words[2] | words[3]) & 0x8080808080808080U) != 0) return false;
  }
  unsigned tail = 0;
  for (; i < text.size(); ++i) tail |= static_cast<unsigned char>(text[i]);
  return tail < 0x80;
}

bool has_odd_fold(std::string_view text) {
  return text.find(kLongS) != std::string_view::npos || text.find(kKelvin) != std::string_view::npos;
}

}  // namespace logsieve
