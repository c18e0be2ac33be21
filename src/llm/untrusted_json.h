// JSON from the network: read only if it is small in every dimension and means one thing.
#ifndef LOGSIEVE_LLM_UNTRUSTED_JSON_H_
#define LOGSIEVE_LLM_UNTRUSTED_JSON_H_

#include <cstddef>
#include <nlohmann/json.hpp>
#include <optional>
#include <string_view>

namespace logsieve {

inline constexpr std::size_t kJsonMaxDepth = 32;
inline constexpr std::size_t kJsonMaxValues = 65'536;  // a chat completion has some 40

// Nothing if `text` is not one JSON value in valid UTF-8, if an object names a key twice (parsers disagree on
// which one counts), or if it is deeper or holds more values than the limits. O(text), no recursion.
std::optional<nlohmann::json> parse_untrusted_json(std::string_view text);

// The string at object[key], or nothing if `object` is no object, has no such key or holds another type there.
std::optional<std::string_view> string_member(const nlohmann::json& object, const char* key);

}  // namespace logsieve

#endif  // LOGSIEVE_LLM_UNTRUSTED_JSON_H_
