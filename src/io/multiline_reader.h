// Text whose records span lines: stack traces and the like, joined by a rule that says which lines begin a record.
#ifndef LOGSIEVE_IO_MULTILINE_READER_H_
#define LOGSIEVE_IO_MULTILINE_READER_H_

#include <memory>
#include <string_view>

#include "base/result.h"
#include "io/line_reader.h"

namespace logsieve {

// Lines of stack traces: which continue the line before them. Feed every line, in order.
class StackTraceRule {
 public:
  bool continues(std::string_view line);

 private:
  bool is_in_traceback_ = false;  // of Python: it ends with a line that is not indented, which belongs to it
  bool is_behind_trace_ = false;  // blank lines stand between a trace and what chains another one to it
};

// `options.multiline` as in record_reader.h. Errors: kInvalidArgument (a regex that RE2 does not accept).
Result<std::unique_ptr<LineParser>> make_multiline_parser(const ReaderOptions& options);

}  // namespace logsieve

#endif  // LOGSIEVE_IO_MULTILINE_READER_H_
