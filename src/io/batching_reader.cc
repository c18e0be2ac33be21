#include "io/batching_reader.h"

#include <algorithm>
#include <utility>

namespace logsieve {

BatchingReader::BatchingReader(InputBuffer buffer, const ReaderOptions& options)
    : options_(options), buffer_(std::move(buffer)) {}

Result<RecordBatch> BatchingReader::next() {
  const std::uint64_t begin = buffer_.consumed();
  BatchBuilder batch(options_, record_);
  batch.reserve(last_batch_records_);
  for (;;) {
    take_records(batch);
    if (!batch.is_empty()) break;
    if (has_ended_) {
      if (failure_) return *failure_;
      break;
    }
    // Only now, with nothing to give: a reader of a slow pipe does not sit on whole records.
    auto filled = buffer_.fill();
    if (!filled) failure_ = std::move(filled.error());
    if (!failure_ && !*filled && options_.goes_on) break;
    has_ended_ = failure_ || !*filled;
  }
  record_ = batch.next_record();
  RecordBatch finished = batch.finish(buffer_.share());
  finished.begin_offset = begin;
  const std::optional<Place> end = place();
  finished.can_restart = end.has_value();
  finished.end_offset = end ? end->offset : buffer_.consumed();
  finished.end_line = end ? end->line : half_read_line();
  finished.is_cut_short = has_ended_ && buffer_.last_consumed() != '\n';
  last_batch_records_ = finished.records.size();
  return finished;
}

// A record that is being skipped is not over yet: whoever goes on here must see it from its beginning.
std::optional<BatchingReader::Place> BatchingReader::place() const {
  return is_skipping_ ? Place{skipped_from_, skipped_line_} : Place{buffer_.consumed(), line_};
}

Result<void> BatchingReader::skip_to(std::uint64_t offset, std::uint64_t line) {
  char last = '\0';
  while (buffer_.consumed() < offset) {
    const std::string_view unread =
        buffer_.unread().substr(0, static_cast<std::size_t>(offset - buffer_.consumed()));
    if (!unread.empty()) last = unread.back();
    buffer_.consume(unread.size());
    if (buffer_.consumed() == offset) break;
    auto filled = buffer_.fill();
    if (!filled) return std::move(filled).error();
    if (!*filled)
      return Error{ErrorCode::kBadInput, "the input ends at byte " + std::to_string(buffer_.consumed()) +
                                             ", but was read up to byte " + std::to_string(offset) +
                                             " before: it is another one, or was cut"};
  }
  line_ = line;
  has_skipped(last);
  return ok();
}

void BatchingReader::consume(std::size_t bytes, std::uint64_t lines) {
  buffer_.consume(bytes);
  line_ += lines;
}

void BatchingReader::start_skipping(std::size_t bytes, std::uint64_t lines) {
  is_skipping_ = true;
  skipped_line_ = line_;
  skipped_from_ = buffer_.consumed();
  skipped_head_ = buffer_.unread().substr(0, std::min(bytes, kRejectBytes));
  consume(bytes, lines);
}

bool BatchingReader::skip(BatchBuilder& batch, std::size_t line_end) {
  const std::string_view unread = buffer_.unread();
  const std::size_t end = std::min(line_end, unread.size());
  skipped_head_.append(unread, 0, std::min(end, kRejectBytes - skipped_head_.size()));
  buffer_.consume(end);
  if (end == unread.size() && !has_ended_) return false;
  batch.reject(skipped_line_, too_long(), skipped_head_, end);
  skipped_head_.clear();
  is_skipping_ = false;
  return true;
}

std::string BatchingReader::too_long() const {
  return "longer than the limit of " + std::to_string(options_.max_record_bytes) + " bytes";
}

}  // namespace logsieve
