// Verdicts to bytes: CSV, JSONL, TSV. What came in goes out as it was, with our fields after it.
#ifndef LOGSIEVE_IO_VERDICT_WRITER_H_
#define LOGSIEVE_IO_VERDICT_WRITER_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "io/record_reader.h"
#include "record/record.h"

namespace logsieve {

enum class OutputFormat : std::uint8_t { kCsv, kJsonl, kTsv };

// A verdict in words, as the output names it.
struct NamedVerdict {
  std::string_view label;
  float confidence;  // written with 4 digits after the point
  std::string_view tier;
  std::string_view rule;  // empty: none
  std::string_view form;  // the column `template`
};

// Formats records into a caller's string; does no I/O. One thread an object; `header` once, first.
class VerdictFormatter {
 public:
  // `reader` tells the input's format, columns and header; it is read here and not kept.
  VerdictFormatter(OutputFormat format, const RecordReader& reader);

  void header(std::string& out) const;  // CSV and TSV; nothing for JSONL
  void append(const Record& record, const NamedVerdict& verdict, std::string& out) const;

 private:
  OutputFormat format_;
  InputFormat input_;
  std::vector<std::string> columns_;  // of a CSV input
  std::string raw_header_;
  std::vector<std::string>
      our_columns_;  // target_label, confidence, tier, rule, template; prefixed on a clash
};

// Where output goes: a file (written beside and renamed at `close`, so a failed run leaves no half of it), a
// device or pipe (written directly), or stdout for "-" and "".
class OutputFile {
 public:
  static Result<OutputFile> create(const std::string& path);
  OutputFile(OutputFile&& other) noexcept;
  OutputFile& operator=(OutputFile&&) = delete;
  OutputFile(const OutputFile&) = delete;
  OutputFile& operator=(const OutputFile&) = delete;
  ~OutputFile();  // without close(): removes what was written beside

  // Errors: kIo. A closed pipe is reported as kIo with is_broken_pipe() true.
  Result<void> write(std::string_view bytes);
  Result<void> close();
  bool is_broken_pipe() const { return is_broken_pipe_; }

 private:
  OutputFile(int fd, std::string path, std::string staging);
  int fd_;
  std::string path_;
  std::string staging_;
  bool is_broken_pipe_ = false;
};

}  // namespace logsieve

#endif  // LOGSIEVE_IO_VERDICT_WRITER_H_
