#include "base/append_file.h"

#include <cerrno>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

#include "base/file.h"

namespace logsieve {

Result<AppendFile> AppendFile::open(const std::string& path, Start start) {
  if (path == "-") return AppendFile(STDOUT_FILENO, "stdout");
  const int flags = O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | (start == Start::kEmpty ? O_TRUNC : 0);
  int fd = ::open(path.c_str(), flags, 0644);
  // What can only be written: a pipe, a file without permission to read.
  if (fd < 0 && errno == EACCES) fd = ::open(path.c_str(), (flags & ~O_RDWR) | O_WRONLY, 0644);
  if (fd < 0) return io_error("open", path, errno);
  AppendFile file(fd, path);
  if (auto ended = file.end_last_line(); !ended) return std::move(ended).error();
  return file;
}

AppendFile::AppendFile(AppendFile&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)), path_(std::move(other.path_)) {}

AppendFile& AppendFile::operator=(AppendFile&& other) noexcept {
  std::swap(fd_, other.fd_);
  std::swap(path_, other.path_);
  return *this;
}

AppendFile::~AppendFile() {
  if (fd_ >= 0 && fd_ != STDOUT_FILENO) ::close(fd_);
}

Result<void> AppendFile::end_last_line() {
  struct stat status {};
  char last = '\n';
  if (::fstat(fd_, &status) != 0 || !S_ISREG(status.st_mode) || status.st_size == 0) return ok();
  if (::pread(fd_, &last, 1, status.st_size - 1) != 1 || last == '\n') return ok();
  return append("\n");
}

Result<void> AppendFile::append(std::string_view bytes) {
  struct stat before {};
  const bool is_regular = ::fstat(fd_, &before) == 0 && S_ISREG(before.st_mode);
  while (!bytes.empty()) {
    const ssize_t written = ::write(fd_, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) {
      const int error_number = errno;
      if (is_regular) [[maybe_unused]]
        const int ignored = ::ftruncate(fd_, before.st_size);
      return io_error("write", path_, error_number);
    }
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return ok();
}

Result<void> AppendFile::sync() {
  return ::fsync(fd_) == 0 || errno == EINVAL ? ok() : io_error("sync", path_, errno);
}

}  // namespace logsieve
