#include "base/stop_signal.h"

#include <csignal>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <thread>
#include <unistd.h>

#include "base/file.h"
#include "base/test_folder.h"

namespace logsieve {
namespace {

// In a child: handlers are process-wide.
TEST(StopSignal, WakesAReadThatWaitsForAnIdlePipe) {
  const int result = in_child([] {
    install_stop_signals();
    int pipe[2];
    if (::pipe(pipe) != 0) return 9;
    const pthread_t reader = pthread_self();
    std::thread killer(
        [reader] { pthread_kill(reader, SIGTERM); });  // NOLINT(bugprone-bad-signal-to-kill-thread): handled
    const bool is_readable = wait_readable(pipe[0]);
    killer.join();
    return is_readable || !stop_requested() || stop_signal() != SIGTERM ? 1 : 0;
  });
  EXPECT_EQ(result, 0);
}

TEST(StopSignal, TellsBytesAndTheEndOfAPipe) {
  int pipe[2];
  ASSERT_EQ(::pipe(pipe), 0);
  ASSERT_EQ(::write(pipe[1], "x", 1), 1);
  EXPECT_TRUE(wait_readable(pipe[0]));
  char byte = 0;
  ASSERT_EQ(::read(pipe[0], &byte, 1), 1);
  ::close(pipe[1]);
  EXPECT_TRUE(wait_readable(pipe[0]));
  ::close(pipe[0]);
}

TEST(StopSignal, EndsTheProcessAtTheSecondTime) {
  EXPECT_EQ(in_child([] {
              install_stop_signals();
              ::raise(SIGINT);
              ::raise(SIGINT);
              return 0;
            }),
            -1);
}

TEST(StopSignal, LeavesASignalIgnoredThatWasIgnored) {
  EXPECT_EQ(in_child([] {
              std::signal(SIGHUP, SIG_IGN);
              install_stop_signals();
              ::raise(SIGHUP);
              return stop_requested() ? 1 : 0;
            }),
            0);
}

TEST(StopSignal, MakesAFileSizeLimitAnErrorOfTheWrite) {
  const TestFolder folder;
  EXPECT_EQ(in_child([&] {
              install_stop_signals();
              const rlimit limit{100, 100};
              if (::setrlimit(RLIMIT_FSIZE, &limit) != 0) return 9;
              return write_file_atomic(folder / "f", std::string(1000, 'x')) ? 1 : 0;
            }),
            0);
  EXPECT_TRUE(folder.names().empty());
}

}  // namespace
}  // namespace logsieve
