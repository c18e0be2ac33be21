// Verdicts to bytes: CSV, JSONL, TSV. What came in goes out as it was, with our fields after it.
#ifndef LOGSIEVE_IO_VERDICT_WRITER_H_
#define LOGSIEVE_IO_VERDICT_WRITER_H_

#include <array>
#include <cstddef>
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
  bool is_deferred = false;
  std::string_view record_id = {};  // hexadecimal digits: written as they are
};

// Formats records into a caller's string; does no I/O. One thread an object; `header` once, first. Lines end with
// LF whatever the input's line ends. Does not allocate once `out` and its scratch memory have grown.
//
//   input          to csv                        to tsv                    to jsonl
//   csv            the raw record, as it was     the fields, decoded       {"column":"text",...}
//   jsonl, docker  line,message                  line,message              the raw object, as it was
//   all others     line,message (whole line)     line,message              {"line":n,"message":...,"source":...}
//
// and behind them target_label, confidence, tier, rule, template (and, if asked for, llm_deferred as true or false
// and the record_id of a deferred record), each prefixed by "logsieve_" where the input has
// a column (a top-level key of the object) of that name already. JSON is always valid: ill-formed UTF-8 and
// surrogates without their pair come out as U+FFFD. CSV and TSV keep the bytes. A CSV's second column of one name becomes name_2 in JSON.
class VerdictFormatter {
 public:
  static constexpr std::size_t kOurColumns = 7;

  // `reader` tells the input's format, columns, header and delimiter; it is read here and not kept.
  // `guards`: no field of CSV and TSV begins as a formula does (field_escapes.h); a CSV's record is then written anew.
  VerdictFormatter(OutputFormat format, const RecordReader& reader, bool with_deferral = false,
                   bool guards = false);

  void header(std::string& out) const;  // CSV and TSV; nothing for JSONL
  void append(const Record& record, const NamedVerdict& verdict, std::string& out) const;
  // A record that could not be read, as a line whose message is what was kept of it. JSONL says why, whatever the input:
  // {"line":n,"message":...,"reject_reason":...}. A CSV's columns but for number `message_column` are empty.
  void append_reject(const Reject& reject, const NamedVerdict& verdict, std::size_t message_column,
                     std::string& out) const;

 private:
  using TakenNames = std::array<std::uint32_t, kOurColumns>;

  void append_field(std::string_view text, std::string& out) const;
  std::string_view shown_message(const Record& record) const;
  void append_row(const Record& record, const NamedVerdict& verdict, std::string& out) const;
  void append_our_fields(const NamedVerdict& verdict, std::string& out) const;
  void append_object(const Record& record, const NamedVerdict& verdict, std::string& out) const;
  void append_columns(const Record& record, std::string& out) const;
  void append_our_members(const NamedVerdict& verdict, const TakenNames* taken, std::string& out) const;

  OutputFormat format_;
  InputFormat input_;
  bool guards_;
  char delimiter_;  // of the output
  char input_delimiter_;
  std::vector<std::string> columns_;  // before ours
  std::string raw_header_;
  std::vector<std::string>
      our_columns_;  // target_label, confidence, tier, rule, template ...; prefixed on a clash
  std::vector<std::string> column_members_;  // the same as `"name":`
  std::vector<std::string> our_members_;
  mutable std::vector<std::string> fields_;  // scratch
  mutable std::string guarded_;              // scratch
};

// Where output goes: a file (written beside and renamed at `close`, so a failed run leaves no half of it), a
// device or pipe (written directly), or stdout for "-" and "". Not buffered: write large pieces.
// The process must ignore SIGPIPE, or a closed pipe ends it before it can be reported.
class OutputFile {
 public:
  // Errors: kNotFound (no such folder), kIo (no permission, a folder of that name).
  static Result<OutputFile> create(const std::string& path);
  OutputFile(OutputFile&& other) noexcept;
  OutputFile& operator=(OutputFile&&) = delete;
  OutputFile(const OutputFile&) = delete;
  OutputFile& operator=(const OutputFile&) = delete;
  ~OutputFile();  // without close(): removes what was written beside

  // Errors: kIo. A closed pipe is reported as kIo with is_broken_pipe() true.
  Result<void> write(std::string_view bytes);
  // Syncs a file and puts it in its place, with the permissions of the one it replaces. After a failed write:
  // an error, and the old file stays. Errors: kIo.
  Result<void> close();
  bool is_broken_pipe() const { return is_broken_pipe_; }

 private:
  OutputFile(int fd, std::string path, std::string staging);
  Result<void> sync_and_rename();
  void discard();
  int fd_;
  std::string path_;
  std::string staging_;  // empty: written directly, or renamed already
  bool has_failed_ = false;
  bool is_broken_pipe_ = false;
};

}  // namespace logsieve

#endif  // LOGSIEVE_IO_VERDICT_WRITER_H_
