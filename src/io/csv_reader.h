// CSV as records: one row after the header each.
#ifndef LOGSIEVE_IO_CSV_READER_H_
#define LOGSIEVE_IO_CSV_READER_H_

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "io/batching_reader.h"
#include "io/csv_header.h"
#include "io/csv_record.h"

namespace logsieve {

class CsvReader : public BatchingReader {
 public:
  // Errors: those of read_csv_header.
  static Result<std::unique_ptr<RecordReader>> open(InputBuffer buffer, const ReaderOptions& options,
                                                    const std::string& name);

  InputFormat format() const override { return InputFormat::kCsv; }
  const std::vector<std::string>& columns() const override { return header_.columns; }
  std::string_view raw_header() const override { return header_.raw; }
  char delimiter() const override { return header_.delimiter; }

 protected:
  void take_records(BatchBuilder& batch) override;
  void has_skipped(char last) override { is_behind_cr_ = last == '\r'; }

 private:
  CsvReader(InputBuffer buffer, const ReaderOptions& options, CsvHeader header);
  bool take_gap();
  void take_row(std::string_view raw, BatchBuilder& batch);
  void add_row(std::string_view raw, BatchBuilder& batch);
  void take_last_row(BatchBuilder& batch);
  void take_oversized_row(BatchBuilder& batch);
  void reject_quote_line(std::string_view window, std::string_view what, BatchBuilder& batch);
  std::string_view decoded(std::string_view raw, std::size_t column, BatchBuilder& batch);

  CsvHeader header_;
  CsvScanner scanner_;
  std::string scratch_;
  bool is_behind_cr_ = false;  // a LF here belongs to the line end before
};

}  // namespace logsieve

#endif  // LOGSIEVE_IO_CSV_READER_H_
