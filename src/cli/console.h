// What a person at a terminal sees: errors, notes and tables. Data goes to stdout, all this to stderr.
#ifndef LOGSIEVE_CLI_CONSOLE_H_
#define LOGSIEVE_CLI_CONSOLE_H_

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace logsieve {

// Colour on `fd`: it is a terminal and NO_COLOR is not set.
bool has_colour(int fd);
// Columns of the terminal on stdout or stderr; `fallback` if neither is one.
std::size_t terminal_columns(std::size_t fallback);

// Prints the error on stderr and returns the process exit code that fits it.
int report(const Error& error);
// `fd` is a pipe or a socket: whoever reads from it may go away.
bool is_pipe(int fd);
// One line on stderr: "logsieve: MESSAGE".
void note(std::string_view message);

// Text cut or padded to exactly `columns` cells, control bytes escaped. A cell is a code point.
std::string fit(std::string_view text, std::size_t columns);

}  // namespace logsieve

#endif  // LOGSIEVE_CLI_CONSOLE_H_
