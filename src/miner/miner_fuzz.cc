// Any bytes as lines: every line is counted once, in small miners that settle and evict.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "miner/miner.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view text(reinterpret_cast<const char*>(data), size);
  logsieve::Miner miner({.most_forms = 20, .settle_at = 4, .most_line_bytes = 200, .most_slots = 20});
  std::uint64_t lines = 0;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    const logsieve::Mined mined = miner.observe(text.substr(0, end));
    if (mined.index >= miner.end_index()) std::abort();
    ++lines;
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  std::uint64_t counted = miner.totals().evicted_lines;
  for (const logsieve::TemplateIndex index : miner.templates()) {
    counted += miner.at(index).count;
    if (miner.current(index) != index) std::abort();
  }
  if (counted != lines) std::abort();
  return 0;
}
