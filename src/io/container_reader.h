// What container runtimes write: CRI (containerd, CRI-O) and Docker's json-file. Both cut long lines of a stream into
// pieces (at 16 KiB, in Docker), with those of the other stream in between: they are joined again, stream by stream.
#ifndef LOGSIEVE_IO_CONTAINER_READER_H_
#define LOGSIEVE_IO_CONTAINER_READER_H_

#include <memory>
#include <optional>
#include <string_view>

#include "io/line_reader.h"

namespace logsieve {

// "2016-10-06T00:17:09.669794202Z stdout P content": time, stream, P (more follows) or F (the last piece), content.
// Source: the CRI logging format of Kubernetes (kubernetes/design-proposals, kubelet-cri-logging).
struct CriLine {
  std::string_view time;
  std::string_view stream;
  bool is_partial = false;
  std::string_view content;
};
std::optional<CriLine> parse_cri(std::string_view line);

// {"log":"…\n","stream":"stdout","time":"…"}, with further members or without.
bool is_docker_line(std::string_view line);

// `raw` of a joined record is the header of its first piece, marked F, and the whole content.
std::unique_ptr<LineParser> make_cri_parser(const ReaderOptions& options);
// `raw` of a joined record is an object of log, stream and time. Not JSON, or without `log`: reject.
std::unique_ptr<LineParser> make_docker_parser(const ReaderOptions& options);

}  // namespace logsieve

#endif  // LOGSIEVE_IO_CONTAINER_READER_H_
