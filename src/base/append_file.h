// A file that grows at its end by whole pieces: alerts, messages, rejected records.
#ifndef LOGSIEVE_BASE_APPEND_FILE_H_
#define LOGSIEVE_BASE_APPEND_FILE_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace logsieve {

class AppendFile {
 public:
  enum class Start : std::uint8_t { kKeep, kEmpty };  // what becomes of what is in the file already

  // "-" is stdout. A file that does not end with a line end, because a process was killed, is given one.
  // Errors: kIo, kNotFound (no such folder).
  static Result<AppendFile> open(const std::string& path, Start start);
  AppendFile(AppendFile&& other) noexcept;
  AppendFile& operator=(AppendFile&& other) noexcept;
  AppendFile(const AppendFile&) = delete;
  AppendFile& operator=(const AppendFile&) = delete;
  ~AppendFile();

  // Not buffered. All of `bytes`, or, in a regular file, nothing: what was written of them is taken back. Errors: kIo.
  Result<void> append(std::string_view bytes);
  // Waits until it is on the disk. Errors: kIo.
  Result<void> sync();

 private:
  AppendFile(int fd, std::string path) : fd_(fd), path_(std::move(path)) {}
  Result<void> end_last_line();
  int fd_;
  std::string path_;
};

}  // namespace logsieve

#endif  // LOGSIEVE_BASE_APPEND_FILE_H_
