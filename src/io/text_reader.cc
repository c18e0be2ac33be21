#include "io/text_reader.h"

#include "io/syslog_header.h"

namespace logsieve {
namespace {

class TextParser : public LineParser {
 public:
  InputFormat format() const override { return InputFormat::kText; }
  void parse(std::uint64_t number, std::string_view line, std::size_t consumed,
             BatchBuilder& batch) override {
    batch.add({number, line, {}, line}, consumed);
  }
};

class SyslogParser : public LineParser {
 public:
  InputFormat format() const override { return InputFormat::kSyslog; }
  void parse(std::uint64_t number, std::string_view line, std::size_t consumed,
             BatchBuilder& batch) override {
    const auto parsed = parse_syslog(line);
    batch.add(parsed ? Record{number, parsed->message, parsed->app, line} : Record{number, line, {}, line},
              consumed);
  }
};

}  // namespace

std::unique_ptr<LineParser> make_text_parser() {
  return std::make_unique<TextParser>();
}

std::unique_ptr<LineParser> make_syslog_parser() {
  return std::make_unique<SyslogParser>();
}

}  // namespace logsieve
