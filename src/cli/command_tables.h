// The command line as data for shells and manuals, read off the parser itself, so that --help, completions and the
// man page cannot disagree.
#ifndef LOGSIEVE_CLI_COMMAND_TABLES_H_
#define LOGSIEVE_CLI_COMMAND_TABLES_H_

#include <CLI/CLI.hpp>
#include <string>
#include <string_view>

namespace logsieve {

// A completion script for `shell`: bash, zsh or fish. Empty for another.
std::string completion_script(const CLI::App& app, std::string_view shell);

// The manual page logsieve(1) in roff (man macros).
std::string man_page(const CLI::App& app);

}  // namespace logsieve

#endif  // LOGSIEVE_CLI_COMMAND_TABLES_H_
