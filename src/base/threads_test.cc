#include "base/threads.h"

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <gtest/gtest.h>
#include <latch>
#include <sched.h>
#include <sys/syscall.h>
#include <thread>
#include <vector>

#include "base/test_folder.h"

namespace logsieve {
namespace {

TEST(ParallelFor, TakesEveryItemOnceOnAKnownWorker) {
  for (const std::size_t items : {1U, 2U, 7U, 1000U})
    for (const std::size_t threads : {0U, 1U, 2U, 3U, 16U}) {
      std::vector<std::atomic<int>> taken(items);
      std::atomic<std::size_t> highest{0};
      parallel_for(items, threads, [&](std::size_t item, std::size_t worker) {
        ++taken[item];
        std::size_t seen = highest;
        while (seen < worker && !highest.compare_exchange_weak(seen, worker)) {
        }
      });
      for (const auto& count : taken) ASSERT_EQ(count, 1) << items << " items, " << threads << " threads";
      ASSERT_LT(highest, std::max<std::size_t>(threads, 1));
    }
}

TEST(ParallelFor, DoesNothingForNoItems) {
  for (const std::size_t threads : {0U, 1U, 4U})
    parallel_for(0, threads, [](std::size_t, std::size_t) { FAIL() << "there is no item"; });
}

TEST(ParallelFor, RunsItemsAtTheSameTime) {
  std::latch both(2);  // passed only when two items are inside at once
  std::atomic<int> passed{0};
  parallel_for(2, 2, [&](std::size_t, std::size_t) {
    both.arrive_and_wait();
    ++passed;
  });
  EXPECT_EQ(passed, 2);
}

TEST(ParallelFor, AWorkerRunsOneItemAtATimeInOrder) {
  constexpr std::size_t kThreads = 3;
  // Not atomic: the thread sanitizer sees it if two threads ever share a worker's number.
  std::vector<std::vector<std::size_t>> items_of(kThreads);
  parallel_for(500, kThreads,
               [&](std::size_t item, std::size_t worker) { items_of[worker].push_back(item); });
  std::size_t total = 0;
  for (const auto& items : items_of) {
    EXPECT_TRUE(std::is_sorted(items.begin(), items.end()));
    total += items.size();
  }
  EXPECT_EQ(total, 500U);
}

TEST(ParallelFor, TheCallerIsWorkerZeroAndSeesAllResults) {
  const std::thread::id caller = std::this_thread::get_id();
  std::vector<int> squares(100);  // plain ints: returning must publish what the workers wrote
  parallel_for(squares.size(), 4, [&](std::size_t item, std::size_t worker) {
    squares[item] = static_cast<int>(item * item);
    EXPECT_EQ(worker == 0, std::this_thread::get_id() == caller);
  });
  for (std::size_t i = 0; i < squares.size(); ++i) EXPECT_EQ(squares[i], static_cast<int>(i * i));
}

TEST(ParallelFor, MakesDoWithFewerThreadsWhereTheSystemGrantsNoMore) {
  const int missed = in_child([] {
    // pthread_create() takes clone3, or clone where that is not there.
    if (!deny_system_call(SYS_clone3, ENOSYS) || !deny_system_call(SYS_clone, EAGAIN)) return 200;
    std::vector<int> taken(50);
    bool is_caller_alone = true;
    parallel_for(taken.size(), 4, [&](std::size_t item, std::size_t worker) {
      ++taken[item];
      is_caller_alone = is_caller_alone && worker == 0;
    });
    return is_caller_alone
               ? static_cast<int>(std::count_if(taken.begin(), taken.end(), [](int n) { return n != 1; }))
               : 201;
  });
  if (missed == 200) GTEST_SKIP() << "this system allows no seccomp filter";
  EXPECT_EQ(missed, 0);
}

TEST(UsableCpus, IsAtLeastOneAndNoMoreThanTheMachineHas) {
  EXPECT_GE(usable_cpus(), 1U);
  EXPECT_LE(usable_cpus(), std::max(1U, std::thread::hardware_concurrency()));
}

TEST(UsableCpus, FollowsTheAffinityMask) {
  cpu_set_t before;
  ASSERT_EQ(::sched_getaffinity(0, sizeof before, &before), 0);
  cpu_set_t one;
  CPU_ZERO(&one);
  for (unsigned cpu = 0; cpu < CPU_SETSIZE && CPU_COUNT(&one) == 0; ++cpu)
    if (CPU_ISSET(cpu, &before)) CPU_SET(cpu, &one);
  ASSERT_EQ(::sched_setaffinity(0, sizeof one, &one), 0);
  EXPECT_EQ(usable_cpus(), 1U);
  EXPECT_EQ(::sched_setaffinity(0, sizeof before, &before), 0);
}

}  // namespace
}  // namespace logsieve
