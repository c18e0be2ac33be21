// logfmt: `level=info msg="user 12 logged in" service=api ts=…`, as Go services and Heroku write it.
#ifndef LOGSIEVE_IO_LOGFMT_READER_H_
#define LOGSIEVE_IO_LOGFMT_READER_H_

#include <cstddef>
#include <memory>
#include <optional>
#include <string_view>

#include "io/line_reader.h"

namespace logsieve {

// Views into the line; a value with its quotes, if it has any.
struct LogfmtLine {
  std::string_view message;
  std::string_view source;
  std::string_view time;
};

// Nothing if the line is not made of key=value and bare keys alone, begins with none, or has fewer than two pairs. Keys
// are those that the options name, else the conventional ones (field_names.h); of several the most wanted, then the
// first.
std::optional<LogfmtLine> parse_logfmt(std::string_view line, const ReaderOptions& options);

std::unique_ptr<LineParser> make_logfmt_parser(const ReaderOptions& options);

}  // namespace logsieve

#endif  // LOGSIEVE_IO_LOGFMT_READER_H_
