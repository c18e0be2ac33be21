// What a file is, in one look: its numbers and its time of birth are of the same file, whatever its name leads to by then.
#ifndef LOGSIEVE_IO_FILE_STATUS_H_
#define LOGSIEVE_IO_FILE_STATUS_H_

#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "base/result.h"

namespace logsieve {

using FileId = std::pair<std::uint64_t, std::uint64_t>;  // device, inode

struct FileStatus {
  FileId id;
  std::uint64_t size = 0;  // bytes
  bool is_regular = false;
  bool is_folder = false;
  std::int64_t changed_ns = 0;          // its bytes, in nanoseconds since 1970
  std::optional<std::int64_t> born_ns;  // likewise; nothing where its file system does not say
};

// Errors: kNotFound, kIo.
Result<FileStatus> file_status(const std::string& path);
Result<FileStatus> file_status(int fd, const std::string& shown);

}  // namespace logsieve

#endif  // LOGSIEVE_IO_FILE_STATUS_H_
