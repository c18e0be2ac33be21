// Files: whole reads with a limit, read-only maps, and writes that are there whole or not at all.
#ifndef LOGSIEVE_BASE_FILE_H_
#define LOGSIEVE_BASE_FILE_H_

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"

namespace logsieve {

// The bytes of a file. kNotFound, kIo, or kBadInput if it is larger than `limit_bytes`.
Result<std::string> read_file(const std::filesystem::path& path,
                              std::size_t limit_bytes = std::size_t{1} << 30U);

// Writes `bytes` to a neighbour of `path`, syncs it and renames it into place: readers see the old file or the
// new one, and after an error the old one is untouched. A replaced file keeps its permissions. Symlinks are
// followed (what they lead to is replaced or made); a device or pipe is written directly. Thread-safe.
Result<void> write_file_atomic(const std::filesystem::path& path, std::string_view bytes);

// Makes the names in `directory` last: a rename or a new file is durable only then. "" is the working directory.
Result<void> sync_directory(const std::filesystem::path& directory);

// What the system says of a file; times in nanoseconds since 1970.
struct FileIdentity {
  std::uint64_t device = 0;
  std::uint64_t inode = 0;
  std::uint64_t size = 0;
  std::int64_t content_changed_ns = 0;  // mtime
  std::int64_t state_changed_ns = 0;    // ctime
};

// A read-only map of a whole file; the view is valid while the object lives. Movable, not copyable.
// The file must not be truncated meanwhile (the kernel would answer with SIGBUS). An empty file is an empty view.
class MappedFile {
 public:
  // kNotFound, or kIo: also for what is no regular file.
  static Result<MappedFile> open(const std::filesystem::path& path);
  MappedFile() = default;
  MappedFile(MappedFile&& other) noexcept;
  MappedFile& operator=(MappedFile&& other) noexcept;
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;
  ~MappedFile();

  std::string_view bytes() const { return {data_, size_}; }
  const FileIdentity& identity() const { return identity_; }  // of when it was opened

 private:
  const char* data_ = nullptr;
  std::size_t size_ = 0;
  FileIdentity identity_;
};

// A directory that appears whole: files are written into a hidden neighbour, `commit` syncs and swaps it with
// `target`, all of whose old content is removed (a reader that has old files open keeps them). Symlinks are
// followed, missing parents are made. Without `commit` the destructor removes the neighbour. One writer at a time.
class StagedDirectory {
 public:
  // kIo, or kInvalidArgument where `target` is no name of its own: "", "/", "." and "..".
  static Result<StagedDirectory> create(const std::filesystem::path& target);
  StagedDirectory(StagedDirectory&& other) noexcept;
  StagedDirectory& operator=(StagedDirectory&&) = delete;
  StagedDirectory(const StagedDirectory&) = delete;
  StagedDirectory& operator=(const StagedDirectory&) = delete;
  ~StagedDirectory();

  // `name` is a plain file name. Neither may be called after a successful commit.
  Result<void> write(std::string_view name, std::string_view bytes);
  Result<void> commit();

 private:
  StagedDirectory(std::filesystem::path target, std::filesystem::path staging);
  std::filesystem::path target_;
  std::filesystem::path staging_;  // empty once committed or moved from
};

// "cannot open x.csv: Permission denied", with the code that fits errno, and what to do about it.
Error io_error(std::string_view action, const std::filesystem::path& path, int error_number);

}  // namespace logsieve

#endif  // LOGSIEVE_BASE_FILE_H_
