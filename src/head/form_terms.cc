#include "head/form_terms.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "head/word_key.h"
#include "mask/form_words.h"

namespace logsieve {

void form_terms(std::string_view form, std::vector<FormTerm>& terms, TermKinds kinds) {
  terms.clear();
  std::string word;
  std::string pair;  // the word before, and a blank
  for (std::size_t i = 0; i <= form.size(); ++i) {
    if (i < form.size() && is_word_byte(form[i])) {
      word += lower_ascii(form[i]);
    } else if (!word.empty()) {
      terms.push_back({word_key(word), 1.0F});
      if (kinds == TermKinds::kWordsAndPairs) {
        if (!pair.empty()) terms.push_back({word_key(pair + word), 1.0F});
        pair.assign(word).push_back(' ');
      }
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
