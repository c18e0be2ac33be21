// What cannot or must not be written: a file that the same run reads, one file twice, a folder that is not there.
#ifndef LOGSIEVE_CLI_OUTPUT_CHECKS_H_
#define LOGSIEVE_CLI_OUTPUT_CHECKS_H_

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <utility>

#include "base/result.h"

namespace logsieve {

// Device and inode of a regular file, of what `standard_fd` leads to for "-" and ""; nothing for anything else.
std::optional<std::pair<std::uint64_t, std::uint64_t>> file_id(const std::string& path, int standard_fd);

// `inputs` and `outputs` are paths as given, "-" and "" are stdin or stdout: leave out what will not be written. Regular files are compared by device and
// inode, so links are seen through. Errors: kInvalidArgument.
Result<void> check_outputs(std::span<const std::string> inputs, std::span<const std::string> outputs);

// Whether write_file_atomic can write `path`, as far as that shows before the work is done; "-" and "" are stdout. Errors: kIo.
Result<void> check_writable(const std::string& path);

}  // namespace logsieve

#endif  // LOGSIEVE_CLI_OUTPUT_CHECKS_H_
