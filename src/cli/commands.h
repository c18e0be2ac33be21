// One function a command: adds itself to the program's command line and runs when it was chosen.
#ifndef LOGSIEVE_CLI_COMMANDS_H_
#define LOGSIEVE_CLI_COMMANDS_H_

#include <CLI/CLI.hpp>
#include <functional>

namespace logsieve {

// What a chosen command does: returns the process exit code.
using Run = std::function<int()>;

// Each adds its command to `app` and returns what to run if it was chosen.
Run add_classify(CLI::App& app);
Run add_train(CLI::App& app);
Run add_discover(CLI::App& app);
Run add_rules(CLI::App& app);
Run add_evaluate(CLI::App& app);
Run add_explain(CLI::App& app);
Run add_embed(CLI::App& app);
Run add_tokenize(CLI::App& app);
Run add_mask(CLI::App& app);
Run add_mine(CLI::App& app);
Run add_doctor(CLI::App& app);
Run add_watch(CLI::App& app);
Run add_alerts(CLI::App& app);
Run add_completions(CLI::App& app);
Run add_llm(CLI::App& app);
Run add_review(CLI::App& app);

// The whole program. Returns the exit code of DESIGN section 3.
int run_program(int argc, char** argv);

}  // namespace logsieve

#endif  // LOGSIEVE_CLI_COMMANDS_H_
