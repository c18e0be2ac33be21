// zstd: no bytes crash it, and what it yields does not depend on how they arrive, but for the last block before damage.
#include <algorithm>

#include "io/reader_fuzz_support.h"
#include "io/zstd_stream.h"

namespace {

constexpr std::size_t kMostBytes = std::size_t{1} << 20U;  // a fuzzer finds bombs soon enough

std::string unpacked(const std::string& packed, std::size_t piece_bytes, std::size_t read_bytes,
                     bool& has_failed) {
  std::string out;
  auto stream = logsieve::open_zstd(logsieve::memory_input(packed, piece_bytes), "input");
  logsieve::require(static_cast<bool>(stream), "zstd starts");
  std::string buffer(read_bytes, '\0');
  while (out.size() < kMostBytes) {
    auto got = (*stream)->read(buffer);
    has_failed = !got;
    if (!got || *got == 0) return out;
    out.append(buffer, 0, *got);
  }
  out.resize(kMostBytes);
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string packed(reinterpret_cast<const char*>(data), size);
  bool whole_failed = false;
  bool pieces_failed = false;
  const std::string whole = unpacked(packed, kMostBytes, 100000, whole_failed);
  const std::string pieces = unpacked(packed, 1, 777, pieces_failed);
  // Before damage up to a block may be lacking, and how much depends on how the bytes arrive; nothing else does.
  const std::size_t both = std::min(whole.size(), pieces.size());
  logsieve::require(whole.compare(0, both, pieces, 0, both) == 0, "bytes do not depend on how they arrive");
  if (!whole_failed && !pieces_failed)
    logsieve::require(whole == pieces, "nor does how many of an undamaged input there are");
  if (both < kMostBytes) logsieve::require(whole_failed == pieces_failed, "neither do errors");
  return 0;
}
