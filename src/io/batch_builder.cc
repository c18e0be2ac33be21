#include "io/batch_builder.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "base/utf8.h"
#include "io/input_buffer.h"

namespace logsieve {
namespace {

constexpr std::size_t kChunkBytes = std::size_t{64} << 10U;

}  // namespace

BatchBuilder::BatchBuilder(const ReaderOptions& options, std::uint64_t first_record)
    : max_records_(std::max<std::size_t>(options.batch_records, 1)),
      max_bytes_(options.batch_bytes),
      first_record_(first_record),
      storage_(std::make_shared<Storage>()) {}

void BatchBuilder::add(const Record& record, std::size_t consumed) {
  batch_.records.push_back(record);
  consumed_ += consumed;
}

void BatchBuilder::reject(std::uint64_t line, std::string reason, std::string_view raw,
                          std::size_t consumed) {
  const std::uint64_t record = next_record();
  batch_.rejects.push_back({line, record, std::move(reason), std::string(raw.substr(0, kRejectBytes))});
  consumed_ += consumed;
}

bool BatchBuilder::is_full() const {
  return batch_.records.size() + batch_.rejects.size() >= max_records_ ||
         (consumed_ >= max_bytes_ && !is_empty());
}

char* BatchBuilder::allocate(std::size_t bytes) {
  if (bytes > free_bytes_) {
    const std::size_t chunk = std::max(bytes, kChunkBytes);
    storage_->chunks.emplace_back(new char[chunk]);
    free_ = storage_->chunks.back().get();
    free_bytes_ = chunk;
  }
  free_bytes_ -= bytes;
  return std::exchange(free_, free_ + bytes);
}

std::string_view BatchBuilder::keep(std::string_view bytes) {
  if (bytes.empty()) return {};
  char* copy = allocate(bytes.size());
  std::memcpy(copy, bytes.data(), bytes.size());
  return {copy, bytes.size()};
}

std::string_view BatchBuilder::keep_repaired(std::string_view text) {
  const std::string valid = to_valid_utf8(text);
  char* copy = allocate(valid.size() + InputBuffer::kPadding);
  std::copy(valid.begin(), valid.end(), copy);
  std::memset(copy + valid.size(), 0, InputBuffer::kPadding);
  return {copy, valid.size()};
}

RecordBatch BatchBuilder::finish(std::shared_ptr<const void> block) {
  storage_->block = std::move(block);
  batch_.storage = std::move(storage_);
  return std::move(batch_);
}

}  // namespace logsieve
