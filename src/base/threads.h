// Work shared among threads that share nothing else.
#ifndef LOGSIEVE_BASE_THREADS_H_
#define LOGSIEVE_BASE_THREADS_H_

#include <cstddef>
#include <functional>

namespace logsieve {

// CPUs this process may use: affinity mask and cgroup v1/v2 quota, at least 1.
std::size_t usable_cpus();

// Calls body(item, worker) once for every item in [0, items), on min(threads, items) threads (fewer where the
// system grants no more; 0 threads count as 1; the calling thread is worker 0); worker is in
// [0, threads) and each worker runs one item at a time, so scratch memory can be indexed by it. Items are
// taken in order, by whoever is free. Returns when all are done. `body` must not throw.
void parallel_for(std::size_t items, std::size_t threads,
                  const std::function<void(std::size_t item, std::size_t worker)>& body);

}  // namespace logsieve

#endif  // LOGSIEVE_BASE_THREADS_H_
