// Takes secrets and personal data out of text that leaves the machine: what the mask's typed values do not cover.
//
// The mask replaces each value that has digits or a type. What can remain is words: a password of letters, the
// letters of a key between its digits, a name behind `user=`. Three kinds of evidence, as secret scanners use them
// (published prefixes; names of settings; randomness of letters), each found in time linear in the text. RE2 for
// what is a phrase, hand-written scans for the rest.
//
// It changes nothing that stays on the machine: forms in verdicts, rules and training keep their words.
#ifndef LOGSIEVE_LLM_REDACT_H_
#define LOGSIEVE_LLM_REDACT_H_

#include <cstddef>
#include <string>
#include <string_view>

namespace logsieve {

// Changes whenever the same text could be redacted in another way.
inline constexpr int kRedactionVersion = 1;

// `text` (a masked form, or any text) with secrets replaced by the word `secret`, names of people and accounts by
// `name`, e-mail by `email`, card numbers (Luhn) and social security numbers by `number`, IBANs (mod 97) by `id`.
// Idempotent. Never longer than kMaxRedactionGrowth times the text. For any bytes. O(text).
std::string redact(std::string_view text);
inline constexpr std::size_t kMaxRedactionGrowth = 6;

}  // namespace logsieve

#endif  // LOGSIEVE_LLM_REDACT_H_
