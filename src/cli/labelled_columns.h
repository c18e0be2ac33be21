// The flags that name the columns of labelled data, the same in every command that reads it.
#ifndef LOGSIEVE_CLI_LABELLED_COLUMNS_H_
#define LOGSIEVE_CLI_LABELLED_COLUMNS_H_

#include <CLI/CLI.hpp>
#include <string>

#include "base/result.h"
#include "training/fit/labelled_data.h"

namespace logsieve {

// `columns` must outlive the parsing of the command line.
inline void add_labelled_columns(CLI::App& command, LabelledDataOptions& columns) {
  command
      .add_option("--message-column", columns.message_column,
                  "Column of the message [log_message, message, …]")
      ->type_name("NAME");
  command.add_option("--label-column", columns.label_column, "Column of the label [target_label]")
      ->type_name("NAME");
  command.add_option("--source-column", columns.source_column, "Column of the source [source, service, …]")
      ->type_name("NAME");
}

// What load_labelled_csv says of a log without labels, in a command that takes one with --unlabelled.
inline Error unlabelled_hint(Error error) {
  if (error.code == ErrorCode::kBadInput)
    error.help += (error.help.empty() ? "" : "; ") + std::string("a log without labels needs --unlabelled");
  return error;
}

// Of --out: an empty name would count as none.
inline std::string named_file(const std::string& path) {
  return path.empty() ? "an empty name is no file" : "";
}

}  // namespace logsieve

#endif  // LOGSIEVE_CLI_LABELLED_COLUMNS_H_
