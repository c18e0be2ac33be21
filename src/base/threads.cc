#include "base/threads.h"

#include <algorithm>
#include <atomic>
#include <fstream>
#include <sched.h>
#include <string>
#include <thread>
#include <vector>

namespace logsieve {
namespace {

std::size_t affinity_cpus() {
  cpu_set_t set;
  CPU_ZERO(&set);
  if (::sched_getaffinity(0, sizeof set, &set) != 0) return std::max(1U, std::thread::hardware_concurrency());
  return static_cast<std::size_t>(std::max(1, CPU_COUNT(&set)));
}

// CPUs that a quota of `quota` microseconds in `period` allows, rounded up; 0: no quota.
std::size_t quota_cpus(double quota, double period) {
  if (quota <= 0 || period <= 0) return 0;
  return static_cast<std::size_t>(std::max(1.0, quota / period + 0.999));
}

std::size_t cgroup_cpus() {
  std::ifstream v2("/sys/fs/cgroup/cpu.max");
  std::string quota;
  double period = 0;
  if (v2 >> quota >> period && quota != "max") return quota_cpus(std::strtod(quota.c_str(), nullptr), period);
  double v1_quota = 0;
  double v1_period = 0;
  std::ifstream("/sys/fs/cgroup/cpu/cpu.cfs_quota_us") >> v1_quota;
  std::ifstream("/sys/fs/cgroup/cpu/cpu.cfs_period_us") >> v1_period;
  return quota_cpus(v1_quota, v1_period);
}

}  // namespace

std::size_t usable_cpus() {
  const std::size_t quota = cgroup_cpus();
  return quota == 0 ? affinity_cpus() : std::min(quota, affinity_cpus());
}

void parallel_for(std::size_t items, std::size_t threads,
                  const std::function<void(std::size_t item, std::size_t worker)>& body) {
  const std::size_t workers = std::clamp<std::size_t>(threads, 1, std::max<std::size_t>(items, 1));
  std::atomic<std::size_t> next{0};
  const auto run = [&](std::size_t worker) {
    for (std::size_t item = next++; item < items; item = next++) body(item, worker);
  };
  std::vector<std::jthread> others;
  others.reserve(workers - 1);
  for (std::size_t worker = 1; worker < workers; ++worker) others.emplace_back(run, worker);
  run(0);
}

}  // namespace logsieve
