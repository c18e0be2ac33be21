// A record that could not be read, as --rejects keeps it.
#ifndef LOGSIEVE_CLI_REJECT_LINE_H_
#define LOGSIEVE_CLI_REJECT_LINE_H_

#include <nlohmann/json.hpp>
#include <string>

#include "base/utf8.h"
#include "io/record_reader.h"

namespace logsieve {

// One JSON object with a line end: place, reason, and what stood there.
inline std::string reject_line(const std::string& input, const Reject& reject) {
  const nlohmann::ordered_json line = {{"input", to_valid_utf8(input)},
                                       {"line", reject.line},
                                       {"reason", to_valid_utf8(reject.reason)},
                                       {"record", to_valid_utf8(reject.raw)}};
  return line.dump() + '\n';
}

}  // namespace logsieve

#endif  // LOGSIEVE_CLI_REJECT_LINE_H_
