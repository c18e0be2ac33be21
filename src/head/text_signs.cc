#include "head/text_signs.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <string>

#include "head/word_key.h"
#include "mask/form_words.h"

namespace logsieve {
namespace {

// In a shape. No mark of a form is a letter; `_` is part of words.
constexpr char kPlaceholder = 'N';
constexpr char kCapitals = 'U';
constexpr char kCamel = 'C';
constexpr char kSnake = '_';
constexpr char kCapitalised = 'A';
constexpr char kWord = 'a';
constexpr char kUnknownCapitalised = 'B';
constexpr char kUnknown = 'b';
constexpr char kBegin = '\x01';
constexpr char kEnd = '\x02';
constexpr std::size_t kShortestUnknown = 3;
constexpr std::size_t kShortestShape = 2;
constexpr std::size_t kLongestShape = 5;

bool is_blank(char c) {
  return c == ' ' || (c >= '\t' && c <= '\r');
}
bool is_upper(char c) {
  return c >= 'A' && c <= 'Z';
}
bool is_lower(char c) {
  return c >= 'a' && c <= 'z';
}

void make_set(std::vector<std::int32_t>& keys) {
  std::sort(keys.begin(), keys.end());
  keys.erase(std::unique(keys.begin(), keys.end()), keys.end());
}

void add_tokens(std::string_view form, TextSigns& signs) {
  std::string pair = " ";  // the token before and a blank; no token has one
  std::string token;
  const auto end_token = [&] {
    if (token.empty()) return;
    signs.tokens.push_back(word_key(token));
    pair += token;
    signs.pairs.push_back(word_key(pair));
    pair.assign(token) += ' ';
    token.clear();
  };
  for (const char c : form) {
    if (is_word_byte(c)) {
      token += lower_ascii(c);
      continue;
    }
    end_token();
    if (is_blank(c)) continue;
    token = c;
    end_token();
  }
  end_token();
  if (!signs.tokens.empty()) signs.pairs.push_back(word_key(pair));
}

using IsKnown = std::function<bool(std::string_view)>;

bool is_unknown(std::string_view word, const IsKnown& is_known) {
  if (word.size() < kShortestUnknown) return false;
  std::string lower(word);
  for (char& c : lower) c = lower_ascii(c);
  return !is_known(lower);
}

char kind_of(std::string_view word, const IsKnown& is_known) {
  if (is_placeholder(word)) return kPlaceholder;
  const bool has_upper = std::any_of(word.begin(), word.end(), is_upper);
  const bool has_lower = std::any_of(word.begin(), word.end(), is_lower);
  if (has_upper && !has_lower) return kCapitals;
  for (std::size_t i = 1; i < word.size(); ++i)
    if (is_lower(word[i - 1]) && is_upper(word[i])) return kCamel;
  if (word.find('_') != std::string_view::npos) return kSnake;
  if (is_unknown(word, is_known)) return is_upper(word.front()) ? kUnknownCapitalised : kUnknown;
  return is_upper(word.front()) ? kCapitalised : kWord;
}

std::string shape_of(std::string_view form, const IsKnown& is_known) {
  const auto is_of_word = [](char c) { return is_word_byte(c) || c == '_'; };
  std::string shape(1, kBegin);
  for (std::size_t i = 0; i < form.size();) {
    std::size_t end = i + 1;
    if (is_of_word(form[i])) {
      while (end < form.size() && is_of_word(form[end])) ++end;
      shape += kind_of(form.substr(i, end - i), is_known);
    } else if (is_blank(form[i])) {
      while (end < form.size() && is_blank(form[end])) ++end;
      shape += ' ';
    } else {
      shape += form[i];
    }
    i = end;
  }
  return shape += kEnd;
}

}  // namespace

void text_signs(std::string_view form, const std::function<bool(std::string_view)>& is_known,
                TextSigns& signs) {
  signs.tokens.clear();
  signs.pairs.clear();
  signs.shapes.clear();
  add_tokens(form, signs);
  const std::string shape = shape_of(form, is_known);
  for (std::size_t length = kShortestShape; length <= kLongestShape; ++length)
    for (std::size_t i = 0; i + length <= shape.size(); ++i)
      signs.shapes.push_back(word_key(std::string_view(shape).substr(i, length)));
  make_set(signs.tokens);
  make_set(signs.pairs);
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
