// Bytes to records: CSV, JSONL and text, in chunks, with memory bounded by the chunk and the longest record.
#ifndef LOGSIEVE_IO_RECORD_READER_H_
#define LOGSIEVE_IO_RECORD_READER_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "io/csv_record.h"  // split_csv_record
#include "record/record.h"

namespace logsieve {

enum class InputFormat : std::uint8_t { kAuto, kCsv, kJsonl, kText, kSyslog };

struct ReaderOptions {
  InputFormat format = InputFormat::kAuto;
  // Column or field names; empty: by convention, case-insensitive, the first that exists
  // (log_message, message, msg, content, log, text, body, line, event / source, service, system, app, host …).
  std::string message_column;
  std::string source_column;
  std::size_t max_record_bytes = std::size_t{16} << 20U;  // longer records are rejected, and reading goes on
  std::size_t batch_records = 4096;                       // most records a batch
  std::size_t batch_bytes = std::size_t{1} << 20U;        // a batch ends after about so many bytes
};

// A record that could not be read: kept, with its place and the reason.
struct Reject {
  std::uint64_t line = 0;      // 1-based line where the record starts
  std::uint64_t record = 0;    // 0-based position among all records of the input, rejected ones included
  std::string reason;
  std::string raw;             // cut at 64 KiB
};

// Records of one batch. Spans point into the batch's own buffer: valid while the batch lives, also after the
// next read. Record i of the input order: `records` and `rejects` interleave by their order of lines.
struct RecordBatch {
  std::vector<Record> records;
  std::vector<Reject> rejects;
  std::shared_ptr<const void> storage;
};

class RecordReader {
 public:
  virtual ~RecordReader() = default;
  // The next batch; empty (no records, no rejects) at the end of the input. Errors: kIo.
  virtual Result<RecordBatch> next() = 0;
  virtual InputFormat format() const = 0;              // never kAuto
  // CSV: the header's columns as decoded text; otherwise empty.
  virtual const std::vector<std::string>& columns() const = 0;
  // CSV: the raw header record without its line end and without BOM; else empty.
  virtual std::string_view raw_header() const = 0;
  // Bytes of input read so far, for progress.
  virtual std::uint64_t bytes_read() const = 0;
};

// `path` "-" is stdin. Errors: kNotFound, kIo, kBadInput (empty CSV, no header, message column missing: the
// message lists the columns that are there).
Result<std::unique_ptr<RecordReader>> open_records(const std::string& path, const ReaderOptions& options);

}  // namespace logsieve

#endif  // LOGSIEVE_IO_RECORD_READER_H_
