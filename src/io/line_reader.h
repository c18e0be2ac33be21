// Formats of one record a line: finds the lines, leaves to a parser what a line means.
#ifndef LOGSIEVE_IO_LINE_READER_H_
#define LOGSIEVE_IO_LINE_READER_H_

#include <cstdint>
#include <memory>
#include <optional>
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

  // Of records that span lines. What was parsed and not added yet: nothing; the last record; or records that others have
  // overtaken. held_line() is where the first of them begins.
  enum class Held : std::uint8_t { kNothing, kLastRecord, kOvertaken };
  virtual Held held() const { return Held::kNothing; }
  virtual std::uint64_t held_line() const { return 0; }
  // No line follows: adds what is held. May be called again.
  virtual void finish(BatchBuilder& batch) { static_cast<void>(batch); }
};

// Lines end with LF; one CR before it belongs to the line end. The last line needs no LF; nothing behind a last
// LF is no line.
class LineReader : public BatchingReader {
 public:
  LineReader(InputBuffer buffer, const ReaderOptions& options, std::unique_ptr<LineParser> parser);
  InputFormat format() const override { return parser_->format(); }

 protected:
  void take_records(BatchBuilder& batch) override;
  std::optional<Place> place() const override;
  std::uint64_t half_read_line() const override { return parser_->held_line(); }

 private:
  void take_line(std::size_t length, std::size_t consumed, BatchBuilder& batch);
  void take_last_line(BatchBuilder& batch);

  std::unique_ptr<LineParser> parser_;
  std::uint64_t held_from_ = 0;  // where the last record begins that the parser holds
  std::size_t searched_ = 0;     // bytes of unread() that hold no LF
};

}  // namespace logsieve

#endif  // LOGSIEVE_IO_LINE_READER_H_
