#include "base/stop_signal.h"

#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

namespace logsieve {
namespace {

std::atomic<bool> is_stop_requested{false};
std::atomic<int> first_signal{0};
int wake_pipe[2] = {-1, -1};
static_assert(std::atomic<bool>::is_always_lock_free, "a signal handler sets it");

void request_stop(int signal) {
  const int saved = errno;
  int none = 0;
  first_signal.compare_exchange_strong(none, signal);
  is_stop_requested = true;
  // The byte stays in the pipe: every later wait ends at once.
  if (wake_pipe[1] >= 0) [[maybe_unused]]
    const ssize_t ignored = ::write(wake_pipe[1], "!", 1);
  std::signal(signal, SIG_DFL);
  errno = saved;
}

}  // namespace

void install_stop_signals() {
  if (wake_pipe[0] < 0 && ::pipe2(wake_pipe, O_CLOEXEC | O_NONBLOCK) != 0) wake_pipe[0] = wake_pipe[1] = -1;
  struct sigaction action {};
  action.sa_handler = request_stop;
  sigemptyset(&action.sa_mask);
  action.sa_flags = 0;  // no SA_RESTART: a blocked open() returns as well
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
    struct sigaction before {};
    // nohup and shells without job control ignore a signal on purpose.
    if (::sigaction(signal, nullptr, &before) == 0 && before.sa_handler != SIG_IGN)
      ::sigaction(signal, &action, nullptr);
  }
  std::signal(SIGXFSZ, SIG_IGN);
}

const std::atomic<bool>& stop_requested() {
  return is_stop_requested;
}

int stop_signal() {
  return first_signal;
}

bool wait_readable(int fd) {
  pollfd waiting[2] = {{fd, POLLIN, 0}, {wake_pipe[0], POLLIN, 0}};  // poll skips an fd of -1
  for (;;) {
    if (is_stop_requested) return false;
    if (::poll(waiting, 2, -1) < 0) {
      if (errno == EINTR) continue;
      return true;  // let the read tell what is wrong
    }
    if (waiting[1].revents != 0) return false;
    if (waiting[0].revents != 0) return true;
  }
}

bool wait_idle(int milliseconds, int fd) {
  pollfd waiting[2] = {{fd, 0, 0}, {wake_pipe[0], POLLIN, 0}};
  return ::poll(waiting, 2, milliseconds) <= 0 || (waiting[0].revents & POLLERR) == 0;
}

void reset_stop_signals() {
  is_stop_requested = false;
  first_signal = 0;
  char byte = 0;
  while (wake_pipe[0] >= 0 && ::read(wake_pipe[0], &byte, 1) == 1) {
  }
}

}  // namespace logsieve
