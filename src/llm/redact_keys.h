// What a name says about the value behind it: `password=…` holds a secret, `user=…` a person, `size=…` neither.
#ifndef LOGSIEVE_LLM_REDACT_KEYS_H_
#define LOGSIEVE_LLM_REDACT_KEYS_H_

#include <cstdint>
#include <string_view>

namespace logsieve {

enum class KeyKind : std::uint8_t {
  kNone,
  kSecret,  // its value is one, whatever it looks like
  kMaybe,   // its value is a secret if it looks like one: key, hash, code
  kLogin,   // its value names an account
  kPerson,  // its value is a person's name if it looks like one: name, customer, owner
};

// `key` as it stands in a line: db_password, clientSecret, X-API-Key, "api key". O(key).
KeyKind kind_of_key(std::string_view key);

// A key of a secret that is also said of other things: query parser choked on token "then". The value of any other
// is secret even where it reads like a word: db_password, passphrase.
bool may_hold_a_word(std::string_view key);

// One of the words that the mask and the redaction put in the place of values.
bool is_placeholder(std::string_view word);

// A value that tells nobody anything: a placeholder of the mask, null, ****, expired. Without quotes. O(value).
bool is_harmless_value(std::string_view value);

// An account that every machine has (root, postgres, nobody), or a word that stands where a name could.
bool is_common_account(std::string_view value);

}  // namespace logsieve

#endif  // LOGSIEVE_LLM_REDACT_KEYS_H_
