#include <memory>
#include <utility>

#include "cli/commands.h"
#include "cli/console.h"
#include "cli/input_formats.h"
#include "cli/output_checks.h"
#include "io/verdict_writer.h"
#include "mask/masker.h"

namespace logsieve {
namespace {

struct MaskArgs {
  std::string input = "-";
  std::string out;
  ReaderOptions reader;
  std::string from = "text";
};

Result<int> run_mask(MaskArgs args) {
  args.reader.format = input_format_from(args.from);
  if (auto checked = check_outputs({&args.input, 1}, {&args.out, 1}); !checked)
    return std::move(checked).error();
  auto reader = open_records(args.input, args.reader);
  if (!reader) return std::move(reader).error();
  auto file = OutputFile::create(args.out);
  if (!file) return std::move(file).error();
  std::string form;
  std::string block;
  for (;;) {
    auto batch = (*reader)->next();
    if (!batch) return std::move(batch).error();
    if (batch->records.empty() && batch->rejects.empty()) break;
    for (const Reject& reject : batch->rejects)
      note(args.input + ":" + std::to_string(reject.line) + ": " + reject.reason);
    block.clear();
    for (const Record& record : batch->records) {
      mask(record.message, form);
      // One form a line, also where a message has several lines.
      for (char& c : form)
        if (c == '\n' || c == '\r') c = ' ';
      block += form;
      block += '\n';
    }
    if (auto written = file->write(block); !written)
      return file->is_broken_pipe() ? Result<int>(0) : std::move(written).error();
  }
  if (auto closed = file->close(); !closed)
    return file->is_broken_pipe() ? Result<int>(0) : std::move(closed).error();
  return 0;
}

}  // namespace

Run add_mask(CLI::App& app) {
  auto args = std::make_shared<MaskArgs>();
  CLI::App* command =
      app.add_subcommand("mask", "Print the form of each line: values out, placeholder words in");
  command->add_option("INPUT", args->input, "File to read; `-` or none: stdin")->type_name("FILE");
  command->add_option("--from", args->from, "Input format [text]")
      ->check(CLI::IsMember(input_format_names()))
      ->type_name("FORMAT");
  command->add_option("--out,-o", args->out, "Output file [stdout]")->type_name("FILE");
  command->add_option("--message-column", args->reader.message_column, "Column or field of the message")
      ->type_name("NAME");
  return [args] {
    auto code = run_mask(*args);
    return code ? *code : report(code.error());
  };
}

}  // namespace logsieve
