// What the readers of all formats share: the loop from blocks to batches, line counting, and the way past a
// record that is too long to hold.
#ifndef LOGSIEVE_IO_BATCHING_READER_H_
#define LOGSIEVE_IO_BATCHING_READER_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "io/batch_builder.h"
#include "io/input_buffer.h"
#include "io/record_reader.h"

namespace logsieve {

class BatchingReader : public RecordReader {
 public:
  Result<RecordBatch> next() final;
  Result<void> skip_to(std::uint64_t offset, std::uint64_t line) final;
  const std::vector<std::string>& columns() const override { return no_columns_; }
  std::string_view raw_header() const override { return {}; }
  std::uint64_t bytes_read() const final { return buffer_.bytes_read(); }

 protected:
  BatchingReader(InputBuffer buffer, const ReaderOptions& options);

  // Moves whole records from buffer() to `batch` until it is full or no whole record is left. Where has_ended(),
  // all bytes must be used up in the end: the last record needs no line end.
  virtual void take_records(BatchBuilder& batch) = 0;

  struct Place {
    std::uint64_t offset;
    std::uint64_t line;
  };
  // Where reading may begin anew to give what was not given yet; nothing if that is no one place.
  virtual std::optional<Place> place() const;
  // Where there is no such place: the first line of what was not given yet.
  virtual std::uint64_t half_read_line() const { return line_; }

  // After skip_to: `last` is the byte before the place.
  virtual void has_skipped(char last) { static_cast<void>(last); }

  const InputBuffer& buffer() const { return buffer_; }
  InputBuffer& buffer() { return buffer_; }
  const ReaderOptions& options() const { return options_; }
  // No byte will follow those in buffer().
  bool has_ended() const { return has_ended_; }
  // The input broke off: a record without its line end is probably cut.
  bool has_failed() const { return failure_.has_value(); }
  std::uint64_t line() const { return line_; }
  // Uses up bytes of buffer() that held so many line ends.
  void consume(std::size_t bytes, std::uint64_t lines);

  // Drops the record at unread(), which is longer than allowed and whose end is not in sight: first `bytes`,
  // which hold `lines` line ends. From then on skip() must be called first, with the offset of the next line end
  // in unread() or npos, until it returns true: the record is then rejected, and unread() is at its line end or
  // at the end of the input.
  void start_skipping(std::size_t bytes, std::uint64_t lines);
  bool is_skipping() const { return is_skipping_; }
  bool skip(BatchBuilder& batch, std::size_t line_end);
  std::string too_long() const;

 private:
  ReaderOptions options_;
  InputBuffer buffer_;
  bool has_ended_ = false;
  std::optional<Error> failure_;
  std::uint64_t line_ = 1;
  std::uint64_t record_ = 0;
  std::size_t last_batch_records_ = 0;  // the next one will have about as many
  bool is_skipping_ = false;
  std::uint64_t skipped_line_ = 0;
  std::uint64_t skipped_from_ = 0;  // its offset
  std::string skipped_head_;        // its first bytes, for the reject
  std::vector<std::string> no_columns_;
};

}  // namespace logsieve

#endif  // LOGSIEVE_IO_BATCHING_READER_H_
