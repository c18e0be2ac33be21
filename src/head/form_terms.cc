#include "head/form_terms.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "base/hash.h"

namespace logsieve {
namespace {

bool is_word_byte(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || byte >= 0x80;
}

}  // namespace

void form_terms(std::string_view form, std::vector<FormTerm>& terms) {
  terms.clear();
  std::string word;
  for (std::size_t i = 0; i <= form.size(); ++i) {
    if (i < form.size() && is_word_byte(form[i])) {
      word += form[i] >= 'A' && form[i] <= 'Z' ? static_cast<char>(form[i] + 32) : form[i];
    } else if (!word.empty()) {
      terms.push_back({static_cast<std::int32_t>(xxh3_128(word).low & 0x7FFFFFFFU), 1.0F});
      word.clear();
    }
  }
  std::sort(terms.begin(), terms.end(), [](const FormTerm& a, const FormTerm& b) { return a.key < b.key; });
  std::size_t kept = 0;
  for (std::size_t i = 0; i < terms.size(); ++i) {
    if (kept > 0 && terms[kept - 1].key == terms[i].key)
      terms[kept - 1].weight += 1.0F;
    else
      terms[kept++] = terms[i];
  }
  terms.resize(kept);
  for (FormTerm& term : terms) term.weight = 1.0F + std::log(term.weight);
}

}  // namespace logsieve
