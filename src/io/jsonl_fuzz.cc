// JSONL: no bytes crash the reader, block sizes do not matter, and nlohmann agrees on what is valid JSON.
#include <nlohmann/json.hpp>

#include "base/utf8.h"
#include "io/reader_fuzz_support.h"

namespace {

// nlohmann refuses numbers that no double can hold, though they are valid JSON, and takes NUL for the end.
bool is_beyond_nlohmann(const std::string& text) {
  if (text.find('\0') != std::string::npos) return true;
  for (std::size_t i = 1; i < text.size(); ++i)
    if ((text[i] == 'e' || text[i] == 'E') && text[i - 1] >= '0' && text[i - 1] <= '9') return true;
  return text.size() > 300;
}

// How many lines; each must be valid.
std::size_t count_valid_lines(const std::string& out) {
  std::size_t lines = 0;
  for (std::size_t begin = 0; begin < out.size(); ++lines) {
    const std::size_t end = out.find('\n', begin);
    const std::string line = out.substr(begin, end - begin);
    logsieve::require(is_beyond_nlohmann(line) || nlohmann::json::accept(line), "the output is valid JSON");
    begin = end + 1;
  }
  return lines;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace logsieve;
  FuzzInput input(data, size, InputFormat::kJsonl);
  if (size > 1 && data[1] % 3 == 0) input.options.message_column = "a.b";
  const ReadInput read = read_both_ways(input);
  if (read.error) return 0;
  for (const Reject& reject : read.rejects)
    if (reject.reason.starts_with("not valid JSON") && !is_beyond_nlohmann(reject.raw))
      require(!nlohmann::json::accept(to_valid_utf8(reject.raw)), "no valid JSON is rejected");
  const std::size_t lines = count_valid_lines(format_all(input, OutputFormat::kJsonl));
  require(lines == read.records.size(), "the output has a line for each record");
  require_readable(format_all(input, OutputFormat::kCsv), InputFormat::kCsv, "", read.records.size());
  return 0;
}
