// Container logs: no bytes crash the readers, block sizes do not matter, and no byte of a message is lost in joining.
#include "io/container_reader.h"
#include "io/reader_fuzz_support.h"

namespace {

std::size_t cri_content(const std::string& bytes) {
  std::size_t content = 0;
  for (std::size_t begin = 0; begin < bytes.size();) {
    const std::size_t end = std::min(bytes.find('\n', begin), bytes.size());
    std::string_view line = std::string_view(bytes).substr(begin, end - begin);
    if (line.ends_with('\r')) line.remove_suffix(1);
    const auto cri = logsieve::parse_cri(line);
    content += cri ? cri->content.size() : line.size();
    begin = end + 1;
  }
  return content;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace logsieve;
  FuzzInput input(data, size, InputFormat::kCri);
  const ReadInput cri = read_both_ways(input);
  if (!cri.error && cri.rejects.empty() && !input.bytes.starts_with("\xEF\xBB\xBF")) {
    std::size_t given = 0;
    for (const ReadRecord& record : cri.records) given += record.message.size();
    require(given == cri_content(input.bytes), "all content is in some record");
  }
  input.options.format = InputFormat::kDocker;
  const ReadInput docker = read_both_ways(input);
  if (!docker.error)
    require_readable(format_all(input, OutputFormat::kJsonl), InputFormat::kJsonl, "", docker.records.size());
  return 0;
}
