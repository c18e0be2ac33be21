#include "io/json_text.h"

#include <algorithm>
#include <cstddef>

#include "base/utf8.h"
#include "io/field_escapes.h"

namespace logsieve {
namespace {

constexpr std::size_t kUnicodeEscape = 6;  // \uXXXX

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

bool is_high_surrogate(char32_t unit) {
  return unit >= 0xD800 && unit < 0xDC00;
}
bool is_low_surrogate(char32_t unit) {
  return unit >= 0xDC00 && unit < 0xE000;
}

// What `\c` stands for, or NUL.
char simple_escape(char c) {
  switch (c) {
    case '"':
    case '\\':
    case '/':
      return c;
    case 'b':
      return '\b';
    case 'f':
      return '\f';
    case 'n':
      return '\n';
    case 'r':
      return '\r';
    case 't':
      return '\t';
    default:
      return '\0';
  }
}

bool read_unit(std::string_view text, std::size_t at, char32_t& unit) {
  if (text.size() < at + kUnicodeEscape || text[at] != '\\' || text[at + 1] != 'u') return false;
  unit = 0;
  for (std::size_t i = at + 2; i < at + kUnicodeEscape; ++i) {
    const char c = text[i];
    const char lower = static_cast<char>(c | 0x20);
    if (!is_digit(c) && !(lower >= 'a' && lower <= 'f')) return false;
    unit = unit * 16 + static_cast<char32_t>(is_digit(c) ? c - '0' : lower - 'a' + 10);
  }
  return true;
}

// The code point that the \u escape (or pair of them) at `at` stands for, and how many bytes it takes; 0: none.
std::size_t read_code_point(std::string_view text, std::size_t at, char32_t& code_point) {
  if (!read_unit(text, at, code_point)) return 0;
  char32_t low = 0;
  if (is_high_surrogate(code_point) && read_unit(text, at + kUnicodeEscape, low) && is_low_surrogate(low)) {
    code_point = 0x10000 + ((code_point - 0xD800) << 10U) + (low - 0xDC00);
    return 2 * kUnicodeEscape;
  }
  if (is_high_surrogate(code_point) || is_low_surrogate(code_point)) code_point = kReplacement;
  return kUnicodeEscape;
}

// Calls put_text(piece), put_char(c) and put_code_point(c) for the parts; false at an escape that is none.
template <typename PutText, typename PutCodePoint>
bool walk_escapes(std::string_view inside, PutText put_text, PutCodePoint put_code_point) {
  std::size_t from = 0;
  for (std::size_t at = inside.find('\\'); at != std::string_view::npos; at = inside.find('\\', from)) {
    put_text(inside.substr(from, at - from));
    if (at + 1 == inside.size()) return false;
    char32_t code_point = static_cast<unsigned char>(simple_escape(inside[at + 1]));
    std::size_t length = 2;
    if (code_point == 0) length = read_code_point(inside, at, code_point);
    if (length == 0) return false;
    put_code_point(code_point);
    from = at + length;
  }
  put_text(inside.substr(from));
  return true;
}

// The quote that ends the string whose inside begins at `begin`; the text's size if there is none.
std::size_t closing_quote(std::string_view text, std::size_t begin) {
  for (std::size_t quote = text.find('"', begin); quote != std::string_view::npos;
       quote = text.find('"', quote + 1)) {
    std::size_t escapes = 0;  // an even number of backslashes before it escape each other
    while (quote - escapes > begin && text[quote - escapes - 1] == '\\') ++escapes;
    if (escapes % 2 == 0) return quote;
  }
  return text.size();
}

}  // namespace

bool unescape_json(std::string_view inside, std::string& out) {
  return walk_escapes(
      inside, [&](std::string_view text) { out += text; }, [&](char32_t c) { append_utf8(c, out); });
}

bool has_valid_escapes(std::string_view inside) {
  return walk_escapes(
      inside, [](std::string_view) {}, [](char32_t) {});
}

void append_repaired_json(std::string_view object, std::string& out) {
  std::size_t from = 0;
  std::size_t at = object.find('\\');
  while (at != std::string_view::npos) {  // a backslash is in a string, and has something behind it
    char32_t code_point = 0;
    const std::size_t length = std::max<std::size_t>(read_code_point(object, at, code_point), 2);
    if (length == kUnicodeEscape && code_point == kReplacement) {
      append_valid_utf8(object.substr(from, at - from), out);
      out += "\\ufffd";
      from = at + length;
    }
    at = object.find('\\', at + length);
  }
  append_valid_utf8(object.substr(from), out);
}

bool is_json_number(std::string_view text) {
  std::size_t at = 0;
  const auto take = [&](char a, char b) {
    const bool is_there = at < text.size() && (text[at] == a || text[at] == b);
    at += is_there ? 1 : 0;
    return is_there;
  };
  const auto take_digits = [&] {
    const std::size_t first = at;
    while (at < text.size() && is_digit(text[at])) ++at;
    return at > first;
  };
  take('-', '-');
  if (!take('0', '0') && !take_digits()) return false;
  if (take('.', '.') && !take_digits()) return false;
  if (take('e', 'E')) {
    take('+', '-');
    if (!take_digits()) return false;
  }
  return at == text.size();
}

bool TopLevelKeys::next(std::string_view& key) {
  for (; at_ < object_.size(); ++at_) {
    const char c = object_[at_];
    if (c == '{' || c == '[') {
      is_key_next_ = ++depth_ == 1;
    } else if (c == '}' || c == ']') {
      --depth_;
    } else if (c == ',') {
      is_key_next_ = depth_ == 1;
    } else if (c == '"') {
      const std::size_t begin = at_ + 1;
      at_ = closing_quote(object_, begin);
      if (!is_key_next_) continue;
      is_key_next_ = false;
      key = object_.substr(begin, at_ - begin);
      ++at_;
      return true;
    }
  }
  return false;
}

}  // namespace logsieve
