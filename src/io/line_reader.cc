#include "io/line_reader.h"

#include <utility>

namespace logsieve {

LineReader::LineReader(InputBuffer buffer, const ReaderOptions& options, std::unique_ptr<LineParser> parser)
    : BatchingReader(std::move(buffer), options), parser_(std::move(parser)) {}

void LineReader::take_records(BatchBuilder& batch) {
  while (!batch.is_full()) {
    if (is_skipping()) {
      if (!skip(batch, buffer().unread().find('\n'))) return;
      if (!buffer().unread().empty()) consume(1, 1);
      continue;
    }
    const std::string_view unread = buffer().unread();
    const std::size_t line_feed = unread.find('\n', searched_);
    if (line_feed != std::string_view::npos) {
      take_line(line_feed, line_feed + 1, batch);
    } else if (unread.size() > options().max_record_bytes + 1) {  // 1: a CR of the line end
      searched_ = 0;
      start_skipping(unread.size(), 0);
    } else {
      searched_ = unread.size();
      if (!has_ended()) return;
      if (!unread.empty()) take_last_line(batch);
      parser_->finish(batch);
      return;
    }
  }
}

void LineReader::take_line(std::size_t length, std::size_t consumed, BatchBuilder& batch) {
  const std::string_view whole = buffer().unread().substr(0, length);
  const std::string_view line = whole.substr(0, whole.size() - (whole.ends_with('\r') ? 1 : 0));
  if (line.size() > options().max_record_bytes) {
    batch.reject(this->line(), too_long(), whole,
                 consumed);  // as skip() would: one result for all block sizes
  } else {
    parser_->parse(this->line(), line, consumed, batch);
    if (parser_->held_line() == this->line()) held_from_ = buffer().consumed();
  }
  consume(consumed, 1);
  searched_ = 0;
}

std::optional<BatchingReader::Place> LineReader::place() const {
  if (parser_->held() == LineParser::Held::kOvertaken) return std::nullopt;
  if (parser_->held() == LineParser::Held::kLastRecord) return Place{held_from_, parser_->held_line()};
  return BatchingReader::place();
}

void LineReader::take_last_line(BatchBuilder& batch) {
  const std::string_view unread = buffer().unread();
  if (!has_failed()) return take_line(unread.size(), unread.size(), batch);
  batch.reject(line(), "the input broke off in this record", unread, unread.size());
  consume(unread.size(), 1);
  searched_ = 0;
}

}  // namespace logsieve
