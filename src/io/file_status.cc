#include "io/file_status.h"

#include <cerrno>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "base/file.h"

namespace logsieve {
namespace {

template <typename Time>
std::int64_t in_ns(const Time& time) {
  return std::int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
}

Result<FileStatus> status_at(int fd, const char* path, int flags, const std::string& shown) {
  FileStatus status;
  struct statx found {};
  if (::statx(fd, path, flags, STATX_BASIC_STATS | STATX_BTIME, &found) == 0) {
    status.id = {::gnu_dev_makedev(found.stx_dev_major, found.stx_dev_minor), found.stx_ino};
    status.size = found.stx_size;
    status.is_regular = S_ISREG(found.stx_mode);
    status.is_folder = S_ISDIR(found.stx_mode);
    status.changed_ns = in_ns(found.stx_mtime);
    if ((found.stx_mask & STATX_BTIME) != 0) status.born_ns = in_ns(found.stx_btime);
    return status;
  }
  // Sandboxes older than the call forbid it.
  struct stat plain {};
  if ((errno != ENOSYS && errno != EPERM) || ::fstatat(fd, path, &plain, flags) != 0)
    return io_error("look at", shown, errno == ENOTDIR ? ENOENT : errno);
  status.id = {plain.st_dev, plain.st_ino};
  status.size = static_cast<std::uint64_t>(plain.st_size);
  status.is_regular = S_ISREG(plain.st_mode);
  status.is_folder = S_ISDIR(plain.st_mode);
  status.changed_ns = in_ns(plain.st_mtim);
  return status;
}

}  // namespace

Result<FileStatus> file_status(const std::string& path) {
  return status_at(AT_FDCWD, path.c_str(), 0, path);
}

Result<FileStatus> file_status(int fd, const std::string& shown) {
  return status_at(fd, "", AT_EMPTY_PATH, shown);
}

}  // namespace logsieve
