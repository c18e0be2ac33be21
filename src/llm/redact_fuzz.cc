// Any bytes, raw and masked: redaction is idempotent and its growth bounded.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "llm/redact.h"
#include "mask/masker.h"

namespace {

void check(const std::string& text) {
  const std::string once = logsieve::redact(text);
  if (once.size() > logsieve::kMaxRedactionGrowth * text.size() || logsieve::redact(once) != once)
    std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  std::string form;
  logsieve::mask(text, form);
  check(text);
  check(form);
  return 0;
}
