#include "io/followed_file.h"

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

#include "base/file.h"
#include "base/hash.h"

namespace logsieve {
namespace {

constexpr std::size_t kReadBytes = std::size_t{256} << 10U;

}  // namespace

FollowedFile::FollowedFile(std::string path) : path_(std::move(path)) {}

FollowedFile::FollowedFile(FollowedFile&& other) noexcept
    : path_(std::move(other.path_)),
      fd_(std::exchange(other.fd_, -1)),
      has_ended_(other.has_ended_),
      has_left_(other.has_left_),
      read_(other.read_),
      line_(other.line_),
      pending_(std::move(other.pending_)),
      head_(std::move(other.head_)),
      resumes_(other.resumes_),
      wanted_(other.wanted_) {}

FollowedFile::~FollowedFile() {
  if (fd_ > 0) ::close(fd_);
}

void FollowedFile::resume(const Position& position) {
  wanted_ = position;
  resumes_ = true;
}

Result<bool> FollowedFile::open_if_there() {
  if (fd_ >= 0) return true;
  if (path_ == "-") {
    fd_ = STDIN_FILENO;
    return true;
  }
  fd_ = ::open(path_.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
  if (fd_ < 0) return errno == ENOENT ? Result<bool>(false) : io_error("open", path_, errno);
  if (!std::exchange(resumes_, false)) return true;
  struct stat status {};
  std::string head(std::min<std::uint64_t>(wanted_.head_bytes, kHeadBytes), '\0');
  const bool is_same = ::fstat(fd_, &status) == 0 && status.st_ino == wanted_.inode &&
                       status.st_dev == wanted_.device &&
                       static_cast<std::uint64_t>(status.st_size) >= wanted_.offset &&
                       ::pread(fd_, head.data(), head.size(), 0) == static_cast<ssize_t>(head.size()) &&
                       xxh3_128(head).low == wanted_.head_hash;
  if (!is_same) return true;
  if (::lseek(fd_, static_cast<off_t>(wanted_.offset), SEEK_SET) < 0)
    return io_error("seek in", path_, errno);
  read_ = wanted_.offset;
  line_ = wanted_.line;
  head_ = std::move(head);
  return true;
}

Result<std::size_t> FollowedFile::read_some(std::size_t max_bytes) {
  if (fd_ == STDIN_FILENO) {
    pollfd ready{fd_, POLLIN, 0};
    if (::poll(&ready, 1, 0) <= 0) return std::size_t{0};
  }
  const std::size_t before = pending_.size();
  pending_.resize(before + std::min(max_bytes, kReadBytes));
  ssize_t count = 0;
  do count = ::read(fd_, pending_.data() + before, pending_.size() - before);
  while (count < 0 && errno == EINTR);
  const int error_number = errno;
  pending_.resize(before + static_cast<std::size_t>(std::max<ssize_t>(count, 0)));
  if (count < 0 && error_number != EAGAIN) return io_error("read", path_, error_number);
  if (count == 0 && fd_ == STDIN_FILENO) has_ended_ = true;
  if (head_.size() < kHeadBytes && read_ == head_.size())
    head_.append(pending_, before, std::min(kHeadBytes - head_.size(), pending_.size() - before));
  read_ += pending_.size() - before;
  return pending_.size() - before;
}

void FollowedFile::begin_anew() {
  read_ = 0;
  line_ = 0;
  pending_.clear();
  head_.clear();
}

// At the end of the file: whether it was replaced or truncated, so that there may be more to read.
Result<bool> FollowedFile::follow_rotation() {
  if (path_ == "-") return false;
  struct stat own {};
  struct stat named {};
  if (::fstat(fd_, &own) != 0) return io_error("look at", path_, errno);
  if (static_cast<std::uint64_t>(own.st_size) < read_) {
    if (::lseek(fd_, 0, SEEK_SET) < 0) return io_error("seek in", path_, errno);
    begin_anew();
    return true;
  }
  if (::stat(path_.c_str(), &named) != 0) return false;  // renamed, the new one is not there yet
  if (named.st_ino == own.st_ino && named.st_dev == own.st_dev) return false;
  // The writer may still have had the old file open: it is looked at once more after the new one was seen.
  if (!std::exchange(has_left_, true)) return true;
  has_left_ = false;
  ::close(std::exchange(fd_, -1));
  return true;
}

bool FollowedFile::give_lines(std::string& out, std::uint64_t& first_line) {
  std::size_t end = pending_.rfind('\n') + 1;  // npos + 1 == 0
  if (end == 0 && pending_.size() >= kMaxLineBytes) end = pending_.size();
  if (end == 0) return false;
  first_line = line_ + 1;
  line_ += static_cast<std::uint64_t>(
      std::count(pending_.begin(), pending_.begin() + static_cast<std::ptrdiff_t>(end), '\n'));
  out.append(pending_, 0, end);
  pending_.erase(0, end);
  return true;
}

Result<bool> FollowedFile::take_lines(std::size_t max_bytes, std::string& out, std::uint64_t& first_line) {
  for (;;) {
    auto is_open = open_if_there();
    if (!is_open || !*is_open) return is_open;
    std::size_t taken = 0;
    while (taken < max_bytes) {
      auto some = read_some(max_bytes - taken);
      if (!some) return std::move(some).error();
      if (*some == 0) break;
      taken += *some;
    }
    if (give_lines(out, first_line)) return true;
    if (taken > 0) return false;
    if (has_ended_ && !pending_.empty()) {
      pending_ += '\n';
      return give_lines(out, first_line);
    }
    auto goes_on = follow_rotation();
    if (!goes_on) return std::move(goes_on).error();
    if (!*goes_on) return false;
    if (fd_ >= 0) continue;
    // The last line of the file that is gone needs no line end.
    const bool has_last = !pending_.empty();
    if (has_last) {
      pending_ += '\n';
      give_lines(out, first_line);
    }
    begin_anew();
    if (has_last) return true;
  }
}

FollowedFile::Position FollowedFile::position() const {
  Position position;
  struct stat own {};
  if (fd_ >= 0 && ::fstat(fd_, &own) == 0) {
    position.device = own.st_dev;
    position.inode = own.st_ino;
  }
  position.offset = read_ - pending_.size();
  position.line = line_;
  position.head_hash = xxh3_128(head_).low;
  position.head_bytes = head_.size();
  return position;
}

}  // namespace logsieve
