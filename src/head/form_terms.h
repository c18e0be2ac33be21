// The words of a form as a sparse row: what the regression sees beside the sentence vector.
#ifndef LOGSIEVE_HEAD_FORM_TERMS_H_
#define LOGSIEVE_HEAD_FORM_TERMS_H_

#include <cstdint>
#include <string_view>
#include <vector>

namespace logsieve {

struct FormTerm {
  std::int32_t
      key;       // hash of the word, >= 0: 31 bits, so that of 10,000 words two meet once in 40 vocabularies
  float weight;  // 1 + ln(occurrences)
};

// What heads look at is kWords. Pairs of neighbouring words, as terms of their own beside the words, lose on held-out
// forms (docs/adr/0015): they are here to be measured against.
enum class TermKinds : std::uint8_t { kWords, kWordsAndPairs };

// Words are maximal runs of ASCII letters, digits and bytes from 0x80 up, in lower case. Replaces `terms`, ascending
// by key, each key once. O(bytes).
void form_terms(std::string_view form, std::vector<FormTerm>& terms, TermKinds kinds = TermKinds::kWords);

}  // namespace logsieve

#endif  // LOGSIEVE_HEAD_FORM_TERMS_H_
