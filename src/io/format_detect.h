// What format an input is in, told from its first bytes; the name's extension is a hint.
#ifndef LOGSIEVE_IO_FORMAT_DETECT_H_
#define LOGSIEVE_IO_FORMAT_DETECT_H_

#include <string>
#include <string_view>

#include "io/record_reader.h"

namespace logsieve {

// `head` is the input's beginning without BOM; `is_whole` if nothing follows it. Never kAuto. In this order:
//   docker  all of the first lines are objects of log, stream and time, and no field was asked for by name
//   jsonl   one of the first lines is a JSON object, or the name ends in .jsonl, .ndjson or .json
//   cri     every one of the first lines has a CRI header
//   logfmt  every one of them is made of pairs, and one says something in quotes under a message's name
//   csv     the first row has a message column beside others, or the name ends in .csv or .tsv (.gz or .zst
//           behind it does not matter), or a message column was asked for
//   syslog  every one of the first lines has a syslog header
//   text    all else
InputFormat detect_format(std::string_view head, bool is_whole, const std::string& name,
                          const ReaderOptions& options);

// How much of an input detect_format wants to see, if it is there at once.
inline constexpr std::size_t kDetectBytes = std::size_t{64} << 10U;

}  // namespace logsieve

#endif  // LOGSIEVE_IO_FORMAT_DETECT_H_
