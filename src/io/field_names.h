// The names under which inputs carry the message, the source and the time, and what to say when they do not.
#ifndef LOGSIEVE_IO_FIELD_NAMES_H_
#define LOGSIEVE_IO_FIELD_NAMES_H_

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace logsieve {

inline constexpr std::size_t kNoRank = static_cast<std::size_t>(-1);

// The place of a name among the conventional ones, 0 the most wanted; kNoRank if it is none. ASCII case, spaces
// around it, and '-' or ' ' for '_' do not matter.
std::size_t message_name_rank(std::string_view name);
std::size_t source_name_rank(std::string_view name);
std::size_t time_name_rank(std::string_view name);

// "log_message, message, msg, ...": for messages.
std::string message_names();

// The candidate that `wanted` is probably a slip of: least edits, at most a third of its length; empty if none.
std::string_view nearest_name(std::string_view wanted, std::span<const std::string> candidates);

}  // namespace logsieve

#endif  // LOGSIEVE_IO_FIELD_NAMES_H_
