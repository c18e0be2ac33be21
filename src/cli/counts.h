// Counts on the command line.
#ifndef LOGSIEVE_CLI_COUNTS_H_
#define LOGSIEVE_CLI_COUNTS_H_

#include <CLI/CLI.hpp>
#include <cstdint>

namespace logsieve {

// Refuses what is no number from `least` to a million million: CLI11 would take -1 for the largest number there is.
inline CLI::Validator count_range(std::int64_t least = 0) {
  CLI::Range range(least, std::int64_t{1'000'000'000'000});
  range.description("");  // --help is not the place for the largest number
  return range;
}

}  // namespace logsieve

#endif  // LOGSIEVE_CLI_COUNTS_H_
