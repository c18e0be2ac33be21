#include "head/text_signs.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <string>

#include "head/word_key.h"

namespace logsieve {
namespace {

constexpr char kWord = 'a';  // in a shape

bool is_blank(char c) {
  return c == ' ' || (c >= '\t' && c <= '\r');
}

void make_set(std::vector<std::int32_t>& keys) {
  std::sort(keys.begin(), keys.end());
  keys.erase(std::unique(keys.begin(), keys.end()), keys.end());
}

}  // namespace

void text_signs(std::string_view form, TextSigns& signs) {
  signs.tokens.clear();
  signs.shapes.clear();
  std::string word;
  std::string shape;
  for (std::size_t i = 0; i <= form.size(); ++i) {
    const char c = i < form.size() ? form[i] : ' ';
    if (is_word_byte(c)) word += lower_ascii(c);
    if (!is_word_byte(c) && !word.empty()) {
      signs.tokens.push_back(word_key(word));
      word.clear();
    }
    if (i == form.size()) break;
    if (!is_word_byte(c) && !is_blank(c)) signs.tokens.push_back(word_key(form.substr(i, 1)));
    const char sign = is_word_byte(c) || c == '_' ? kWord : is_blank(c) ? ' ' : c;
    const bool is_run = sign == kWord || sign == ' ';
    if (!is_run || shape.empty() || shape.back() != sign) shape += sign;
  }
  for (std::size_t length = 2; length <= 3; ++length)
    for (std::size_t i = 0; i + length <= shape.size(); ++i)
      signs.shapes.push_back(word_key(std::string_view(shape).substr(i, length)));
  make_set(signs.tokens);
  make_set(signs.shapes);
}

double score_signs(const SignWeights& known, std::span<const std::int32_t> signs) {
  double sum = 0.0;
  std::size_t found = 0;
  for (const std::int32_t sign : signs) {
    const auto at = std::lower_bound(known.keys.begin(), known.keys.end(), sign);
    if (at == known.keys.end() || *at != sign) continue;
    sum += static_cast<double>(known.weights[static_cast<std::size_t>(at - known.keys.begin())]);
    ++found;
  }
  return found == 0 ? 0.0 : sum / std::sqrt(static_cast<double>(found));
}

}  // namespace logsieve
