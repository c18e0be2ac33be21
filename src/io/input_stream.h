// Where bytes come from: a file, a pipe, stdin, memory; gzip and zstd are undone on the way.
#ifndef LOGSIEVE_IO_INPUT_STREAM_H_
#define LOGSIEVE_IO_INPUT_STREAM_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"

namespace logsieve {

class InputStream {
 public:
  virtual ~InputStream() = default;
  // Reads up to out.size() bytes (not 0) and returns how many; 0 at the end. Waits for the first byte only, so a
  // pipe that grows slowly is read as it grows. Errors: kIo; kBadInput for damaged compression;
  // kInterrupted (base/stop_signal.h). What was read before an error is good.
  virtual Result<std::size_t> read(std::span<char> out) = 0;
  // Bytes taken from the file itself, before decompression.
  virtual std::uint64_t bytes_read() const = 0;
};

// What a compressed input may unpack to: this much in any case; then so many times its size, and never more than 1 TiB.
inline constexpr std::uint64_t kFreeUnpackedBytes = std::uint64_t{16} << 20U;
inline constexpr std::uint64_t kMaxExpansion = 1000;
inline constexpr std::uint64_t kMaxUnpackedBytes = std::uint64_t{1} << 40U;

// What has no lines until it is unpacked: gzip, zstd, xz, bzip2, told by its first bytes.
bool is_packed(std::string_view head);

// "-" is stdin. gzip (RFC 1952) and zstd (RFC 8878), with joined members and frames, are recognised by their first
// bytes. Errors: kNotFound, kIo.
Result<std::unique_ptr<InputStream>> open_input(const std::string& path);

// Bytes that are there already; at most `piece_bytes` of them a read.
std::unique_ptr<InputStream> memory_input(std::string bytes, std::size_t piece_bytes = std::size_t{1} << 20U);

// As open_input, for bytes that come from anywhere; `name` is for messages.
Result<std::unique_ptr<InputStream>> with_decompression(std::unique_ptr<InputStream> stream,
                                                        const std::string& name);

}  // namespace logsieve

#endif  // LOGSIEVE_IO_INPUT_STREAM_H_
