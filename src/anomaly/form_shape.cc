#include "anomaly/form_shape.h"

#include <algorithm>

namespace logsieve {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

// Bytes above ASCII are letters of some alphabet.
bool is_word(char c) {
  const char lower = static_cast<char>(c | 0x20);
  return is_digit(c) || (lower >= 'a' && lower <= 'z') || static_cast<unsigned char>(c) >= 0x80 || c == '_';
}

bool is_value(std::string_view word) {
  return word == "number" || word == "id" || word == "hex" || std::any_of(word.begin(), word.end(), is_digit);
}

}  // namespace

void shape_of(std::string_view form, std::string& shape) {
  shape.clear();
  std::size_t after_value = std::string_view::npos;  // length of `shape` behind the last "#"
  for (std::size_t i = 0; i < form.size();) {
    if (!is_word(form[i])) {
      shape += form[i++];
      continue;
    }
    const std::size_t begin = i;
    while (i < form.size() && is_word(form[i])) ++i;
    const std::string_view word = form.substr(begin, i - begin);
    if (!is_value(word)) {
      shape += word;
      continue;
    }
    const bool is_repeat = after_value != std::string_view::npos &&
                           shape.find_first_not_of(' ', after_value) == std::string::npos;
    if (is_repeat)
      shape.resize(after_value);
    else
      shape += '#';
    after_value = shape.size();
  }
}

}  // namespace logsieve
