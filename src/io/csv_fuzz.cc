// CSV: no bytes crash the reader, block sizes do not matter, and what is written can be read.
#include "io/reader_fuzz_support.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace logsieve;
  const FuzzInput input(data, size, InputFormat::kCsv);
  const ReadInput read = read_both_ways(input);
  if (read.error) return 0;
  require_readable(format_all(input, OutputFormat::kCsv), InputFormat::kCsv, "", read.records.size(),
                   read.delimiter);
  require_readable(format_all(input, OutputFormat::kJsonl), InputFormat::kJsonl, "target_label",
                   read.records.size());
  return 0;
}
