// A window over an input stream: bytes that are read and not yet consumed, in memory that batches can share.
#ifndef LOGSIEVE_IO_INPUT_BUFFER_H_
#define LOGSIEVE_IO_INPUT_BUFFER_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

#include "base/result.h"
#include "io/input_stream.h"

namespace logsieve {

// Reads blocks and never moves bytes that were shared, so records are views and not copies. Only the record
// that a block cuts in two is copied, to the next block. Holds at most twice what is unread and two blocks.
class InputBuffer {
 public:
  // Zero bytes behind unread(), which may be read: simdjson looks so far ahead.
  static constexpr std::size_t kPadding = 64;

  // `block_bytes` >= 1: how much is read at a time.
  InputBuffer(std::unique_ptr<InputStream> stream, std::size_t block_bytes);

  std::string_view unread() const { return {block_.get() + begin_, end_ - begin_}; }
  void consume(std::size_t bytes) {
    begin_ += bytes;
    consumed_ += bytes;
  }
  // All bytes that were ever consumed: where unread() begins in the stream.
  std::uint64_t consumed() const { return consumed_; }
  // The byte that was consumed last; LF where that was before the last fill().
  char last_consumed() const { return begin_ > 0 ? *(block_.get() + begin_ - 1) : '\n'; }
  // Reads more behind unread(), which may move. False at the end of the input. Errors: as InputStream::read.
  Result<bool> fill();
  // Keeps every byte that was seen in unread() since the last fill() where it is.
  std::shared_ptr<const void> share();
  std::uint64_t bytes_read() const { return stream_->bytes_read(); }

 private:
  void make_room();

  std::unique_ptr<InputStream> stream_;
  std::size_t block_bytes_;
  std::shared_ptr<char[]> block_;
  std::size_t capacity_ = 0;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  std::uint64_t consumed_ = 0;
  bool is_shared_ = false;
};

}  // namespace logsieve

#endif  // LOGSIEVE_IO_INPUT_BUFFER_H_
