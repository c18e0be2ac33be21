#include "base/cpu_quota.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <fstream>
#include <string>

namespace logsieve {
namespace {

namespace fs = std::filesystem;

// CPUs that the files of one group allow. No limit is "max" in v2, -1 in v1.
std::size_t group_cpus(const fs::path& group) {
  std::string quota_us;
  double period_us = 0;
  std::ifstream v2(group / "cpu.max");
  if (!(v2 >> quota_us >> period_us)) {
    std::ifstream(group / "cpu.cfs_quota_us") >> quota_us;
    std::ifstream(group / "cpu.cfs_period_us") >> period_us;
  }
  const double quota = std::strtod(quota_us.c_str(), nullptr);
  if (!(quota > 0) || !(period_us > 0)) return kNoQuota;
  constexpr double kMostCpus = 1U << 20U;  // keeps the conversion in range whatever the files say
  return static_cast<std::size_t>(std::ceil(std::min(quota / period_us, kMostCpus)));
}

bool names_cpu(const std::string& controllers) {
  return ("," + controllers + ",").find(",cpu,") != std::string::npos;
}

}  // namespace

std::size_t quota_cpus(const fs::path& mount, const fs::path& membership) {
  // In a container that sees no group but its own, the mount itself holds the files, whatever the path says.
  std::size_t cpus = std::min(group_cpus(mount), group_cpus(mount / "cpu"));
  std::ifstream lines(membership);
  // "4:cpu,cpuacct:/a/b" names a group of v1 and "0::/a/b" that of v2.
  for (std::string line; std::getline(lines, line);) {
    const std::size_t first = line.find(':');
    const std::size_t second = first == std::string::npos ? first : line.find(':', first + 1);
    if (second == std::string::npos) continue;
    const std::string controllers = line.substr(first + 1, second - first - 1);
    if (!controllers.empty() && !names_cpu(controllers)) continue;
    const fs::path root = controllers.empty() ? mount : mount / "cpu";
    for (fs::path group = fs::path(line.substr(second + 1)).relative_path(); !group.empty();
         group = group.parent_path())
      cpus = std::min(cpus, group_cpus(root / group));
  }
  return cpus;
}

}  // namespace logsieve
