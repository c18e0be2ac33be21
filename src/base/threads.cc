#include "base/threads.h"

#include <algorithm>
#include <atomic>
#include <sched.h>
#include <system_error>
#include <thread>
#include <vector>

#include "base/cpu_quota.h"

namespace logsieve {
namespace {

std::size_t affinity_cpus() {
  cpu_set_t set;
  CPU_ZERO(&set);
  if (::sched_getaffinity(0, sizeof set, &set) != 0) return std::max(1U, std::thread::hardware_concurrency());
  return static_cast<std::size_t>(std::max(1, CPU_COUNT(&set)));
}

}  // namespace

std::size_t usable_cpus() {
  return std::min(affinity_cpus(), quota_cpus());
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
  try {
    for (std::size_t worker = 1; worker < workers; ++worker) others.emplace_back(run, worker);
  } catch (const std::system_error&) {
    // The system grants no more threads: those that there are do the work.
  }
  run(0);
}

}  // namespace logsieve
