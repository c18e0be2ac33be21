// gzip undone as it is read (RFC 1952): joined members, zero padding after the last one.
#ifndef LOGSIEVE_IO_GZIP_STREAM_H_
#define LOGSIEVE_IO_GZIP_STREAM_H_

#include <memory>
#include <string>

#include "io/input_stream.h"

namespace logsieve {

// `source` yields the compressed bytes. Memory: 64 KiB and zlib's 40 KiB, whatever the ratio. Reading fails with
// kBadInput where the data end too early, are damaged (CRC) or are followed by something else than a member;
// all bytes unpacked before that place are delivered first.
Result<std::unique_ptr<InputStream>> open_gzip(std::unique_ptr<InputStream> source, const std::string& name);

}  // namespace logsieve

#endif  // LOGSIEVE_IO_GZIP_STREAM_H_
