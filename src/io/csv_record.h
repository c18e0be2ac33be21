// One CSV record: where it ends, where its fields are, what they say. RFC 4180, and what real files do.
//
// The rules are those of Python's csv module (dialect `excel`, not strict), which most writers were tested
// against: a quote opens a quoted field only as the field's first byte, and stands for itself anywhere else; in
// a quoted field `""` is one quote and line ends are text; text after a closing quote belongs to the field;
// LF, CRLF and a lone CR end a record. One rule is ours: text after a closing quote whose field spans lines is
// the mark of a stray quote, which would otherwise swallow the lines up to the next quote of the file.
#ifndef LOGSIEVE_IO_CSV_RECORD_H_
#define LOGSIEVE_IO_CSV_RECORD_H_

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace logsieve {

// Decoded fields of one record, which is given without its line end. `fields` is resized to the number of
// fields, at least 1; its strings are reused. Never fails: a quote left open ends with the record.
void split_csv_record(std::string_view raw, std::vector<std::string>& fields, char delimiter = ',');

// The text of one raw field (quotes included). A view into `field` where nothing is escaped, else into
// `scratch`, which is overwritten.
std::string_view decode_csv_field(std::string_view field, std::string& scratch);

// The first LF or CR at or after `from`; npos if there is none.
std::size_t find_line_end(std::string_view bytes, std::size_t from = 0);

// Finds the end of a record that may arrive in pieces; each byte is looked at once. One record at a time:
// `reset`, then `scan` the record's bytes, again and again with more of them behind.
class CsvScanner {
 public:
  enum class Status { kMore, kRecord, kStrayQuote };
  struct Field {
    std::size_t begin;  // offsets from the record's first byte
    std::size_t end;
  };

  explicit CsvScanner(char delimiter) : delimiter_(delimiter) {}

  void reset();
  // `bytes` starts at the record's first byte and goes on at least as far as in the last call.
  Status scan(std::string_view bytes);
  // The input ends with `bytes`: what was scanned is the record. False if a quote is still open.
  bool finish(std::string_view bytes);

  // After kRecord or finish: the fields, quotes included; the last one ends where the line end starts.
  const std::vector<Field>& fields() const { return fields_; }
  std::size_t length() const { return fields_.back().end; }
  // Whether bytes were scanned since reset().
  bool has_started() const { return at_ > 0; }
  bool has_quoted_field() const { return has_quoted_field_; }
  // Whether the bytes scanned so far end inside a quoted field.
  bool is_in_quotes() const { return state_ == State::kQuoted; }
  // Offset of the quote that was opened last.
  std::size_t open_quote() const { return open_quote_; }

 private:
  enum class State { kFieldStart, kUnquoted, kQuoted, kQuoteInQuoted };

  bool take_unquoted(std::string_view bytes);
  void take_quoted(std::string_view bytes);
  bool take_quote_in_quoted(std::string_view bytes);

  char delimiter_;
  State state_ = State::kFieldStart;
  std::size_t at_ = 0;  // bytes before it are scanned
  std::size_t field_begin_ = 0;
  std::size_t open_quote_ = 0;
  bool has_quoted_field_ = false;
  std::vector<Field> fields_;
};

}  // namespace logsieve

#endif  // LOGSIEVE_IO_CSV_RECORD_H_
