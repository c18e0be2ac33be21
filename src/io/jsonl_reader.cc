#include "io/jsonl_reader.h"

#include <string>

#include "io/json_line.h"

namespace logsieve {
namespace {

class JsonlParser : public LineParser {
 public:
  explicit JsonlParser(const ReaderOptions& options)
      : json_(options.message_column, options.source_column),
        rejects_blank_lines_(options.rejects_blank_lines) {}

  InputFormat format() const override { return InputFormat::kJsonl; }

  void parse(std::uint64_t number, std::string_view line, std::size_t consumed,
             BatchBuilder& batch) override {
    if (line.find_first_not_of(" \t\r") == std::string_view::npos) {
      if (rejects_blank_lines_) batch.reject(number, "a blank line", line, consumed);
      return;
    }
    auto status = json_.read(line);
    // A Latin-1 byte in a message is no reason to lose the record.
    if (status == JsonLine::Status::kInvalidUtf8) status = json_.read(batch.keep_repaired(line));
    if (status != JsonLine::Status::kOk) {
      batch.reject(number, json_.reason(), line, consumed);
      return;
    }
    const std::string_view message = kept(json_.message(scratch_), batch);
    const std::string_view source = kept(json_.source(scratch_), batch);
    batch.add({number, message, source, line, kept(json_.time(scratch_), batch)}, consumed);
  }

 private:
  std::string_view kept(std::string_view text, BatchBuilder& batch) const {
    return text.data() == scratch_.data() ? batch.keep(text) : text;
  }

  JsonLine json_;
  bool rejects_blank_lines_;
  std::string scratch_;
};

}  // namespace

std::unique_ptr<LineParser> make_jsonl_parser(const ReaderOptions& options) {
  return std::make_unique<JsonlParser>(options);
}

}  // namespace logsieve
