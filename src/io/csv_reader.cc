#include "io/csv_reader.h"

#include <algorithm>
#include <utility>

namespace logsieve {
namespace {

// LF, CRLF and a lone CR count one each.
std::uint64_t count_line_ends(std::string_view bytes) {
  std::uint64_t count = 0;
  for (std::size_t at = find_line_end(bytes); at != std::string_view::npos; at = find_line_end(bytes, at + 1))
    if (bytes[at] == '\r' || at == 0 || bytes[at - 1] != '\r') ++count;
  return count;
}

std::string field_counts(std::size_t found, std::size_t expected) {
  return std::to_string(found) + (found == 1 ? " field" : " fields") + " where the header has " +
         std::to_string(expected);
}

}  // namespace

CsvReader::CsvReader(InputBuffer buffer, const ReaderOptions& options, CsvHeader header)
    : BatchingReader(std::move(buffer), options), header_(std::move(header)), scanner_(header_.delimiter) {
  consume(0, header_.line - 1 + count_line_ends(header_.raw));
}

Result<std::unique_ptr<RecordReader>> CsvReader::open(InputBuffer buffer, const ReaderOptions& options,
                                                      const std::string& name) {
  auto header = read_csv_header(buffer, options, name);
  if (!header) return header.error();
  return std::unique_ptr<RecordReader>(new CsvReader(std::move(buffer), options, std::move(*header)));
}

void CsvReader::take_records(BatchBuilder& batch) {
  while (!batch.is_full()) {
    if (is_skipping() && !skip(batch, find_line_end(buffer().unread()))) return;
    if (take_gap()) continue;
    const std::string_view unread = buffer().unread();
    if (unread.empty()) return;
    // Never past the limit, so that what is too long does not depend on how the bytes arrive.
    const std::string_view window = unread.substr(0, options().max_record_bytes + 1);
    const auto status = scanner_.scan(window);
    if (status == CsvScanner::Status::kRecord) {
      take_row(window.substr(0, scanner_.length()), batch);
    } else if (status == CsvScanner::Status::kStrayQuote) {
      reject_quote_line(window, "closes in the middle of text on a later line: taken as a stray quote",
                        batch);
    } else if (window.size() > options().max_record_bytes) {
      take_oversized_row(batch);
    } else if (has_ended()) {
      take_last_row(batch);
    } else {
      return;
    }
  }
}

// Line ends between records: those of the last record, and blank lines. True if there was one.
bool CsvReader::take_gap() {
  if (scanner_.has_started() || buffer().unread().empty()) return false;
  const char c = buffer().unread().front();
  if (c != '\n' && c != '\r') {
    is_behind_cr_ = false;
    return false;
  }
  consume(1, c == '\n' && is_behind_cr_ ? 0 : 1);
  is_behind_cr_ = c == '\r';
  return true;
}

void CsvReader::take_row(std::string_view raw, BatchBuilder& batch) {
  const std::size_t found = scanner_.fields().size();
  const std::size_t expected = header_.columns.size();
  if (found > expected) {
    batch.reject(line(), field_counts(found, expected), raw, raw.size() + 1);
  } else if (header_.message >= found) {
    batch.reject(line(), field_counts(found, expected) + ", and the message is not among them", raw,
                 raw.size() + 1);
  } else {
    add_row(raw, batch);
  }
  consume(raw.size(), scanner_.has_quoted_field() ? count_line_ends(raw) : 0);
  scanner_.reset();
}

void CsvReader::add_row(std::string_view raw, BatchBuilder& batch) {
  const std::size_t missing = header_.columns.size() - scanner_.fields().size();
  Record record{line(), decoded(raw, header_.message, batch), {}, raw};
  if (header_.source && *header_.source < scanner_.fields().size())
    record.source = decoded(raw, *header_.source, batch);
  if (header_.time && *header_.time < scanner_.fields().size())
    record.time = decoded(raw, *header_.time, batch);
  if (missing > 0) {
    char* padded = batch.allocate(raw.size() + missing);
    std::fill_n(std::copy(raw.begin(), raw.end(), padded), missing, header_.delimiter);
    record.raw = {padded, raw.size() + missing};
    batch.count_padded();
  }
  batch.add(record, raw.size() + 1);
}

std::string_view CsvReader::decoded(std::string_view raw, std::size_t column, BatchBuilder& batch) {
  const auto [begin, end] = scanner_.fields()[column];
  const std::string_view text = decode_csv_field(raw.substr(begin, end - begin), scratch_);
  return text.data() == scratch_.data() ? batch.keep(text) : text;
}

// The input ends without a line end.
void CsvReader::take_last_row(BatchBuilder& batch) {
  const std::string_view unread = buffer().unread();
  if (!scanner_.finish(unread)) {
    reject_quote_line(unread, "is never closed", batch);
  } else if (has_failed()) {
    batch.reject(line(), "the input broke off in this record", unread, unread.size());
    consume(unread.size(), 0);
    scanner_.reset();
  } else {
    take_row(unread, batch);
  }
}

void CsvReader::take_oversized_row(BatchBuilder& batch) {
  const std::size_t limit = options().max_record_bytes;
  const std::string_view window = buffer().unread().substr(0, limit + 1);
  const std::string what = "is not closed within " + std::to_string(limit) + " bytes";
  if (scanner_.is_in_quotes() && find_line_end(window, scanner_.open_quote()) != std::string_view::npos) {
    reject_quote_line(window, what, batch);
    return;
  }
  start_skipping(window.size(), count_line_ends(window));
  scanner_.reset();
}

// One stray quote must not swallow the lines up to the next one: only the record's bytes up to the end of the line
// on which the quote was opened are rejected, and reading goes on behind them. No byte is read so more than
// twice: all quotes in between come in pairs, which open nothing that stays open when read afresh.
void CsvReader::reject_quote_line(std::string_view window, std::string_view what, BatchBuilder& batch) {
  const std::size_t quote = scanner_.open_quote();
  const std::string_view raw = window.substr(0, find_line_end(window, quote));
  const std::string_view before = window.substr(0, quote);
  const std::size_t line_begin = before.find_last_of("\r\n") + 1;  // npos + 1 == 0
  std::string reason = "the quote opened at line " + std::to_string(line() + count_line_ends(before)) +
                       ", column " + std::to_string(quote - line_begin + 1) + ' ';
  batch.reject(line(), reason.append(what), raw, raw.size());
  consume(raw.size(), count_line_ends(raw));
  scanner_.reset();
}

}  // namespace logsieve
