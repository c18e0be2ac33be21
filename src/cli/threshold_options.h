// The flags that say how sure an answer must be, the same in every command that learns thresholds.
#ifndef LOGSIEVE_CLI_THRESHOLD_OPTIONS_H_
#define LOGSIEVE_CLI_THRESHOLD_OPTIONS_H_

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "base/result.h"
#include "training/fit/trainer.h"

namespace logsieve {

struct ThresholdArgs {
  std::vector<std::string> max_errors;
  double precision = TrainOptions().precision;
};

// `args` must outlive the parsing of the command line.
inline void add_threshold_options(CLI::App& command, ThresholdArgs& args) {
  command
      .add_option(
          "--max-error", args.max_errors,
          "Error rate that the model's answers keep on unseen forms with 95 % confidence, for all labels "
          "(0.01) or one (\"Security Alert=0.005\"); repeatable")
      ->allow_extra_args(false)
      ->type_name("X");
  command.add_option("--precision", args.precision, "Precision each label's threshold aims at [0.99]")
      ->check(CLI::Range(0.5, 1.0))
      ->type_name("P");
}

// Errors: kInvalidArgument for a limit that is none.
inline Result<void> apply(const ThresholdArgs& args, TrainOptions& options) {
  options.precision = args.precision;
  for (const std::string& text : args.max_errors)
    if (auto added = options.limits.add(text); !added) return added;
  return ok();
}

}  // namespace logsieve

#endif  // LOGSIEVE_CLI_THRESHOLD_OPTIONS_H_
