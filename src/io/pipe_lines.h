// Whole lines of a pipe as they come, without waiting for any. One thread an object.
#ifndef LOGSIEVE_IO_PIPE_LINES_H_
#define LOGSIEVE_IO_PIPE_LINES_H_

#include <cstddef>
#include <cstdint>
#include <string>

#include "base/result.h"

namespace logsieve {

class PipeLines {
 public:
  static constexpr std::size_t kMaxLineBytes = std::size_t{16} << 20U;  // a longer line is given in pieces

  // `fd` stays the caller's.
  explicit PipeLines(int fd) : fd_(fd) {}

  // What is there of whole lines, about `max_bytes`; at the end also the last one without its end. Empty: none now.
  // Errors: kIo.
  Result<std::string> take(std::size_t max_bytes);
  // Of what was taken last: the number of its first line, from 1.
  std::uint64_t first_line() const { return first_line_; }
  bool has_ended() const { return has_ended_; }

 private:
  Result<std::size_t> read_some(std::size_t max_bytes);

  int fd_;
  bool has_ended_ = false;
  std::uint64_t lines_ = 0;
  std::uint64_t first_line_ = 0;
  std::string pending_;  // bytes behind the last whole line
};

}  // namespace logsieve

#endif  // LOGSIEVE_IO_PIPE_LINES_H_
