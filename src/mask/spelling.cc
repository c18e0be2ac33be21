#include "mask/spelling.h"

#include <cstddef>

#include "mask/form_words.h"

namespace logsieve {
namespace {

constexpr std::array<std::string_view, kSpellings.size()> kNames = {"words", "tags", "none"};

}  // namespace

std::string_view spelling_name(Spelling spelling) {
  return kNames[static_cast<std::size_t>(spelling)];
}

std::optional<Spelling> spelling_from(std::string_view name) {
  for (const Spelling spelling : kSpellings)
    if (spelling_name(spelling) == name) return spelling;
  return std::nullopt;
}

void spell(std::string_view form, Spelling spelling, std::string& text) {
  text.clear();
  if (spelling == Spelling::kWords) {
    text = form;
    return;
  }
  for (std::size_t i = 0; i < form.size();) {
    std::size_t end = i;
    while (end < form.size() && is_word_byte(form[end])) ++end;
    const std::string_view word = form.substr(i, end - i);
    if (!is_placeholder(word))
      text += word;
    else if (spelling == Spelling::kTags)
      text.append("<").append(word).append(">");
    if (end < form.size()) text += form[end];
    i = end + 1;
  }
}

}  // namespace logsieve
