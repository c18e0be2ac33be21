#include "io/multiline_reader.h"

#include <algorithm>
#include <array>
#include <re2/re2.h>
#include <string>
#include <utility>

namespace logsieve {
namespace {

class MultilineParser : public LineParser {
 public:
  MultilineParser(std::unique_ptr<RE2> first_line, std::size_t max_bytes)
      : first_line_(std::move(first_line)), max_bytes_(max_bytes) {}

  InputFormat format() const override { return InputFormat::kText; }

  void parse(std::uint64_t number, std::string_view line, std::size_t, BatchBuilder& batch) override {
    const bool continues = first_line_ ? !RE2::PartialMatch({line.data(), line.size()}, *first_line_)
                                       : stack_trace_.continues(line);
    if (continues && line_ != 0 && text_.size() + 1 + line.size() <= max_bytes_) {
      text_.append(1, '\n').append(line);
      return;
    }
    finish(batch);
    text_ = line;
    line_ = number;
  }

  Held held() const override { return line_ == 0 ? Held::kNothing : Held::kLastRecord; }
  std::uint64_t held_line() const override { return line_; }

  void finish(BatchBuilder& batch) override {
    if (line_ == 0) return;
    const std::string_view text = batch.keep(text_);
    batch.add({line_, text, {}, text}, text.size());
    line_ = 0;
  }

 private:
  std::unique_ptr<RE2> first_line_;  // null: stack traces
  StackTraceRule stack_trace_;
  std::size_t max_bytes_;
  std::string text_;
  std::uint64_t line_ = 0;  // of the record that is held; 0: none
};

}  // namespace

bool StackTraceRule::continues(std::string_view line) {
  // Frames are indented in Java, .NET and Python; what chains one trace to another is not.
  static constexpr std::array<std::string_view, 6> kChains = {"Caused by: ",
                                                              "Suppressed: ",
                                                              "... ",
                                                              "--- End of",
                                                              "During handling of the above exception",
                                                              "The above exception was the direct cause"};
  if (line.empty()) return is_behind_trace_ || is_in_traceback_;
  const bool ends_traceback = is_in_traceback_;
  is_in_traceback_ = line.starts_with("Traceback (most recent call last)") ||
                     (is_in_traceback_ && (line.front() == ' ' || line.front() == '\t'));
  const auto starts = [&](std::string_view word) { return line.starts_with(word); };
  is_behind_trace_ = is_in_traceback_ || ends_traceback || line.front() == ' ' || line.front() == '\t' ||
                     std::any_of(kChains.begin(), kChains.end(), starts);
  return is_behind_trace_;
}

Result<std::unique_ptr<LineParser>> make_multiline_parser(const ReaderOptions& options) {
  std::unique_ptr<RE2> first_line;
  if (options.multiline != "stack") {
    first_line = std::make_unique<RE2>(options.multiline, RE2::Quiet);
    if (!first_line->ok())
      return Error{ErrorCode::kInvalidArgument, "--multiline: " + first_line->error()}.with_help(
          "\"stack\", or a regex (RE2 syntax) that the first line of each record matches");
  }
  return std::unique_ptr<LineParser>(
      std::make_unique<MultilineParser>(std::move(first_line), options.max_record_bytes));
}

}  // namespace logsieve
