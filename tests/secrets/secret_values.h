// The made-up values that a shape can name.
#ifndef LOGSIEVE_TESTS_SECRETS_SECRET_VALUES_H_
#define LOGSIEVE_TESTS_SECRETS_SECRET_VALUES_H_

#include <string>
#include <string_view>

#include "base/random.h"

namespace logsieve::secrets {

// By name:
//   password   what people choose: Summer2024!, tr0ub4dor&3, blue-lamp-river, qwertyasdf
//   passphrase three to five words with spaces
//   printable  12 to 20 random printable characters without white space, quotes and backslash
//   card, card_spaced, card_dashed   valid by Luhn
//   iban, iban_spaced                valid by mod 97
//   jwt        three base64url parts, header and claims of JSON
//   basic      base64 of user:password
//   base64:N   base64 of N random bytes
//   login      j.smith, asmith, maria_lopez
//   person     Maria Lopez
//   email      maria.lopez@mail.example
//   words12    twelve words of a wallet's recovery phrase
// Throws std::logic_error for another name: a family is wrong.
std::string secret_value(std::string_view name, Random& random);

}  // namespace logsieve::secrets

#endif  // LOGSIEVE_TESTS_SECRETS_SECRET_VALUES_H_
