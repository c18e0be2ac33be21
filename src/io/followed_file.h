// A log file that grows, read as it grows, through rotation: a file that was renamed is read to its end before the
// new one of its name, one that was truncated is read from its beginning. One thread an object.
#ifndef LOGSIEVE_IO_FOLLOWED_FILE_H_
#define LOGSIEVE_IO_FOLLOWED_FILE_H_

#include <cstddef>
#include <cstdint>
#include <string>

#include "base/result.h"

namespace logsieve {

class FollowedFile {
 public:
  static constexpr std::size_t kHeadBytes = 256;
  static constexpr std::size_t kMaxLineBytes = std::size_t{16} << 20U;  // a longer line is given in pieces

  // Where reading stands. `head_hash` is of the file's first bytes (at most kHeadBytes): a file of the same inode
  // that begins otherwise is another one.
  struct Position {
    std::uint64_t device = 0;
    std::uint64_t inode = 0;
    std::uint64_t offset = 0;  // behind the last whole line that was taken
    std::uint64_t line = 0;    // lines taken so far
    std::uint64_t head_hash = 0;
    std::uint64_t head_bytes = 0;
  };

  // "-" is stdin. A file that is not there yet is waited for.
  explicit FollowedFile(std::string path);
  FollowedFile(FollowedFile&& other) noexcept;
  FollowedFile& operator=(FollowedFile&&) = delete;
  ~FollowedFile();

  const std::string& path() const { return path_; }
  // Goes on where an earlier run stood, if the file is still that one; else it is read from its beginning.
  void resume(const Position& position);
  // Whole lines that are there, about `max_bytes` of them, appended to `out`; `first_line` is the number of the first
  // one. False: none at the moment. Never waits. Errors: kIo.
  Result<bool> take_lines(std::size_t max_bytes, std::string& out, std::uint64_t& first_line);
  // Stdin has ended; a file never has.
  bool has_ended() const { return has_ended_; }
  Position position() const;

 private:
  Result<bool> open_if_there();
  Result<std::size_t> read_some(std::size_t max_bytes);
  Result<bool> follow_rotation();
  void begin_anew();
  bool give_lines(std::string& out, std::uint64_t& first_line);

  std::string path_;
  int fd_ = -1;
  bool has_ended_ = false;
  bool has_left_ = false;   // another file has this name now: this one is read to its end
  std::uint64_t read_ = 0;  // bytes read of this file
  std::uint64_t line_ = 0;  // lines given of this file
  std::string pending_;     // bytes behind the last whole line
  std::string head_;
  bool resumes_ = false;
  Position wanted_;
};

}  // namespace logsieve

#endif  // LOGSIEVE_IO_FOLLOWED_FILE_H_
