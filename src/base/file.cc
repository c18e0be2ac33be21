#include "base/file.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <linux/fs.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <utility>

namespace logsieve {
namespace {

namespace fs = std::filesystem;

class FileDescriptor {
 public:
  explicit FileDescriptor(int fd) : fd_(fd) {}
  FileDescriptor(const FileDescriptor&) = delete;
  FileDescriptor& operator=(const FileDescriptor&) = delete;
  ~FileDescriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  int value() const { return fd_; }
  bool is_open() const { return fd_ >= 0; }
  // Closing can report a lost write (NFS, quota), so a writer closes by hand and looks.
  int close() { return ::close(std::exchange(fd_, -1)); }

 private:
  int fd_;
};

bool write_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(fd, bytes.data(), bytes.size());
    if (written < 0) {
      if (errno == EINTR) continue;
      return false;
    }
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

Result<void> write_and_sync(const fs::path& path, std::string_view bytes, int flags, bool sync) {
  FileDescriptor file(::open(path.c_str(), flags | O_CLOEXEC, 0644));
  if (!file.is_open()) return io_error("open", path, errno);
  if (!write_all(file.value(), bytes)) return io_error("write", path, errno);
  if (sync && ::fsync(file.value()) != 0) return io_error("sync", path, errno);
  if (file.close() != 0) return io_error("close", path, errno);
  return ok();
}

// The rename itself is durable only when the directory is synced as well.
void sync_directory(const fs::path& directory) {
  const FileDescriptor file(
      ::open(directory.empty() ? "." : directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (file.is_open()) ::fsync(file.value());
}

fs::path hidden_neighbour(const fs::path& path) {
  return path.parent_path() / ("." + path.filename().string() + ".tmp" + std::to_string(::getpid()));
}

fs::path without_trailing_slash(fs::path path) {
  return path.has_filename() ? path : path.parent_path();
}

}  // namespace

Error io_error(std::string_view action, const fs::path& path, int error_number) {
  const ErrorCode code = error_number == ENOENT ? ErrorCode::kNotFound : ErrorCode::kIo;
  Error error{code,
              "cannot " + std::string(action) + " " + path.string() + ": " + std::strerror(error_number)};
  if (error_number == ENOSPC) error.help = "free some space or name another place";
  return error;
}

Result<std::string> read_file(const fs::path& path, std::size_t limit_bytes) {
  const FileDescriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.is_open()) return io_error("open", path, errno);
  std::string bytes;
  char buffer[1U << 16U];
  for (;;) {
    const ssize_t got = ::read(file.value(), buffer, sizeof buffer);
    if (got == 0) return bytes;
    if (got < 0) {
      if (errno == EINTR) continue;
      return io_error("read", path, errno);
    }
    bytes.append(buffer, static_cast<std::size_t>(got));
    if (bytes.size() > limit_bytes)
      return Error{ErrorCode::kBadInput,
                   path.string() + " is larger than " + std::to_string(limit_bytes) + " bytes"};
  }
}

Result<void> write_file_atomic(const fs::path& path, std::string_view bytes) {
  std::error_code ignored;
  const fs::path target = fs::is_symlink(path, ignored) ? fs::canonical(path, ignored) : path;
  const fs::file_status status = fs::status(target, ignored);
  if (fs::exists(status) && !fs::is_regular_file(status))
    return write_and_sync(target, bytes, O_WRONLY, false);
  const fs::path staging = hidden_neighbour(target);
  auto written = write_and_sync(staging, bytes, O_WRONLY | O_CREAT | O_TRUNC, true);
  if (written && ::rename(staging.c_str(), target.c_str()) != 0)
    written = io_error("rename to", target, errno);
  if (!written) {
    ::unlink(staging.c_str());
    return written;
  }
  sync_directory(target.parent_path());
  return ok();
}

Result<MappedFile> MappedFile::open(const fs::path& path) {
  const FileDescriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.is_open()) return io_error("open", path, errno);
  struct stat info {};
  if (::fstat(file.value(), &info) != 0) return io_error("stat", path, errno);
  if (!S_ISREG(info.st_mode))
    return Error{ErrorCode::kIo, "cannot map " + path.string() + ": not a regular file"};
  MappedFile mapped;
  if (info.st_size == 0) return mapped;
  void* data =
      ::mmap(nullptr, static_cast<std::size_t>(info.st_size), PROT_READ, MAP_PRIVATE, file.value(), 0);
  if (data == MAP_FAILED) return io_error("map", path, errno);
  mapped.data_ = static_cast<const char*>(data);
  mapped.size_ = static_cast<std::size_t>(info.st_size);
  return mapped;
}

MappedFile::MappedFile(MappedFile&& other) noexcept
    : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)) {}

MappedFile& MappedFile::operator=(MappedFile&& other) noexcept {
  std::swap(data_, other.data_);
  std::swap(size_, other.size_);
  return *this;
}

MappedFile::~MappedFile() {
  if (data_ != nullptr) ::munmap(const_cast<char*>(data_), size_);
}

StagedDirectory::StagedDirectory(fs::path target, fs::path staging)
    : target_(std::move(target)), staging_(std::move(staging)) {}

StagedDirectory::StagedDirectory(StagedDirectory&& other) noexcept
    : target_(std::move(other.target_)), staging_(std::exchange(other.staging_, fs::path())) {}

StagedDirectory::~StagedDirectory() {
  std::error_code ignored;
  if (!staging_.empty()) fs::remove_all(staging_, ignored);
}

Result<StagedDirectory> StagedDirectory::create(const fs::path& target) {
  const fs::path clean = without_trailing_slash(target);
  std::error_code failure;
  const fs::file_status status = fs::status(clean, failure);
  if (fs::exists(status) && !fs::is_directory(status))
    return Error{ErrorCode::kIo,
                 "cannot write the folder " + clean.string() + ": a file of that name is there"};
  if (clean.has_parent_path()) {
    fs::create_directories(clean.parent_path(), failure);
    if (failure) return io_error("create", clean.parent_path(), failure.value());
  }
  const fs::path staging = hidden_neighbour(clean);
  fs::remove_all(staging, failure);
  if (!fs::create_directory(staging, failure)) return io_error("create", staging, failure.value());
  return StagedDirectory(clean, staging);
}

Result<void> StagedDirectory::write(std::string_view name, std::string_view bytes) {
  return write_and_sync(staging_ / name, bytes, O_WRONLY | O_CREAT | O_TRUNC, true);
}

Result<void> StagedDirectory::commit() {
  sync_directory(staging_);
  std::error_code failure;
  if (!fs::exists(target_, failure)) {
    if (::rename(staging_.c_str(), target_.c_str()) != 0) return io_error("rename to", target_, errno);
    staging_.clear();
  } else if (::syscall(SYS_renameat2, AT_FDCWD, staging_.c_str(), AT_FDCWD, target_.c_str(),
                       RENAME_EXCHANGE) == 0) {
    // staging_ now holds the old folder: the destructor removes it.
  } else {
    return io_error("swap into", target_, errno);
  }
  sync_directory(target_.parent_path());
  return ok();
}

}  // namespace logsieve
