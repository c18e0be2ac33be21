#include "io/input_buffer.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace logsieve {

InputBuffer::InputBuffer(std::unique_ptr<InputStream> stream, std::size_t block_bytes)
    : stream_(std::move(stream)), block_bytes_(std::max<std::size_t>(block_bytes, 1)) {}

Result<bool> InputBuffer::fill() {
  make_room();
  auto got = stream_->read({block_.get() + end_, std::min(capacity_ - end_, block_bytes_)});
  if (!got) return got.error();
  end_ += *got;
  std::memset(block_.get() + end_, 0, kPadding);  // what is looked at there must not depend on chance
  return *got > 0;
}

std::shared_ptr<const void> InputBuffer::share() {
  is_shared_ = true;
  return block_;
}

void InputBuffer::make_room() {
  // A pipe yields a little at a time: a block is filled up before the next one is taken, but its last bytes
  // are not worth a read of their own.
  if (capacity_ - end_ > block_bytes_ / 8) return;
  const std::size_t left = end_ - begin_;
  if (!is_shared_ && left + block_bytes_ <= capacity_) {
    std::memmove(block_.get(), block_.get() + begin_, left);
  } else {
    // Twice what is left, so that a record of many blocks is copied a fixed number of times a byte.
    const std::size_t capacity = left + std::max(left, block_bytes_);
    // Not make_shared: its memory would be zeroed, a pass over every block.
    std::shared_ptr<char[]> block(new char[capacity + kPadding]);
    if (left > 0) std::memcpy(block.get(), block_.get() + begin_, left);
    block_ = std::move(block);
    capacity_ = capacity;
    is_shared_ = false;
  }
  begin_ = 0;
  end_ = left;
}

}  // namespace logsieve
