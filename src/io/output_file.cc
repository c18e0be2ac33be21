#include <cerrno>
#include <fcntl.h>
#include <filesystem>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

#include "base/file.h"
#include "io/verdict_writer.h"

namespace logsieve {
namespace {

namespace fs = std::filesystem;

fs::path behind_symlinks(const std::string& path) {
  std::error_code failure;
  const fs::path target = fs::canonical(path, failure);
  return failure ? fs::path(path) : target;
}

fs::path hidden_neighbour(const fs::path& path) {
  return path.parent_path() / ("." + path.filename().string() + ".tmp" + std::to_string(::getpid()));
}

}  // namespace

OutputFile::OutputFile(int fd, std::string path, std::string staging)
    : fd_(fd), path_(std::move(path)), staging_(std::move(staging)) {}

OutputFile::OutputFile(OutputFile&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)),
      path_(std::move(other.path_)),
      staging_(std::exchange(other.staging_, std::string())),
      has_failed_(other.has_failed_),
      is_broken_pipe_(other.is_broken_pipe_) {}

OutputFile::~OutputFile() {
  discard();
}

void OutputFile::discard() {
  if (fd_ > STDERR_FILENO) ::close(fd_);
  fd_ = -1;
  if (!staging_.empty()) ::unlink(staging_.c_str());
  staging_.clear();
}

Result<OutputFile> OutputFile::create(const std::string& path) {
  if (path.empty() || path == "-") return OutputFile(STDOUT_FILENO, "stdout", "");
  const fs::path target = behind_symlinks(path);
  struct stat info {};
  const bool exists = ::stat(target.c_str(), &info) == 0;
  if (exists && S_ISDIR(info.st_mode)) return io_error("write", path, EISDIR);
  // A file that must not be written is not replaced either, though its folder would allow it.
  if (exists && ::access(target.c_str(), W_OK) != 0) return io_error("write", path, errno);
  const bool is_direct = exists && !S_ISREG(info.st_mode);
  const std::string staging = is_direct ? std::string() : hidden_neighbour(target).string();
  const int fd = is_direct
                     ? ::open(target.c_str(), O_WRONLY | O_CLOEXEC)
                     : ::open(staging.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0666);
  if (fd < 0) return io_error("write", path, errno);
  if (exists && !is_direct) ::fchmod(fd, info.st_mode & 07777U);
  return OutputFile(fd, target.string(), staging);
}

Result<void> OutputFile::write(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(fd_, bytes.data(), bytes.size());
    if (written >= 0) {
      bytes.remove_prefix(static_cast<std::size_t>(written));
    } else if (errno == EAGAIN) {  // a stdout that someone else made non-blocking
      pollfd waiting{fd_, POLLOUT, 0};
      ::poll(&waiting, 1, -1);
    } else if (errno != EINTR) {
      has_failed_ = true;
      is_broken_pipe_ = errno == EPIPE;
      return io_error("write", path_, errno);
    }
  }
  return ok();
}

Result<void> OutputFile::close() {
  if (fd_ == STDOUT_FILENO) return ok();  // not ours to close; each write has been checked
  if (has_failed_) {
    discard();
    return Error{ErrorCode::kIo, path_ + " is not finished: writing it failed before"};
  }
  Result<void> closed = staging_.empty() ? ok() : sync_and_rename();
  // Closing can report a lost write (NFS, quota).
  if (closed && fd_ >= 0 && ::close(std::exchange(fd_, -1)) != 0) closed = io_error("close", path_, errno);
  discard();
  return closed;
}

Result<void> OutputFile::sync_and_rename() {
  if (::fsync(fd_) != 0) return io_error("sync", path_, errno);
  if (::close(std::exchange(fd_, -1)) != 0) return io_error("close", path_, errno);
  if (::rename(staging_.c_str(), path_.c_str()) != 0) return io_error("rename to", path_, errno);
  staging_.clear();
  static_cast<void>(sync_directory(fs::path(path_).parent_path()));
  return ok();
}

}  // namespace logsieve
