// The folder of a log file, for where its bytes went when it was rotated: renamed, copied, packed. Names may move on while
// they are looked at (app.log.1 becomes app.log.2): a file counts by its inode, and is looked for again where it is no
// longer under the name that the folder gave.
#ifndef LOGSIEVE_IO_ROTATED_FILES_H_
#define LOGSIEVE_IO_ROTATED_FILES_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "io/file_status.h"
#include "io/followed_file.h"

namespace logsieve {

class RotatedFiles {
 public:
  // Of the folder in which `name` lies, as it is now.
  explicit RotatedFiles(const std::string& name);

  // False: not all of it could be listed (no descriptor is left, a disk that fails, names that move on each time). What was
  // not found then may be there all the same.
  bool is_whole() const { return is_whole_; }
  // Whether it was listed after that time, in nanoseconds since 1970.
  bool is_newer_than(std::int64_t ns) const { return listed_ns_ > ns; }

  struct File {
    std::string path;  // the last that was known
    FileStatus status;
  };

  // Where the file of that inode is that holds what was read of it, under whatever name; or the one of that inode that is
  // named as a rotation of `name` and was cut.
  std::optional<std::string> find_renamed(const std::string& name, const FollowedFile::Position& position);
  // Another file that holds what was read of `name` up to `position`; its name begins as that one does. Files whose known
  // beginning is shorter than 16 bytes are not told apart from others: nothing.
  std::optional<File> find_copy(const std::string& name, const FollowedFile::Position& position);
  // The same, packed by gzip or zstd.
  std::optional<File> find_packed(const std::string& name, const FollowedFile::Position& position);

  struct Siblings {
    std::vector<File> files;  // all have a time of birth; the oldest first
    // Of those made before this time, in nanoseconds since 1970, none is missing. File systems note times in steps of
    // some milliseconds, and files may have been made while the folder was read.
    std::int64_t settled_ns;
  };
  // Files named as rotation names those of `name` ("app.log.1", "app.log-20260131"), not packed, made at `since_ns` or
  // later. Nothing: some moved on each time that they were looked for.
  std::optional<Siblings> made_since(const std::string& name, std::int64_t since_ns);

 private:
  struct Listed {
    std::string name;
    std::uint64_t inode;
    bool operator<(const Listed& other) const {
      return std::tie(name, inode) < std::tie(other.name, other.inode);
    }
    bool operator==(const Listed& other) const = default;
  };
  enum class Visit { kNext, kEnd, kMoved };
  using Visitor = std::function<Visit(const File&)>;
  bool visit(const std::string& name_begin, const std::function<bool(const Listed&)>& is_wanted,
             const Visitor& visitor);
  bool visit_alike(const std::string& name, bool is_packed, const Visitor& visitor);
  void list();
  static std::vector<Listed> read_entries(int fd, std::vector<std::byte>& buffer, std::size_t& pieces);

  std::string folder_;         // with a slash behind it, or empty
  std::vector<Listed> files_;  // sorted
  std::int64_t listed_ns_;     // when it was first listed
  bool is_whole_ = true;
};

// The name whose rotation that of `path` is, among those that `is_name` knows: "app.log" for "app.log.1".
std::optional<std::string> rotated_name(const std::string& path,
                                        const std::function<bool(const std::string&)>& is_name);

// Whether a file holds what another one did up to `position`. Nothing tells a file from which nothing was read.
bool holds_file(const std::string& path, const FollowedFile::Position& position);
bool holds_file(const FollowedFile& file, const FollowedFile::Position& position);
// Whether it begins as that file did, in all the bytes that are known of a beginning.
bool begins_as(const FollowedFile& file, const FollowedFile::Position& position);
// Opens it, unless the path leads to another file by now, or nowhere. One that may not be read stays closed.
bool is_elsewhere(FollowedFile& file, const std::string& path);
// The position behind the last whole line of an open file, where it stands then; nothing if it has none.
std::optional<FollowedFile::Position> whole_lines(FollowedFile& file);

// In nanoseconds since 1970, by the clock that gives files their times: it stands still for milliseconds, and what is made
// by now on has no earlier time.
std::int64_t file_now_ns();

}  // namespace logsieve

#endif  // LOGSIEVE_IO_ROTATED_FILES_H_
