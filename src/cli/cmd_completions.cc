#include <fmt/format.h>
#include <memory>

#include "cli/command_tables.h"
#include "cli/commands.h"

namespace logsieve {

Run add_completions(CLI::App& app) {
  auto shell = std::make_shared<std::string>();
  CLI::App* command =
      app.add_subcommand("completions", "Print a completion script for a shell, or the man page");
  command->add_option("SHELL", *shell, "bash, zsh, fish or man")
      ->required()
      ->check(CLI::IsMember({"bash", "zsh", "fish", "man"}));
  return [&app, shell] {
    fmt::print("{}", *shell == "man" ? man_page(app) : completion_script(app, *shell));
    return 0;
  };
}

}  // namespace logsieve
