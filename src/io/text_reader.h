// Plain text and syslog: one record a line.
#ifndef LOGSIEVE_IO_TEXT_READER_H_
#define LOGSIEVE_IO_TEXT_READER_H_

#include <memory>

#include "io/line_reader.h"

namespace logsieve {

// The line is the message. Empty lines are records too: one line in, one record out.
std::unique_ptr<LineParser> make_text_parser();

// The message behind a syslog header, with the application's name as source. A line without a header is a
// message as a whole: RFC 3164 section 4.3.3 asks for that, and rotated files begin in the middle.
std::unique_ptr<LineParser> make_syslog_parser();

}  // namespace logsieve

#endif  // LOGSIEVE_IO_TEXT_READER_H_
