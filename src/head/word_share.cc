#include "head/word_share.h"

#include <cstddef>
#include <string>

#include "mask/form_words.h"

namespace logsieve {
namespace {

constexpr std::size_t kShortestWord = 3;

bool is_lower(char c) {
  return c >= 'a' && c <= 'z';
}
bool is_upper(char c) {
  return c >= 'A' && c <= 'Z';
}
bool is_letter(char c) {
  return is_lower(c) || is_upper(c);
}
bool is_blank(char c) {
  return c == ' ' || (c >= '\t' && c <= '\r');
}

// Length of the first word of a run of letters: capitals, or lower-case letters with a capital before them.
std::size_t first_word(std::string_view run) {
  std::size_t end = 0;
  while (end < run.size() && is_upper(run[end])) ++end;
  if (end == run.size()) return end;
  // The last of several capitals begins the next word.
  if (end > 1) return end - 1;
  while (end < run.size() && is_lower(run[end])) ++end;
  return end;
}

}  // namespace

double word_share(std::string_view form, const std::function<bool(std::string_view)>& is_known) {
  std::size_t counted = 0;
  std::size_t known = 0;
  std::string word;
  for (std::size_t i = 0; i < form.size();) {
    if (!is_letter(form[i])) {
      counted += is_blank(form[i]) ? 0U : 1U;
      ++i;
      continue;
    }
    std::size_t end = i;
    while (end < form.size() && is_letter(form[end])) ++end;
    std::string_view run = form.substr(i, end - i);
    i = end;
    if (is_placeholder(run)) continue;
    counted += run.size();
    while (!run.empty()) {
      const std::size_t length = first_word(run);
      word.assign(run.substr(0, length));
      run.remove_prefix(length);
      if (length < kShortestWord) continue;
      for (char& c : word) c = is_upper(c) ? static_cast<char>(c + 32) : c;
      known += is_known(word) ? length : 0U;
    }
  }
  return counted == 0 ? 0.0 : static_cast<double>(known) / static_cast<double>(counted);
}

}  // namespace logsieve
