#include "io/pipe_lines.h"

#include <algorithm>
#include <cerrno>
#include <poll.h>
#include <unistd.h>
#include <utility>

#include "base/file.h"

namespace logsieve {
namespace {

constexpr std::size_t kReadBytes = std::size_t{256} << 10U;

}  // namespace

Result<std::size_t> PipeLines::read_some(std::size_t max_bytes) {
  pollfd ready{fd_, POLLIN, 0};
  if (has_ended_ || ::poll(&ready, 1, 0) <= 0) return std::size_t{0};
  const std::size_t before = pending_.size();
  pending_.resize(before + std::min(max_bytes, kReadBytes));
  ssize_t count = 0;
  do count = ::read(fd_, pending_.data() + before, pending_.size() - before);
  while (count < 0 && errno == EINTR);
  const int error_number = errno;
  pending_.resize(before + static_cast<std::size_t>(std::max<ssize_t>(count, 0)));
  if (count < 0 && error_number != EAGAIN) return io_error("read", "stdin", error_number);
  has_ended_ = count == 0;
  return pending_.size() - before;
}

Result<std::string> PipeLines::take(std::size_t max_bytes) {
  for (std::size_t taken = 0; taken < max_bytes;) {
    auto some = read_some(max_bytes - taken);
    if (!some) return std::move(some).error();
    if (*some == 0) break;
    taken += *some;
  }
  std::size_t end = pending_.rfind('\n') + 1;  // npos + 1 == 0
  if (has_ended_ || (end == 0 && pending_.size() >= kMaxLineBytes)) end = pending_.size();
  std::string lines = pending_.substr(0, end);
  pending_.erase(0, end);
  first_line_ = lines_ + 1;
  lines_ += static_cast<std::uint64_t>(std::count(lines.begin(), lines.end(), '\n'));
  return lines;
}

}  // namespace logsieve
