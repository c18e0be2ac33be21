#include <cerrno>
#include <csignal>
#include <cstdio>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/edit_distance.h"
#include "base/file.h"
#include "cli/commands.h"
#include "cli/console.h"

namespace logsieve {
namespace {

constexpr const char* kDescription =
    "Classifies log lines through three sieves: regex rules, sentence embeddings with logistic regression, "
    "and an "
    "LLM.\nEach answer says which one it came from, why, and how sure it is.";

constexpr const char* kFooter =
    "\nExit codes: 0 done, 2 usage, 65 bad input, 69 a needed service is unavailable,\n"
    "71 a sync to disk failed, 74 I/O error, 78 bad configuration, rule book or model, 130 interrupted, 1 "
    "anything else.\n"
    "Data goes to stdout, everything else to stderr. `-` is stdin. `logsieve COMMAND --help` says more.";

std::vector<std::pair<CLI::App*, Run>> add_commands(CLI::App& app) {
  std::vector<std::pair<CLI::App*, Run>> commands;
  for (const auto add :
       {add_classify, add_watch, add_alerts, add_explain, add_train, add_discover, add_rules, add_evaluate,
        add_mask, add_mine, add_tokenize, add_embed, add_llm, add_review, add_doctor, add_completions}) {
    Run run = add(app);
    commands.emplace_back(app.get_subcommands({}).back(), std::move(run));
  }
  return commands;
}

// A first word that is no command, with the one that was probably meant.
std::optional<Error> unknown_command(const CLI::App& app, int argc, char** argv) {
  if (argc < 2 || argv[1][0] == '-' || argv[1][0] == '\0') return std::nullopt;
  const std::string word = argv[1];
  std::string meant;
  for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; })) {
    if (command->get_name() == word) return std::nullopt;
    if (is_nearly(command->get_name(), word)) meant = command->get_name();
  }
  return Error{ErrorCode::kInvalidArgument, "there is no command \"" + word + '"'}.with_help(
      meant.empty() ? "logsieve --help lists the commands" : "did you mean " + meant + '?');
}

// What to do about words that do not fit: the flag that was probably meant, or where the flags are listed.
std::string usage_help(const CLI::App& app, int argc, char** argv) {
  const CLI::App* command = &app;
  std::string words = "logsieve";
  while (!command->get_subcommands().empty()) {
    command = command->get_subcommands().front();
    words += ' ' + command->get_name();
  }
  if (command == &app) return "logsieve --help lists the commands and their flags";
  for (const std::string& word : std::vector<std::string>(argv + 1, argv + argc)) {
    if (!word.starts_with("--") || command->get_option_no_throw(word.substr(0, word.find('='))) != nullptr)
      continue;
    for (const CLI::Option* option : command->get_options())
      for (const std::string& name : option->get_lnames())
        if (is_nearly("--" + name, word)) return "did you mean --" + name + '?';
  }
  return words + " --help lists its flags";
}

// What went to stdout by way of stdio is written, or the failure is told: a full disk is no success.
int flushed(int code) {
  if (std::fflush(stdout) == 0 && std::ferror(stdout) == 0) return code;
  if (errno == EPIPE) return code;
  return report(io_error("write", "stdout", errno));
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
    return flushed(app.exit(wanted));
  } catch (const CLI::ParseError& failure) {
    if (const auto unknown = unknown_command(app, argc, argv)) return report(*unknown);
    return report(Error{ErrorCode::kInvalidArgument, failure.what()}.with_help(usage_help(app, argc, argv)));
  }
  for (const auto& [command, run] : commands)
    if (command->parsed()) return flushed(run());
  return 2;
}

}  // namespace logsieve
