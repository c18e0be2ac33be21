// gzip: no bytes crash it, and what it yields does not depend on how they arrive.
#include "io/gzip_stream.h"
#include "io/reader_fuzz_support.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace logsieve;
  constexpr std::size_t kMostBytes = std::size_t{1} << 20U;
  const std::string packed(reinterpret_cast<const char*>(data), size);
  const Unpacked whole = unpack(open_gzip, packed, kMostBytes, 100'000, kMostBytes);
  const Unpacked pieces = unpack(open_gzip, packed, 1, 777, kMostBytes);
  require(whole.bytes == pieces.bytes, "bytes do not depend on how they arrive");
  if (whole.bytes.size() < kMostBytes) require(whole.has_failed == pieces.has_failed, "neither do errors");
  return 0;
}
