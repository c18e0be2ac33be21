// JSONL: one object a line (DESIGN calls it jsonl; also known as NDJSON).
#ifndef LOGSIEVE_IO_JSONL_READER_H_
#define LOGSIEVE_IO_JSONL_READER_H_

#include <memory>

#include "io/line_reader.h"

namespace logsieve {

// Lines of white space only are no records.
std::unique_ptr<LineParser> make_jsonl_parser(const ReaderOptions& options);

}  // namespace logsieve

#endif  // LOGSIEVE_IO_JSONL_READER_H_
