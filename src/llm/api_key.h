// The shape that an API key must have, and text with the key taken out.
#ifndef LOGSIEVE_LLM_API_KEY_H_
#define LOGSIEVE_LLM_API_KEY_H_

#include <string>
#include <string_view>

#include "base/result.h"

namespace logsieve {

// kBadConfig if `key` holds a byte that is not visible ASCII (0x21-0x7E): a line break would end the header it
// is sent in and start another. `origin` says where the key came from. No part of the key is shown.
Result<void> check_api_key(std::string_view key, std::string_view origin);

// A copy of `text` in which every run of 6 or more bytes that also stands in `key` (a shorter key: the key
// itself) is "***". Servers quote the key they refuse, whole or in part, in their error messages.
std::string without_key(std::string_view text, std::string_view key);

}  // namespace logsieve

#endif  // LOGSIEVE_LLM_API_KEY_H_
