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
    has_ended_ = failure_ || !*filled;
  }
  record_ = batch.next_record();
  RecordBatch finished = batch.finish(buffer_.share());
  finished.begin_offset = begin;
  finished.end_offset = buffer_.consumed();
  last_batch_records_ = finished.records.size();
  return finished;
}

void BatchingReader::consume(std::size_t bytes, std::uint64_t lines) {
  buffer_.consume(bytes);
  line_ += lines;
}

void BatchingReader::start_skipping(std::size_t bytes, std::uint64_t lines) {
  is_skipping_ = true;
  skipped_line_ = line_;
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
