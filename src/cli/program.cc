#include <csignal>
#include <string>
#include <utility>
#include <vector>

#include "cli/commands.h"
#include "cli/console.h"

namespace logsieve {
namespace {

constexpr const char* kDescription =
    "Classifies log lines through three sieves: regex rules, sentence embeddings with logistic regression, "
    "and an "
    "LLM.\nEach answer says which one it came from, why, and how sure it is.";

constexpr const char* kFooter =
    "\nExit codes: 0 done, 2 usage, 65 bad input under --strict, 69 a needed service is unavailable,\n"
    "74 I/O error, 78 bad configuration, rule book or model, 130 interrupted, 1 anything else.\n"
    "Data goes to stdout, everything else to stderr. `-` is stdin. `logsieve COMMAND --help` says more.";

std::vector<std::pair<CLI::App*, Run>> add_commands(CLI::App& app) {
  std::vector<std::pair<CLI::App*, Run>> commands;
  for (const auto add : {add_classify, add_explain, add_train, add_evaluate, add_mask, add_tokenize,
                         add_embed, add_doctor, add_completions}) {
    Run run = add(app);
    commands.emplace_back(app.get_subcommands({}).back(), std::move(run));
  }
  return commands;
}

}  // namespace

int run_program(int argc, char** argv) {
  // A reader that went away is told by write(): EPIPE, not by a signal.
  std::signal(SIGPIPE, SIG_IGN);
  CLI::App app{kDescription, "logsieve"};
  app.set_version_flag("--version", std::string("logsieve ") + LOGSIEVE_VERSION);
  app.footer(kFooter);
  app.require_subcommand(1);
  app.get_formatter()->column_width(32);
  const auto commands = add_commands(app);
  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& wanted) {
    return app.exit(wanted);
  } catch (const CLI::ParseError& failure) {
    return report(Error{ErrorCode::kInvalidArgument, failure.what()}.with_help(
        "logsieve --help lists the commands and their flags"));
  }
  for (const auto& [command, run] : commands)
    if (command->parsed()) return run();
  return 2;
}

}  // namespace logsieve
