// Any bytes: the mask is idempotent and its growth bounded.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "mask/masker.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view line(reinterpret_cast<const char*>(data), size);
  std::string once;
  std::string twice;
  logsieve::mask(line, once);
  logsieve::mask(once, twice);
  if (once != twice || once.size() > logsieve::kMaxMaskGrowth * size) std::abort();
  return 0;
}
