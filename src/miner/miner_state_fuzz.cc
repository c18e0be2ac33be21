// Any bytes as a miner's state: refused, or read to a miner whose own snapshot reads back to itself. The checksum
// is put right first, or nothing behind it would ever be reached.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "base/hash.h"
#include "miner/miner.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string bytes(reinterpret_cast<const char*>(data), size);
  const logsieve::Hash128 hash = logsieve::xxh3_128(bytes);
  for (const std::uint64_t half : {hash.low, hash.high})
    for (unsigned shift = 0; shift < 64; shift += 8) bytes += static_cast<char>((half >> shift) & 0xFFU);
  auto miner = logsieve::Miner::restore(bytes, {.budget_bytes = std::size_t{1} << 22U, .most_forms = 500});
  if (!miner) return 0;
  miner->observe("one more line 1");
  for (const logsieve::TemplateIndex index : miner->templates()) (void)miner->at(index);
  const std::string once = miner->snapshot();
  auto again = logsieve::Miner::restore(once, {.budget_bytes = std::size_t{1} << 22U, .most_forms = 500});
  if (!again) std::abort();
  return 0;
}
