// Text, syslog and the guess at a format: no bytes crash them, and a line of text is never lost.
#include <algorithm>

#include "io/reader_fuzz_support.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace logsieve;
  FuzzInput input(data, size, InputFormat::kSyslog);
  const ReadInput syslog = read_both_ways(input);
  input.options.format = InputFormat::kText;
  const ReadInput text = read_both_ways(input);
  require(syslog.records.size() == text.records.size(), "syslog lines are text lines");
  if (!text.error) {
    const auto line_feeds =
        static_cast<std::size_t>(std::count(input.bytes.begin(), input.bytes.end(), '\n'));
    const bool has_last = !input.bytes.empty() && input.bytes != "\xEF\xBB\xBF" && input.bytes.back() != '\n';
    require(text.records.size() + text.rejects.size() == line_feeds + (has_last ? 1 : 0),
            "each line is a record");
    require_readable(format_all(input, OutputFormat::kJsonl), InputFormat::kJsonl, "", text.records.size());
  }
  // The guess looks at what is there first, so a slow pipe may be guessed differently: no comparison.
  input.options.format = InputFormat::kAuto;
  read_all(input.bytes, input.options);
  return 0;
}
