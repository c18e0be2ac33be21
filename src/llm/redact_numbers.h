// Numbers of people's money and papers, known by their check digits. Masked text has none left.
#ifndef LOGSIEVE_LLM_REDACT_NUMBERS_H_
#define LOGSIEVE_LLM_REDACT_NUMBERS_H_

#include <string>
#include <string_view>

namespace logsieve {

// Luhn (ISO/IEC 7812-1) over digits only.
bool has_luhn_check(std::string_view digits);
// ISO 13616: two letters, two check digits, up to 30 letters and digits; the whole mod 97 is 1.
bool has_iban_check(std::string_view iban);

// `text` with payment card numbers (13 to 19 digits, spaces or dashes between) and social security numbers
// (3-2-4 digits) replaced by `number`, IBANs (with or without spaces) by `id`. O(text).
std::string redact_numbers(std::string_view text);

}  // namespace logsieve

#endif  // LOGSIEVE_LLM_REDACT_NUMBERS_H_
