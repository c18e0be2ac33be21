// Where the verdicts of `classify` go: formatted bytes, collected to blocks, or a table for people.
#ifndef LOGSIEVE_CLI_CLASSIFY_OUTPUT_H_
#define LOGSIEVE_CLI_CLASSIFY_OUTPUT_H_

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "cascade/cascade.h"
#include "cascade/chunk_pipeline.h"
#include "cascade/record_ids.h"
#include "cli/verdict_table.h"
#include "io/verdict_writer.h"

namespace logsieve {

class ClassifyOutput {
 public:
  static constexpr std::size_t kBlockBytes = std::size_t{1} << 20U;
  using Write = std::function<Result<void>(std::string_view)>;

  struct Options {
    std::string to;                   // "csv", "jsonl", "tsv", "table"; empty: csv for csv, else jsonl
    bool with_deferral = false;       // two more columns, llm_deferred and record_id
    bool has_header = false;          // none is to be written, or an earlier run has written it
    bool guards = false;              // formulas of spreadsheets
    bool with_rejects = false;        // what cannot be read has a line, too
    std::string message_column = {};  // of a CSV, as ReaderOptions has it
  };

  // `cascade` must outlive the object.
  ClassifyOutput(Write write, const Cascade& cascade, Options options)
      : write_(std::move(write)), cascade_(cascade), options_(std::move(options)) {}

  // Called for each input; the header is written once. Errors: kBadInput where columns differ.
  Result<void> begin_input(const RecordReader& reader);
  // Output that other threads may make; `append` is then for the rest. Empty: each record must go through `append`.
  ChunkFormat chunk_format(std::size_t threads) const;
  // Names the deferred records of the present input.
  RecordIds& ids() { return ids_; }
  // Formatted already.
  Result<void> append(std::string_view text);
  Result<void> append(const Record& record, const Verdict& verdict, std::string_view form);
  // As a line without a label, where `with_rejects`; chunk_format has seen to those of its chunks.
  Result<void> append(const Reject& reject);
  Result<void> flush();

 private:
  OutputFormat format_of(const RecordReader& reader) const;
  NamedVerdict named(const Verdict& verdict, std::string_view form) const;

  Write write_;
  const Cascade& cascade_;
  Options options_;
  RecordIds ids_;
  std::string buffer_;
  std::optional<std::string> header_;
  std::optional<VerdictFormatter> formatter_;
  std::size_t message_column_ = 0;  // of a CSV
  std::optional<VerdictTable> table_;
};

}  // namespace logsieve

#endif  // LOGSIEVE_CLI_CLASSIFY_OUTPUT_H_
