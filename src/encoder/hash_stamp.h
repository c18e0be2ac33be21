// The SHA-256 of a file that was read before, so that a start need not read 91 MB to know which weights it has.
//
// A line of text beside the file, NAME.stamp: what the system says of the file (device, inode, size, times of change of
// content and of state) and its hash. Any change of the file changes its state's time, which no program can set, so the
// stamp of another content does not match. It protects against mix-ups; who may write the folder may write the stamp.
// The method is that of git's index (Documentation/technical/racy-git.txt): a file that has changed in the last
// seconds gets no stamp.
#ifndef LOGSIEVE_ENCODER_HASH_STAMP_H_
#define LOGSIEVE_ENCODER_HASH_STAMP_H_

#include <filesystem>
#include <optional>
#include <string>

#include "base/file.h"

namespace logsieve {

// The hash that the stamp of `path`, which is mapped, states; nothing where there is none that matches.
std::optional<std::string> read_hash_stamp(const std::filesystem::path& path, const MappedFile& file);

// Puts it there, whole or not at all. That it cannot be written is no error.
void write_hash_stamp(const std::filesystem::path& path, const MappedFile& file, const std::string& sha256);

// The next read finds none.
void remove_hash_stamp(const std::filesystem::path& path);

}  // namespace logsieve

#endif  // LOGSIEVE_ENCODER_HASH_STAMP_H_
