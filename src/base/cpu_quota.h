// The CPU quota of the control groups that this process is in (cgroups(7), cgroup v1 and v2).
#ifndef LOGSIEVE_BASE_CPU_QUOTA_H_
#define LOGSIEVE_BASE_CPU_QUOTA_H_

#include <cstddef>
#include <filesystem>
#include <limits>

namespace logsieve {

inline constexpr std::size_t kNoQuota = std::numeric_limits<std::size_t>::max();

// Whole CPUs, rounded up, at least 1, that the tightest quota allows, of the process's own group and all above
// it; kNoQuota if none is set or readable. Tests name other files.
std::size_t quota_cpus(const std::filesystem::path& mount = "/sys/fs/cgroup",
                       const std::filesystem::path& membership = "/proc/self/cgroup");

}  // namespace logsieve

#endif  // LOGSIEVE_BASE_CPU_QUOTA_H_
