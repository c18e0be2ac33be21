#include "io/format_detect.h"

#include <algorithm>
#include <vector>

#include "io/container_reader.h"
#include "io/csv_header.h"
#include "io/csv_record.h"
#include "io/input_buffer.h"
#include "io/json_line.h"
#include "io/logfmt_reader.h"
#include "io/syslog_header.h"

namespace logsieve {
namespace {

constexpr std::size_t kLinesLookedAt = 8;

// The first lines that are not blank, without line ends. The last one is left out where it may be cut.
std::vector<std::string_view> first_lines(std::string_view head, bool is_whole) {
  std::vector<std::string_view> lines;
  while (!head.empty() && lines.size() < kLinesLookedAt) {
    const std::size_t end = head.find('\n');
    if (end == std::string_view::npos && !is_whole) break;
    std::string_view line = head.substr(0, end);
    head.remove_prefix(std::min(line.size() + 1, head.size()));
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.find_first_not_of(" \t\r") != std::string_view::npos) lines.push_back(line);
  }
  return lines;
}

bool is_json_object(std::string_view line) {
  std::string padded(line);
  padded.append(InputBuffer::kPadding, '\0');
  return JsonLine({}, {}).read(std::string_view(padded).substr(0, line.size())) !=
         JsonLine::Status::kNoObject;
}

bool looks_like_jsonl(std::string_view head, const std::vector<std::string_view>& lines) {
  if (lines.empty()) return head.starts_with("{\"");  // a first line that is longer than the head
  return std::any_of(lines.begin(), lines.end(), [](std::string_view line) {
    return line[line.find_first_not_of(" \t")] == '{' && is_json_object(line);
  });
}

// Names do not begin with digits; times and numbers do, and "event" may be a word of a log line.
bool is_header_like(const std::vector<std::string>& columns) {
  return columns.size() > 1 &&  // a lone "message" may as well be the first line of a text
         std::none_of(columns.begin(), columns.end(), [](const std::string& column) {
           return column.empty() || (column.front() >= '0' && column.front() <= '9');
         });
}

bool looks_like_csv(std::string_view head, const ReaderOptions& options) {
  const std::size_t first = head.find_first_not_of("\r\n");
  if (first == std::string_view::npos) return false;
  head.remove_prefix(first);
  std::vector<std::string> columns;
  const std::string delimiters = options.delimiter != '\0' ? std::string(1, options.delimiter) : ",\t;";
  for (const char delimiter : delimiters) {
    CsvScanner scanner(delimiter);
    scanner.reset();
    const auto status = scanner.scan(head);
    if (status == CsvScanner::Status::kStrayQuote) continue;
    split_csv_record(status == CsvScanner::Status::kRecord ? head.substr(0, scanner.length()) : head, columns,
                     delimiter);
    if (is_header_like(columns) && find_message_column(columns, options.message_column)) return true;
  }
  return false;
}

bool looks_like_syslog(const std::vector<std::string_view>& lines) {
  return !lines.empty() && std::all_of(lines.begin(), lines.end(),
                                       [](std::string_view line) { return parse_syslog(line).has_value(); });
}

template <typename Is>
bool are_all(const std::vector<std::string_view>& lines, Is is) {
  return !lines.empty() && std::all_of(lines.begin(), lines.end(), is);
}

// A message with spaces is quoted in logfmt; the kernel's audit log has pairs too, but says nothing in quotes.
bool looks_like_logfmt(const std::vector<std::string_view>& lines, const ReaderOptions& options) {
  bool has_message = false;
  const bool are_pairs = are_all(lines, [&](std::string_view line) {
    const auto fields = parse_logfmt(line, options);
    has_message = has_message || (fields && fields->message.starts_with('"'));
    return fields.has_value();
  });
  return are_pairs && has_message;
}

bool has_extension(std::string_view name, std::initializer_list<std::string_view> extensions) {
  for (const std::string_view packed : {".gz", ".zst"})
    if (name.ends_with(packed)) name.remove_suffix(packed.size());
  return std::any_of(extensions.begin(), extensions.end(),
                     [&](std::string_view e) { return name.ends_with(e); });
}

}  // namespace

InputFormat detect_format(std::string_view head, bool is_whole, const std::string& name,
                          const ReaderOptions& options) {
  const std::vector<std::string_view> lines = first_lines(head, is_whole);
  const bool names_fields = !options.message_column.empty() || !options.source_column.empty();
  if (!names_fields && are_all(lines, is_docker_line)) return InputFormat::kDocker;
  if (looks_like_jsonl(head, lines)) return InputFormat::kJsonl;
  if (has_extension(name, {".csv", ".tsv"})) return InputFormat::kCsv;
  if (has_extension(name, {".jsonl", ".ndjson", ".json"})) return InputFormat::kJsonl;
  if (are_all(lines, [](std::string_view line) { return parse_cri(line).has_value(); }))
    return InputFormat::kCri;
  if (looks_like_logfmt(lines, options)) return InputFormat::kLogfmt;
  if (looks_like_csv(head, options)) return InputFormat::kCsv;
  if (!options.message_column.empty()) return InputFormat::kCsv;
  return looks_like_syslog(lines) ? InputFormat::kSyslog : InputFormat::kText;
}

}  // namespace logsieve
