#include "base/file.h"

#include <atomic>
#include <cassert>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

namespace logsieve {
namespace {

namespace fs = std::filesystem;

class FileDescriptor {
 public:
  explicit FileDescriptor(int fd) : fd_(fd) {}
  FileDescriptor(FileDescriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  FileDescriptor& operator=(FileDescriptor&&) = delete;
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

// Writes through `file`, which the caller has just opened, and closes it. Errors name `shown`: the path that the
// user knows, not its hidden neighbour.
Result<void> write_and_close(FileDescriptor file, const fs::path& shown, std::string_view bytes, bool sync) {
  if (!file.is_open()) return io_error("write", shown, errno);
  if (!write_all(file.value(), bytes)) return io_error("write", shown, errno);
  if (sync && ::fsync(file.value()) != 0) return io_error("sync", shown, errno);
  if (file.close() != 0) return io_error("close", shown, errno);
  return ok();
}

// A new file and nothing else: what a crashed writer or a stranger left under that name is not written through.
FileDescriptor create_file(const fs::path& path, fs::perms mode = fs::perms(0644)) {
  ::unlink(path.c_str());
  return FileDescriptor(
      ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, static_cast<mode_t>(mode)));
}

// Unlike any other of this process, so that two threads may write to one path.
fs::path hidden_neighbour(const fs::path& path) {
  static std::atomic<unsigned> count{0};
  constexpr std::size_t kNameBytes = 200;  // leaves room for the rest below the usual limit of 255
  const std::string name = path.filename().string().substr(0, kNameBytes);
  return path.parent_path() /
         ("." + name + ".tmp" + std::to_string(::getpid()) + "-" + std::to_string(count++));
}

fs::path without_trailing_slash(const fs::path& path) {
  return path.has_filename() ? path : path.parent_path();
}

// The path that a chain of symlinks ends at; nothing need be there yet, which canonical() would refuse.
Result<fs::path> follow_links(fs::path path) {
  constexpr int kMaxLinks = 40;  // as Linux allows in one path
  for (int links = 0; links < kMaxLinks; ++links) {
    std::error_code failure;
    if (!fs::is_symlink(path, failure)) return path;
    const fs::path next = fs::read_symlink(path, failure);
    if (failure) return io_error("follow", path, failure.value());
    path = without_trailing_slash(path.parent_path() / next);
  }
  return io_error("follow", path, ELOOP);
}

Error swap_error(const fs::path& target, int error_number) {
  Error error = io_error("replace", target, error_number);
  if (error_number == EBUSY || error_number == EXDEV)
    error.help = "a mount point cannot be replaced: name a folder below it";
  return error;
}

// Puts `staging` at the place of `target`; the old folder is at `staging` afterwards.
Result<void> swap_folders(const fs::path& staging, const fs::path& target) {
  if (::renameat2(AT_FDCWD, staging.c_str(), AT_FDCWD, target.c_str(), RENAME_EXCHANGE) == 0) return ok();
  // A file system without exchange (NFS, some FUSE ones): `target` is absent between two renames.
  if (errno != EINVAL && errno != ENOSYS) return swap_error(target, errno);
  const fs::path old = hidden_neighbour(target);
  if (::rename(target.c_str(), old.c_str()) != 0) return swap_error(target, errno);
  if (::rename(staging.c_str(), target.c_str()) != 0) {
    const int error_number = errno;
    ::rename(old.c_str(), target.c_str());
    return swap_error(target, error_number);
  }
  ::rename(old.c_str(), staging.c_str());
  return ok();
}

std::int64_t nanoseconds(const timespec& time) {
  return std::int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
}

// What can be done about it; empty: nothing that would hold for every file.
const char* io_help(std::string_view action, int error_number) {
  const bool is_read = action == "open" || action == "read" || action == "look at" || action == "map";
  switch (error_number) {
    case ENOENT:
    case ENOTDIR:
      return is_read ? "check its name; a relative one begins in the working folder"
                     : "make its folder first, or name another place";
    case EACCES:
    case EPERM:
      return is_read ? "make it readable for this user (ls -l shows who may read it)"
                     : "let this user write there, or name another place";
    case EISDIR:
      return "name a file in it";
    case EROFS:
      return "its file system is read-only: name another place";
    case EFBIG:
      return "raise the limit of file sizes (ulimit -f)";
    case EMFILE:
      return "raise the limit of open files (ulimit -n)";
    case ENOSPC:
    case EDQUOT:
      return "free some space or name another place";
    default:
      return "";
  }
}

}  // namespace

Error io_error(std::string_view action, const fs::path& path, int error_number) {
  const ErrorCode code = error_number == ENOENT  ? ErrorCode::kNotFound
                         : error_number == EINTR ? ErrorCode::kInterrupted
                                                 : ErrorCode::kIo;
  return Error{code,
               "cannot " + std::string(action) + " " + path.string() + ": " + std::strerror(error_number)}
      .with_help(io_help(action, error_number));
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
  const fs::file_status status = fs::status(path, ignored);
  // Before links are followed: /dev/stdout leads to a pipe by a link whose text names no file.
  if (fs::exists(status) && !fs::is_regular_file(status))
    return write_and_close(FileDescriptor(::open(path.c_str(), O_WRONLY | O_CLOEXEC)), path, bytes, false);
  const auto target = follow_links(path);
  if (!target) return target.error();
  const fs::path staging = hidden_neighbour(*target);
  const bool is_new = !fs::exists(status);
  const fs::perms mode = is_new ? fs::perms(0644) : status.permissions() & fs::perms::all;
  auto written = write_and_close(create_file(staging, mode), path, bytes, true);
  if (written && !is_new) fs::permissions(staging, mode, ignored);  // the umask may have narrowed them
  if (written && ::rename(staging.c_str(), target->c_str()) != 0) written = io_error("replace", path, errno);
  if (!written) {
    ::unlink(staging.c_str());
    return written;
  }
  static_cast<void>(
      sync_directory(target->parent_path()));  // a folder that cannot be synced is no reason to fail
  return ok();
}

Result<void> sync_directory(const fs::path& directory) {
  const std::string name = directory.empty() ? "." : directory.string();
  const FileDescriptor file(::open(name.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!file.is_open()) return io_error("open", name, errno);
  return ::fsync(file.value()) == 0 ? ok() : Result<void>(io_error("sync", name, errno));
}

Result<MappedFile> MappedFile::open(const fs::path& path) {
  // Non-blocking, since opening a pipe would wait for its writer; a regular file does not care.
  const FileDescriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!file.is_open()) return io_error("open", path, errno);
  struct stat info {};
  if (::fstat(file.value(), &info) != 0) return io_error("stat", path, errno);
  if (!S_ISREG(info.st_mode))
    return Error{ErrorCode::kIo, "cannot map " + path.string() + ": not a regular file"};
  MappedFile mapped;
  mapped.identity_ = {info.st_dev, info.st_ino, static_cast<std::uint64_t>(info.st_size),
                      nanoseconds(info.st_mtim), nanoseconds(info.st_ctim)};
  if (info.st_size == 0) return mapped;
  void* data =
      ::mmap(nullptr, static_cast<std::size_t>(info.st_size), PROT_READ, MAP_PRIVATE, file.value(), 0);
  if (data == MAP_FAILED) return io_error("map", path, errno);
  mapped.data_ = static_cast<const char*>(data);
  mapped.size_ = static_cast<std::size_t>(info.st_size);
  return mapped;
}

MappedFile::MappedFile(MappedFile&& other) noexcept
    : data_(std::exchange(other.data_, nullptr)),
      size_(std::exchange(other.size_, 0)),
      identity_(other.identity_) {}

MappedFile& MappedFile::operator=(MappedFile&& other) noexcept {
  std::swap(data_, other.data_);
  std::swap(size_, other.size_);
  std::swap(identity_, other.identity_);
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
  if (!clean.has_filename() || clean.filename() == "." || clean.filename() == "..")
    return Error{ErrorCode::kInvalidArgument, "cannot replace the folder " + target.string() + " as a whole"}
        .with_help("name a folder of its own");
  const auto place = follow_links(clean);
  if (!place) return place.error();
  std::error_code failure;
  const fs::file_status status = fs::status(*place, failure);
  if (fs::exists(status) && !fs::is_directory(status))
    return Error{ErrorCode::kIo,
                 "cannot write the folder " + clean.string() + ": a file of that name is there"};
  if (place->has_parent_path()) {
    fs::create_directories(place->parent_path(), failure);
    if (failure) return io_error("create", place->parent_path(), failure.value());
  }
  const fs::path staging = hidden_neighbour(*place);
  fs::remove_all(staging, failure);
  if (::mkdir(staging.c_str(), 0777) != 0) return io_error("create", clean, errno);
  return StagedDirectory(*place, staging);
}

Result<void> StagedDirectory::write(std::string_view name, std::string_view bytes) {
  assert(!staging_.empty());
  return write_and_close(create_file(staging_ / name), target_ / name, bytes, true);
}

Result<void> StagedDirectory::commit() {
  assert(!staging_.empty());
  static_cast<void>(sync_directory(staging_));
  std::error_code ignored;
  const fs::file_status status = fs::status(target_, ignored);
  if (fs::exists(status)) {
    fs::permissions(staging_, status.permissions(), ignored);
    if (auto swapped = swap_folders(staging_, target_); !swapped) return swapped;
  } else if (::rename(staging_.c_str(), target_.c_str()) != 0) {
    return swap_error(target_, errno);
  }
  static_cast<void>(sync_directory(target_.parent_path()));
  fs::remove_all(staging_, ignored);  // after a swap, the old folder
  staging_.clear();
  return ok();
}

}  // namespace logsieve
