// The noun that every room speaks: one log record, as spans into a buffer that its reader owns.
#ifndef LOGSIEVE_RECORD_RECORD_H_
#define LOGSIEVE_RECORD_RECORD_H_

#include <cstdint>
#include <string_view>

namespace logsieve {

struct Record {
  std::uint64_t line = 0;      // 1-based: the record's first line in its input
  std::string_view message;    // decoded (CSV quotes, JSON escapes undone); may hold any bytes
  std::string_view source;     // the system that wrote it; empty if the input does not say
  std::string_view raw;        // the record as it stood in the input, without its line end
  std::string_view time = {};  // what the input's time field says, as it says it; empty if it has none
};

}  // namespace logsieve

#endif  // LOGSIEVE_RECORD_RECORD_H_
