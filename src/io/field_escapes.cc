#include "io/field_escapes.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <cstring>

#include "base/utf8.h"

namespace logsieve {
namespace {

constexpr std::size_t kWord = sizeof(std::uint64_t);

// How many bytes from `from` on are ASCII, eight at a time.
std::size_t ascii_end(std::string_view text, std::size_t from) {
  std::uint64_t word = 0;
  for (; from + kWord <= text.size(); from += kWord) {
    std::memcpy(&word, text.data() + from, kWord);
    if ((word & 0x8080808080808080U) != 0) break;
  }
  while (from < text.size() && static_cast<unsigned char>(text[from]) < 0x80) ++from;
  return from;
}

// One memchr a byte wanted: several times as fast as find_first_of, which asks for each byte of the text.
bool has_any(std::string_view text, std::string_view wanted) {
  return std::any_of(wanted.begin(), wanted.end(),
                     [&](char c) { return text.find(c) != std::string_view::npos; });
}

bool is_plain_in_json(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte >= 0x20 && byte < 0x80 && c != '"' && c != '\\';
}

// The first byte at or after `from` that is not plain.
std::size_t plain_in_json_end(std::string_view text, std::size_t from) {
#ifdef __SSE2__
  // As signed bytes, all from 0x80 on and all control bytes are below the space.
  const __m128i space = _mm_set1_epi8(' ');
  const __m128i quote = _mm_set1_epi8('"');
  const __m128i backslash = _mm_set1_epi8('\\');
  for (; from + 16 <= text.size(); from += 16) {
    const __m128i block = _mm_loadu_si128(reinterpret_cast<const __m128i*>(text.data() + from));
    const __m128i marks = _mm_or_si128(_mm_cmpeq_epi8(block, quote), _mm_cmpeq_epi8(block, backslash));
    const int mask = _mm_movemask_epi8(_mm_or_si128(marks, _mm_cmplt_epi8(block, space)));
    if (mask != 0) return from + static_cast<std::size_t>(std::countr_zero(static_cast<unsigned>(mask)));
  }
#endif
  while (from < text.size() && is_plain_in_json(text[from])) ++from;
  return from;
}

void append_json_escape(char c, std::string& out) {
  constexpr std::string_view kHex = "0123456789abcdef";
  switch (c) {
    case '"':
      out += "\\\"";
      return;
    case '\\':
      out += "\\\\";
      return;
    case '\b':
      out += "\\b";
      return;
    case '\f':
      out += "\\f";
      return;
    case '\n':
      out += "\\n";
      return;
    case '\r':
      out += "\\r";
      return;
    case '\t':
      out += "\\t";
      return;
    default:
      break;
  }
  const auto byte = static_cast<unsigned char>(c);
  out += "\\u00";
  out += kHex[byte >> 4U];
  out += kHex[byte & 15U];
}

char tsv_escape(char c) {
  switch (c) {
    case '\t':
      return 't';
    case '\n':
      return 'n';
    case '\r':
      return 'r';
    default:
      return '\\';
  }
}

// Whether, behind any apostrophes, a formula begins.
bool begins_formula(std::string_view text) {
  const std::size_t first = text.find_first_not_of('\'');
  return first != std::string_view::npos &&
         std::string_view("=+-@\t\r").find(text[first]) != std::string_view::npos;
}

}  // namespace

std::string_view guarded(std::string_view text, std::string& scratch) {
  if (!begins_formula(text)) return text;
  scratch.assign(1, '\'').append(text);
  return scratch;
}

std::string_view unguarded(std::string_view text) {
  return text.starts_with('\'') && begins_formula(text) ? text.substr(1) : text;
}

void append_csv_field(std::string_view text, char delimiter, std::string& out) {
  if (!has_any(text, "\"\n\r") && text.find(delimiter) == std::string_view::npos) {
    out += text;
    return;
  }
  out += '"';
  std::size_t from = 0;
  for (std::size_t quote = text.find('"'); quote != std::string_view::npos; quote = text.find('"', from)) {
    out.append(text, from, quote + 1 - from).append(1, '"');
    from = quote + 1;
  }
  out.append(text, from).append(1, '"');
}

void append_tsv_field(std::string_view text, std::string& out) {
  if (!has_any(text, "\t\n\r\\")) {
    out += text;
    return;
  }
  std::size_t from = 0;
  for (std::size_t at = text.find_first_of("\t\n\r\\"); at != std::string_view::npos;
       at = text.find_first_of("\t\n\r\\", from)) {
    out.append(text, from, at - from).append(1, '\\').append(1, tsv_escape(text[at]));
    from = at + 1;
  }
  out.append(text, from);
}

void append_json_string(std::string_view text, std::string& out) {
  out += '"';
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = plain_in_json_end(text, at);
    out.append(text, at, end - at);
    at = end;
    if (at == text.size()) break;
    if (static_cast<unsigned char>(text[at]) < 0x80) {
      append_json_escape(text[at++], out);
    } else {
      const DecodedCodePoint decoded = decode_utf8(text, at);
      append_utf8(decoded.code_point, out);
      at += decoded.length;
    }
  }
  out += '"';
}

void append_valid_utf8(std::string_view text, std::string& out) {
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = ascii_end(text, at);
    out.append(text, at, end - at);
    at = end;
    if (at == text.size()) break;
    const DecodedCodePoint decoded = decode_utf8(text, at);
    append_utf8(decoded.code_point, out);
    at += decoded.length;
  }
}

void append_number(std::uint64_t number, std::string& out) {
  std::array<char, 20> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
  out.append(digits.data(), end);
}

void append_confidence(float confidence, std::string& out) {
  // A float times 10^4 is exact in a double, so the rounding is that of the exact value.
  const double clamped =
      confidence > 0.0F ? (confidence < 1.0F ? static_cast<double>(confidence) : 1.0) : 0.0;
  const auto scaled = static_cast<unsigned>(std::lrint(clamped * 10000.0));
  std::array<char, 6> text = {static_cast<char>('0' + scaled / 10000), '.', '0', '0', '0', '0'};
  unsigned rest = scaled % 10000;
  for (std::size_t i = text.size() - 1; rest > 0; --i, rest /= 10)
    text[i] = static_cast<char>('0' + rest % 10);
  out.append(text.data(), text.size());
}

}  // namespace logsieve
