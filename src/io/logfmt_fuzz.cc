// logfmt and joined lines: no bytes crash the readers, block sizes do not matter, and each line is in some record.
#include <algorithm>

#include "io/reader_fuzz_support.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace logsieve;
  FuzzInput input(data, size, InputFormat::kLogfmt);
  const ReadInput logfmt = read_both_ways(input);
  input.options.format = InputFormat::kText;
  const ReadInput text = read_both_ways(input);
  require(logfmt.records.size() == text.records.size(), "logfmt lines are text lines");
  for (const char* rule : {"stack", "^[a-m]"}) {
    input.options.multiline = rule;
    const ReadInput joined = read_both_ways(input);
    if (!text.rejects.empty() || text.error) continue;
    std::string all;
    std::string all_joined;
    for (const ReadRecord& record : text.records) all += record.message + '\n';
    for (const ReadRecord& record : joined.records) all_joined += record.message + '\n';
    require(all == all_joined, "joined lines are the lines");
  }
  return 0;
}
