// zstd: no bytes crash it, and what it yields does not depend on how they arrive, but for the last block before damage.
#include <algorithm>

#include "io/reader_fuzz_support.h"
#include "io/zstd_stream.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace logsieve;
  constexpr std::size_t kMostBytes = std::size_t{1} << 20U;
  const std::string packed(reinterpret_cast<const char*>(data), size);
  const Unpacked whole = unpack(open_zstd, packed, kMostBytes, 100'000, kMostBytes);
  const Unpacked pieces = unpack(open_zstd, packed, 1, 777, kMostBytes);
  // Before damage up to a block may be lacking, and how much depends on how the bytes arrive; nothing else does.
  const std::size_t both = std::min(whole.bytes.size(), pieces.bytes.size());
  require(whole.bytes.compare(0, both, pieces.bytes, 0, both) == 0, "bytes do not depend on how they arrive");
  if (!whole.has_failed && !pieces.has_failed)
    require(whole.bytes == pieces.bytes, "nor does how many of an undamaged input there are");
  // One that stopped at the limit has not come to the damage that the other, a block short, may have found.
  if (std::max(whole.bytes.size(), pieces.bytes.size()) < kMostBytes)
    require(whole.has_failed == pieces.has_failed, "neither do errors");
  return 0;
}
