// One look into the folder of a log file, for where its bytes went when it was rotated: renamed, copied, packed.
#ifndef LOGSIEVE_IO_ROTATED_FILES_H_
#define LOGSIEVE_IO_ROTATED_FILES_H_

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "io/followed_file.h"

namespace logsieve {

class RotatedFiles {
 public:
  // Of the folder in which `name` lies, as it is now; one that cannot be read is empty.
  explicit RotatedFiles(const std::string& name);

  // The file of that inode that holds what was read of it, under whatever name.
  std::optional<std::string> find_renamed(const FollowedFile::Position& position) const;
  // Another file that holds what was read of `name` up to `position`; its name begins as that one does. Files whose known
  // beginning is shorter than 16 bytes are not told apart from others: nothing.
  std::optional<std::string> find_copy(const std::string& name, const FollowedFile::Position& position) const;
  // The same, packed by gzip or zstd.
  std::optional<std::string> find_packed(const std::string& name,
                                         const FollowedFile::Position& position) const;

  struct Sibling {
    std::string path;
    std::int64_t born_ns;
    struct stat status;
  };
  // Files named as rotation names those of `name` ("app.log.1", "app.log-20260131"), not packed, made at `since_ns` or
  // later; the oldest first.
  std::vector<Sibling> made_since(const std::string& name, std::int64_t since_ns) const;
  // Of the files made before this time, in nanoseconds since 1970, none is missing. File systems note times in steps of
  // some milliseconds, and a folder may change while it is read.
  std::int64_t settled_ns() const { return settled_ns_; }

 private:
  std::vector<std::string> alike(const std::string& name, bool is_packed) const;

  std::string folder_;                                        // with a slash behind it, or empty
  std::vector<std::pair<std::string, std::uint64_t>> files_;  // name, inode; sorted
  std::int64_t settled_ns_;
};

// The name whose rotation that of `path` is, among those that `is_name` knows: "app.log" for "app.log.1".
std::optional<std::string> rotated_name(const std::string& path,
                                        const std::function<bool(const std::string&)>& is_name);

// Whether a file holds what another one did up to `position`. Nothing tells a file from which nothing was read.
bool holds_file(const std::string& path, const FollowedFile::Position& position);
// Whether it begins as that file did, in all the bytes that are known of a beginning.
bool begins_as(const std::string& path, const FollowedFile::Position& position);
// Enough of a beginning to tell most files apart, and whole lines of it if it has any; empty also where there is no file.
inline constexpr std::size_t kBeginningBytes = 64;
std::string beginning_of(const std::string& path);
// The position behind the last whole line of a file; nothing if it has none.
std::optional<FollowedFile::Position> whole_lines(const std::string& path);

// When a file was made, in nanoseconds since 1970; nothing where its file system does not say.
std::optional<std::int64_t> born_ns(const std::string& path);
std::int64_t now_ns();  // likewise

}  // namespace logsieve

#endif  // LOGSIEVE_IO_ROTATED_FILES_H_
