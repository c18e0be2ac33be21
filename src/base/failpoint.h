// Places where a test can make the program die or fail, in the binary that users run: what is proved of it holds for
// them. They stand where durability is decided, never on a hot path.
//
// LOGSIEVE_FAILPOINT=NAME:N:ACTION acts on the Nth time (from 1) that NAME is passed: `kill` ends the process at once, as
// SIGKILL does; `fail` has the caller fail there; `fail+` so from then on. LOGSIEVE_FAILPOINT=NAME:TEXT:abort ends it, as
// a fault of ours would, when something that holds TEXT passes there.
#ifndef LOGSIEVE_BASE_FAILPOINT_H_
#define LOGSIEVE_BASE_FAILPOINT_H_

#include <string_view>

namespace logsieve {

// True: the caller is to fail here. Thread-safe.
bool failpoint(std::string_view name);

// The text that must not pass at `name`; empty: none. The caller looks for it, and calls std::abort.
std::string_view failpoint_text(std::string_view name);

}  // namespace logsieve

#endif  // LOGSIEVE_BASE_FAILPOINT_H_
