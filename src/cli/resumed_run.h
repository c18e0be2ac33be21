// `classify INPUT… --out FILE --state DIR`: what makes the same command go on where it stopped.
#ifndef LOGSIEVE_CLI_RESUMED_RUN_H_
#define LOGSIEVE_CLI_RESUMED_RUN_H_

#include <span>
#include <string>

#include "base/result.h"
#include "io/resumable_output.h"

namespace logsieve {

// What must be as it was: one "key value" line each. `inputs` are looked at: device, inode and first line tell whether
// a path still leads to the same file. `settings` are further lines, whole.
// Errors: kInvalidArgument (stdin, a pipe or device: they cannot be read again), kNotFound, kIo.
Result<std::string> run_identity(std::span<const std::string> inputs, const std::string& settings);

// "batch", "line" or "none"; empty is batch. Errors: kInvalidArgument.
Result<Durability> read_durability(const std::string& text);

}  // namespace logsieve

#endif  // LOGSIEVE_CLI_RESUMED_RUN_H_
