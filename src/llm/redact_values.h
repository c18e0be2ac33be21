// Secrets and names that the word before them gives away: password=…, "apiKey": "…", --token …, <pwd>…</pwd>.
#ifndef LOGSIEVE_LLM_REDACT_VALUES_H_
#define LOGSIEVE_LLM_REDACT_VALUES_H_

#include <string>
#include <string_view>

namespace logsieve {

// `text` with such values replaced by `secret` or `name`; quotes and what divides key from value stay. O(text).
std::string redact_keyed_values(std::string_view text);

}  // namespace logsieve

#endif  // LOGSIEVE_LLM_REDACT_VALUES_H_
