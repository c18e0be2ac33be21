// What `classify` is told on its command line.
#ifndef LOGSIEVE_CLI_CLASSIFY_ARGS_H_
#define LOGSIEVE_CLI_CLASSIFY_ARGS_H_

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "base/result.h"
#include "cli/detection_run.h"
#include "cli/settings.h"

namespace logsieve {

struct ClassifyArgs {
  RawSettings settings;
  std::vector<std::string> inputs;
  std::string from = "auto";
  std::string to;
  std::string out;
  std::string rejects;
  std::string durability;
  std::string message_column;
  std::string source_column;
  std::string multiline;
  bool is_strict = false;
  bool has_no_header = false;
  bool is_unbuffered = false;
  bool guards_formulas = false;
  bool has_summary = false;
  bool detects = false;
  bool follows = false;
  bool from_end = false;
  bool accepts_new_model = false;
  DetectionArgs detection;

  bool writes_stdout() const { return out.empty() || out == "-"; }
  // A run that goes on where it stopped is wanted: a folder for its state was named, and there is a file to go on with.
  bool resumes() const;
};

void add_classify_options(CLI::App& command, ClassifyArgs& args);

// What does not go with --follow, and with a run that is to be resumed. Errors: kInvalidArgument.
Result<void> check_follow(const ClassifyArgs& args, const Settings& settings);
Result<void> check_resumed(const ClassifyArgs& args, const Settings& settings);

}  // namespace logsieve

#endif  // LOGSIEVE_CLI_CLASSIFY_ARGS_H_
