#include "io/csv_record.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include <bit>

namespace logsieve {
namespace {

bool ends_record(char c) {
  return c == '\n' || c == '\r';
}

// The first delimiter or line end at or after `from`; bytes.size() if there is none.
std::size_t find_field_end(std::string_view bytes, std::size_t from, char delimiter) {
#ifdef __SSE2__
  const __m128i delimiters = _mm_set1_epi8(delimiter);
  const __m128i line_feeds = _mm_set1_epi8('\n');
  const __m128i returns = _mm_set1_epi8('\r');
  for (; from + 16 <= bytes.size(); from += 16) {
    const __m128i block = _mm_loadu_si128(reinterpret_cast<const __m128i*>(bytes.data() + from));
    const __m128i ends = _mm_or_si128(_mm_cmpeq_epi8(block, line_feeds), _mm_cmpeq_epi8(block, returns));
    const int mask = _mm_movemask_epi8(_mm_or_si128(ends, _mm_cmpeq_epi8(block, delimiters)));
    if (mask != 0) return from + static_cast<std::size_t>(std::countr_zero(static_cast<unsigned>(mask)));
  }
#endif
  while (from < bytes.size() && bytes[from] != delimiter && !ends_record(bytes[from])) ++from;
  return from;
}

// The offset behind the quoted part that begins at `open`: behind its closing quote, or the end.
std::size_t quoted_part_end(std::string_view bytes, std::size_t open) {
  std::size_t quote = bytes.find('"', open + 1);
  while (quote != std::string_view::npos && quote + 1 < bytes.size() && bytes[quote + 1] == '"')
    quote = bytes.find('"', quote + 2);
  return quote == std::string_view::npos ? bytes.size() : quote + 1;
}

}  // namespace

std::size_t find_line_end(std::string_view bytes, std::size_t from) {
  const std::size_t at = find_field_end(bytes, from, '\n');
  return at >= bytes.size() ? std::string_view::npos : at;
}

void CsvScanner::reset() {
  state_ = State::kFieldStart;
  at_ = 0;
  field_begin_ = 0;
  has_quoted_field_ = false;
  fields_.clear();
}

// True when the record ends here.
bool CsvScanner::take_unquoted(std::string_view bytes) {
  at_ = find_field_end(bytes, at_, delimiter_);
  if (at_ == bytes.size()) return false;
  fields_.push_back({field_begin_, at_});
  if (bytes[at_] != delimiter_) return true;
  field_begin_ = ++at_;
  state_ = State::kFieldStart;
  return false;
}

void CsvScanner::take_quoted(std::string_view bytes) {
  const std::size_t quote = bytes.find('"', at_);
  at_ = quote == std::string_view::npos ? bytes.size() : quote + 1;
  if (quote != std::string_view::npos) state_ = State::kQuoteInQuoted;
}

// Looks at the byte after a quote of a quoted field; true if that quote was no closing one.
bool CsvScanner::take_quote_in_quoted(std::string_view bytes) {
  const char c = bytes[at_];
  if (c == '"') {
    state_ = State::kQuoted;
    ++at_;
    return false;
  }
  state_ = State::kUnquoted;
  if (c == delimiter_ || ends_record(c)) return false;
  return find_line_end(bytes.substr(0, at_), open_quote_) != std::string_view::npos;
}

CsvScanner::Status CsvScanner::scan(std::string_view bytes) {
  while (at_ < bytes.size()) {
    switch (state_) {
      case State::kFieldStart:
        if (bytes[at_] == '"') {
          open_quote_ = at_++;
          has_quoted_field_ = true;
          state_ = State::kQuoted;
          break;
        }
        state_ = State::kUnquoted;
        [[fallthrough]];
      case State::kUnquoted:
        if (take_unquoted(bytes)) return Status::kRecord;
        break;
      case State::kQuoted:
        take_quoted(bytes);
        break;
      case State::kQuoteInQuoted:
        if (take_quote_in_quoted(bytes)) return Status::kStrayQuote;
        break;
    }
  }
  return Status::kMore;
}

bool CsvScanner::finish(std::string_view bytes) {
  fields_.push_back({field_begin_, bytes.size()});
  return state_ != State::kQuoted;
}

std::string_view decode_csv_field(std::string_view field, std::string& scratch) {
  if (field.empty() || field.front() != '"') return field;
  const std::size_t first_quote = field.find('"', 1);
  if (first_quote == std::string_view::npos) return field.substr(1);
  if (first_quote + 1 == field.size()) return field.substr(1, field.size() - 2);
  scratch.clear();
  std::size_t from = 1;
  for (std::size_t quote = first_quote; quote != std::string_view::npos; quote = field.find('"', from)) {
    scratch.append(field, from, quote - from);
    from = quote + 1;
    if (from == field.size() || field[from] != '"') break;  // closed: the rest is literal
    scratch += '"';
    ++from;
  }
  scratch.append(field, from);
  return scratch;
}

void split_csv_record(std::string_view raw, std::vector<std::string>& fields, char delimiter) {
  std::size_t count = 0;
  std::string scratch;
  const auto add = [&](std::string_view field) {
    if (count == fields.size()) fields.emplace_back();
    fields[count++] = decode_csv_field(field, scratch);
  };
  std::size_t begin = 0;
  for (;;) {
    const bool is_quoted = begin < raw.size() && raw[begin] == '"';
    const std::size_t end = raw.find(delimiter, is_quoted ? quoted_part_end(raw, begin) : begin);
    add(raw.substr(begin, end - begin));
    if (end == std::string_view::npos) break;
    begin = end + 1;
  }
  fields.resize(count);
}

}  // namespace logsieve
