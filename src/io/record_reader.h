// Bytes to records: CSV, JSONL, text, syslog, container logs, logfmt, in batches, with memory bounded by the batch and the longest
// record. A reader belongs to one thread; its batches may go to others.
#ifndef LOGSIEVE_IO_RECORD_READER_H_
#define LOGSIEVE_IO_RECORD_READER_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "io/csv_record.h"  // split_csv_record
#include "record/record.h"

namespace logsieve {

enum class InputFormat : std::uint8_t { kAuto, kCsv, kJsonl, kText, kSyslog, kCri, kDocker, kLogfmt };

struct ReaderOptions {
  InputFormat format = InputFormat::kAuto;
  // Column or field names, exact; empty: by convention, the first that is there of log_message, message, msg,
  // content, log, text, body, line, event, and of source, service, service_name, system, app, app_name,
  // application, program, component, logger, host, hostname. Case, and '-' or ' ' for '_', do not matter then.
  // In JSONL a name may be a path: log.message. The time is the first of timestamp, @timestamp, time, ts, datetime,
  // date_time, date, eventtime, event_time.
  std::string message_column;
  std::string source_column;
  // Of text: which lines begin a record; the others belong to the one before. Empty: all. "stack": all but those of a
  // stack trace (Java, Python, Go, .NET). Else a regex that the first line of each record matches.
  std::string multiline;
  // Of a CSV. NUL: comma, tab or semicolon, whichever shows a message column in the header.
  char delimiter = '\0';
  // Of JSONL: a blank line is a reject, so that each line gives a record or a reject.
  bool rejects_blank_lines = false;
  std::size_t max_record_bytes = std::size_t{16} << 20U;  // longer records are rejected, and reading goes on
  std::size_t batch_records = 4096;                       // most records a batch
  std::size_t batch_bytes = std::size_t{1} << 20U;        // a batch ends after about so many bytes
  // The input is a part of a longer one: bytes stood before it, so that no BOM is looked for; bytes will follow it, so that
  // a record which may not be whole is not given: the last batch ends before it (end_offset).
  bool has_begun = false;
  bool goes_on = false;
};

// A record that could not be read: kept, with its place and the reason.
struct Reject {
  std::uint64_t line = 0;    // 1-based line where the record starts
  std::uint64_t record = 0;  // 0-based position among all records of the input, rejected ones included
  std::string reason;
  std::string raw;  // cut at 64 KiB
};

// Records of one batch. Spans point into the batch's own buffer: valid while the batch lives, also after the
// next read. Record i of the input order: `records` and `rejects` interleave by their order of lines.
struct RecordBatch {
  std::vector<Record> records;
  std::vector<Reject> rejects;
  // Bytes of input, decompressed, before the batch and up to its end, and the line that begins there: a reader that is
  // told to skip_to(end_offset, end_line) gives what follows.
  std::uint64_t begin_offset = 0;
  std::uint64_t end_offset = 0;
  std::uint64_t end_line = 1;
  // False: a record that spans lines is half read, and others behind it were given; end_line is then its first one.
  bool can_restart = true;
  // The input ended amid a line, which was taken as it is: if it grows, that record was half of one.
  bool is_cut_short = false;
  std::size_t padded_records = 0;  // CSV rows shorter than the header, taken with their last columns empty
  std::shared_ptr<const void> storage;
};

class RecordReader {
 public:
  virtual ~RecordReader() = default;
  // The next batch; empty (no records, no rejects) at the end of the input. Does not wait for a full batch when
  // a pipe is slow. Errors: kIo, kBadInput (damaged gzip); the input has then ended.
  virtual Result<RecordBatch> next() = 0;
  // Goes on where an earlier reading of the same input stood; before the first `next`. Reads what lies before, and drops
  // it. Errors: as `next`; kBadInput if the input is shorter.
  virtual Result<void> skip_to(std::uint64_t offset, std::uint64_t line) = 0;
  virtual InputFormat format() const = 0;  // never kAuto
  // CSV: the header's columns as decoded text; otherwise empty.
  virtual const std::vector<std::string>& columns() const = 0;
  // CSV: the raw header record without its line end and without BOM; else empty.
  virtual std::string_view raw_header() const = 0;
  // CSV: what stands between fields; else ','.
  virtual char delimiter() const { return ','; }
  // Bytes of input read so far (of a compressed file: compressed ones), for progress.
  virtual std::uint64_t bytes_read() const = 0;
};

// What is a record, and what is a reject:
// - Every format: a UTF-8 BOM before the first record is dropped; UTF-16 is refused (kBadInput); bytes that are
//   not UTF-8 and NUL are kept as they are. A record over max_record_bytes is a reject and is skipped as it
//   streams by. gzip and zstd are undone. If the input breaks off (kIo, damaged gzip), what was whole is delivered first.
// - Text, syslog: one record a line, empty lines too; LF ends a line, one CR before it belongs to the line end.
//   Syslog lines without a syslog header are messages as a whole.
// - Text with `multiline`: lines joined by LF. A record over max_record_bytes goes on as a record of its own.
// - CRI (container_reader.h): lines of a stream up to one marked F are one record; likewise Docker's JSON, whose last
//   piece ends with LF. Lines without such a header are messages as a whole.
// - logfmt: the value of the message's key, quotes undone; a line without that key is a message as a whole.
// - CSV: see csv_record.h; the first row is the header; comma, else tab or semicolon if only they show a
//   message column. Blank lines are no records. A row with more fields than the header is a reject; one with
//   fewer is padded in `raw` with empty ones if it has the message, else it is a reject. A quote that is never
//   closed costs the line it stands on, not the rest of the file.
// - JSONL: one object a line; blank lines are no records (but see rejects_blank_lines). Not JSON, not an object, or
//   without a message: reject. Ill-formed UTF-8 is read as U+FFFD (`raw` keeps the bytes). Of a repeated key the last
//   counts.
//
// `path` "-" is stdin. Errors: kNotFound, kIo, kBadInput (empty CSV, no header, message column missing: the
// message lists the columns that are there).
Result<std::unique_ptr<RecordReader>> open_records(const std::string& path, const ReaderOptions& options);

// The same for bytes from anywhere. `name` is for messages, and its extension is a hint for kAuto.
class InputStream;
Result<std::unique_ptr<RecordReader>> read_records(std::unique_ptr<InputStream> stream,
                                                   const std::string& name, const ReaderOptions& options);

// The inputs that a command line names: none is stdin ("-"); * ? [] in a name that is no file's are matched as by a
// shell. All that cannot be read are reported at once.
// Errors: kNotFound, kIo (a folder, no permission), kInvalidArgument ("-" twice).
Result<std::vector<std::string>> expand_inputs(const std::vector<std::string>& arguments);

// What one of them names now: itself, or the files that match it, sorted; none for a pattern that nothing matches. Nothing:
// a folder cannot be read for now.
std::optional<std::vector<std::string>> matching_inputs(const std::string& argument);

}  // namespace logsieve

#endif  // LOGSIEVE_IO_RECORD_READER_H_
