// One log file that grows, known by what it is and not by its name: device, inode, and hashes of its first bytes and of
// those before the place that was reached. So a file that was cut or written anew is noticed, also when it has grown past
// that place again. One thread an object. Names, rotation and many files: followed_files.h.
#ifndef LOGSIEVE_IO_FOLLOWED_FILE_H_
#define LOGSIEVE_IO_FOLLOWED_FILE_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/result.h"
#include "io/file_status.h"

namespace logsieve {

class FollowedFile {
 public:
  static constexpr std::size_t kHeadBytes = 1024;
  static constexpr std::size_t kTailBytes = 64;
  static constexpr std::size_t kMaxLineBytes = std::size_t{16} << 20U;
  static constexpr std::size_t kKeptBytes = std::size_t{64} << 10U;  // of a longer line

  // Which file, and where reading stands in it.
  struct Position {
    std::uint64_t device = 0;
    std::uint64_t inode = 0;
    std::uint64_t offset = 0;      // bytes used up
    std::uint64_t line = 0;        // line ends among them
    std::uint64_t head_hash = 0;   // of the first `head_bytes`, at most kHeadBytes of those used up
    std::uint64_t head_bytes = 0;  // 0: told by device and inode alone
    std::uint64_t tail_hash = 0;   // of the `tail_bytes` before `offset`
    std::uint64_t tail_bytes = 0;
    friend bool operator==(const Position&, const Position&) = default;
  };

  // What stands at the position.
  struct Lines {
    std::string text;              // whole lines; of one that is too long its first kKeptBytes
    std::uint64_t too_long = 0;    // bytes of that line, its end included; 0: there is none
    std::optional<Position> lost;  // the file was cut or written anew: this is how far the old one was read
    bool has_more = false;         // probably
  };

  // Not opened yet.
  explicit FollowedFile(const Position& position) : at_(position) {}
  FollowedFile(FollowedFile&& other) noexcept;
  FollowedFile& operator=(FollowedFile&& other) noexcept;
  ~FollowedFile();

  bool is_open() const { return fd_ >= 0; }
  // Errors: kNotFound (`path` leads nowhere, or to another file), kIo.
  Result<void> open(const std::string& path);
  void close();
  // Of the open file. Errors: kIo.
  Result<FileStatus> status() const;

  // About `max_bytes` of whole lines from the position on, more if a line is longer; empty: there are none now. With
  // `is_last` what is left needs no line end. Does not move the position, unless the file was cut: then to its beginning.
  // The file must be open. Errors: kIo.
  Result<Lines> peek(std::size_t max_bytes, bool is_last = false);
  // Moves on: `text` is the beginning of what was peeked.
  void consume(std::string_view text);
  // Moves behind a line that is too long.
  Result<void> skip_line(std::uint64_t bytes);
  // Moves to the end, behind its last whole line. Lines before it are not counted.
  Result<void> go_to_end();
  // Up to `max_bytes` of the beginning, whole lines if it has any.
  Result<std::string> head(std::size_t max_bytes) const;

  const Position& position() const { return at_; }
  FileId id() const { return {at_.device, at_.inode}; }
  // Whether the bytes of the open file are those that were read up to `position`.
  Result<bool> matches(const Position& position) const;

 private:
  Result<std::string> read_at(std::uint64_t offset, std::size_t bytes) const;
  Result<Lines> peek_long(std::size_t seen, bool is_last);
  Lines begin_anew();
  Result<void> note_tail();
  void note_head();
  void note_head_with(std::string_view text);

  Position at_;
  int fd_ = -1;
  std::uint64_t searched_ = 0;  // bytes at the position that hold no line end
};

// The numbers of a position, in the order in which a journal keeps them, by the names that other files of state give them.
inline constexpr std::array<std::pair<const char*, std::uint64_t FollowedFile::Position::*>, 8>
    kPositionMembers = {{
        {"device", &FollowedFile::Position::device},
        {"inode", &FollowedFile::Position::inode},
        {"offset", &FollowedFile::Position::offset},
        {"line", &FollowedFile::Position::line},
        {"head_hash", &FollowedFile::Position::head_hash},
        {"head_bytes", &FollowedFile::Position::head_bytes},
        {"tail_hash", &FollowedFile::Position::tail_hash},
        {"tail_bytes", &FollowedFile::Position::tail_bytes},
    }};

}  // namespace logsieve

#endif  // LOGSIEVE_IO_FOLLOWED_FILE_H_
