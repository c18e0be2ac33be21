// Zstandard undone as it is read (RFC 8878): joined and skippable frames.
#ifndef LOGSIEVE_IO_ZSTD_STREAM_H_
#define LOGSIEVE_IO_ZSTD_STREAM_H_

#include <memory>
#include <string>

#include "io/input_stream.h"

namespace logsieve {

// `source` yields the compressed bytes. Memory: 128 KiB and the frame's window, at most 128 MiB (what `zstd --long`
// writes and `zstd -d` reads); a larger one is refused. Reading fails with kBadInput where the data end too early or are
// damaged; what was unpacked before that place is delivered first, but for the last block of up to 128 KiB.
Result<std::unique_ptr<InputStream>> open_zstd(std::unique_ptr<InputStream> source, const std::string& name);

}  // namespace logsieve

#endif  // LOGSIEVE_IO_ZSTD_STREAM_H_
