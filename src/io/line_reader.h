// Formats of one record a line: finds the lines, leaves to a parser what a line means.
#ifndef LOGSIEVE_IO_LINE_READER_H_
#define LOGSIEVE_IO_LINE_READER_H_

#include <memory>
#include <string_view>

#include "io/batching_reader.h"

namespace logsieve {

class LineParser {
 public:
  virtual ~LineParser() = default;
  virtual InputFormat format() const = 0;
  // Adds the record or the reject of one line to `batch`, or nothing if the line is none. `line` has no line
  // end; InputBuffer::kPadding bytes behind it may be read. `consumed`: for BatchBuilder::add and reject.
  virtual void parse(std::uint64_t number, std::string_view line, std::size_t consumed,
                     BatchBuilder& batch) = 0;
};

// Lines end with LF; one CR before it belongs to the line end. The last line needs no LF; nothing behind a last
// LF is no line.
class LineReader : public BatchingReader {
 public:
  LineReader(InputBuffer buffer, const ReaderOptions& options, std::unique_ptr<LineParser> parser);
  InputFormat format() const override { return parser_->format(); }

 protected:
  void take_records(BatchBuilder& batch) override;

 private:
  void take_line(std::size_t length, std::size_t consumed, BatchBuilder& batch);
  void take_last_line(BatchBuilder& batch);

  std::unique_ptr<LineParser> parser_;
  std::size_t searched_ = 0;  // bytes of unread() that hold no LF
};

}  // namespace logsieve

#endif  // LOGSIEVE_IO_LINE_READER_H_
