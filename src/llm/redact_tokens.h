// Secrets that their own looks give away, wherever they stand: ghp_…, eyJ….eyJ…, what remains of a masked key.
#ifndef LOGSIEVE_LLM_REDACT_TOKENS_H_
#define LOGSIEVE_LLM_REDACT_TOKENS_H_

#include <string>
#include <string_view>

namespace logsieve {

// `text` with such tokens replaced by `secret`. O(text).
std::string redact_tokens(std::string_view text);

enum class Doubt : std::uint8_t {
  kAnywhere,  // nothing speaks for a secret but the token
  kExpected,  // a name before it says that one may come
};
// `token` has no white space or quotes. O(token).
bool is_secret_token(std::string_view token, Doubt doubt);

// A masked value can have gained spaces: Summer2024!x is "Summer number!x" now. The end of the value that starts
// before `end`, with such parts.
std::size_t masked_value_end(std::string_view text, std::size_t end);

}  // namespace logsieve

#endif  // LOGSIEVE_LLM_REDACT_TOKENS_H_
