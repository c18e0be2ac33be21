// Text as one word of a shell command.
#ifndef LOGSIEVE_CLI_SHELL_QUOTE_H_
#define LOGSIEVE_CLI_SHELL_QUOTE_H_

#include <algorithm>
#include <string>
#include <string_view>

namespace logsieve {

// In single quotes, whatever it holds.
inline std::string shell_quoted(std::string_view text) {
  std::string out = "'";
  for (const char c : text) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return out + "'";
}

// The same, as it is where no character means anything to a shell.
inline std::string shell_word(std::string_view text) {
  const bool is_plain = !text.empty() && std::all_of(text.begin(), text.end(), [](unsigned char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c >= 0x80 ||
           std::string_view("_-./+,:@%").find(static_cast<char>(c)) != std::string_view::npos;
  });
  return is_plain ? std::string(text) : shell_quoted(text);
}

}  // namespace logsieve

#endif  // LOGSIEVE_CLI_SHELL_QUOTE_H_
