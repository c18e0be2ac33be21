// The header of a syslog line: RFC 5424, RFC 3164, and the same without priority as syslogd writes it to files.
#ifndef LOGSIEVE_IO_SYSLOG_HEADER_H_
#define LOGSIEVE_IO_SYSLOG_HEADER_H_

#include <optional>
#include <string_view>

namespace logsieve {

struct SyslogLine {
  std::string_view app;      // APP-NAME, or the tag without "[pid]"; empty for RFC 5424's "-"
  std::string_view message;  // what follows the header, without the BOM of RFC 5424 section 6.4
  bool has_priority = false;
};

// Views into `line`. Nothing if the line has no such header:
//   <34>1 2003-10-11T22:14:15.003Z host app 1234 ID47 [origin ip="192.0.2.1"] message    (RFC 5424)
//   <34>Oct 11 22:14:15 host app[1234]: message                                           (RFC 3164)
//   Oct 11 22:14:15 host app[1234]: message                                               (files)
//   2003-10-11T22:14:15.003+02:00 host app[1234]: message                                 (rsyslog, systemd)
// A tag is needed: without one the words of a message would be taken for a host.
std::optional<SyslogLine> parse_syslog(std::string_view line);

}  // namespace logsieve

#endif  // LOGSIEVE_IO_SYSLOG_HEADER_H_
