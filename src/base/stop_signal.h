// A polite end: SIGINT, SIGTERM and SIGHUP ask a long run to stop; a second one ends the process as usual.
// Process-wide. Waiting reads are woken by a pipe, since a flag alone does not end a read of an idle pipe.
#ifndef LOGSIEVE_BASE_STOP_SIGNAL_H_
#define LOGSIEVE_BASE_STOP_SIGNAL_H_

#include <atomic>

namespace logsieve {

// Installs the handlers; SIGXFSZ is ignored, so that a file-size limit is an error of the write and not a death that
// leaves half a file. Call once, before threads are started.
void install_stop_signals();

// True once a stop was asked for. False for ever without install_stop_signals().
const std::atomic<bool>& stop_requested();

// The signal that asked for it; 0: none did.
int stop_signal();

// Waits until `fd` can be read (or has ended), or a stop was asked for; true: it can be read. Regular files are
// always ready.
bool wait_readable(int fd);

// Waits so long, or until a signal comes. False: whoever read from the pipe `fd` (-1: none) is gone.
bool wait_idle(int milliseconds, int fd);

// For tests: as if no signal had come.
void reset_stop_signals();

}  // namespace logsieve

#endif  // LOGSIEVE_BASE_STOP_SIGNAL_H_
