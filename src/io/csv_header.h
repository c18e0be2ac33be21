// The header of a CSV: its columns, and which of them are the message, the source and the time.
#ifndef LOGSIEVE_IO_CSV_HEADER_H_
#define LOGSIEVE_IO_CSV_HEADER_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "io/input_buffer.h"
#include "io/record_reader.h"

namespace logsieve {

struct CsvHeader {
  std::string raw;  // without its line end
  std::vector<std::string> columns;
  char delimiter = ',';
  std::size_t message = 0;  // index of the column
  std::optional<std::size_t> source;
  std::optional<std::size_t> time;
  std::uint64_t line = 1;  // where it stands: blank lines may come before it
};

// The column that `wanted` names, or the conventional one if `wanted` is empty.
std::optional<std::size_t> find_message_column(const std::vector<std::string>& columns,
                                               const std::string& wanted);

// Reads the header and consumes it up to its line end. `name` is for messages and, by its extension (.tsv), for
// the delimiter that is tried first. Errors: kBadInput (nothing there, a quote that is never closed, no message
// column, the message column twice, a source column that was asked for and is not there), and those of reading.
Result<CsvHeader> read_csv_header(InputBuffer& buffer, const ReaderOptions& options, const std::string& name);

}  // namespace logsieve

#endif  // LOGSIEVE_IO_CSV_HEADER_H_
