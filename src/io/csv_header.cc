#include "io/csv_header.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "io/batch_builder.h"
#include "io/csv_record.h"
#include "io/field_names.h"

namespace logsieve {
namespace {

constexpr std::size_t kShownColumns = 12;
constexpr std::size_t kShownColumnBytes = 40;

using Ranking = std::size_t (*)(std::string_view);

std::optional<std::size_t> index_of(const std::vector<std::string>& columns, const std::string& name) {
  const auto found = std::find(columns.begin(), columns.end(), name);
  if (found == columns.end()) return std::nullopt;
  return static_cast<std::size_t>(found - columns.begin());
}

std::optional<std::size_t> best_ranked(const std::vector<std::string>& columns, Ranking rank) {
  std::optional<std::size_t> best;
  std::size_t best_rank = kNoRank;
  for (std::size_t i = 0; i < columns.size(); ++i)
    if (const std::size_t at = rank(columns[i]); at < best_rank) {
      best = i;
      best_rank = at;
    }
  return best;
}

std::string listed(const std::vector<std::string>& columns) {
  std::string list;
  for (std::size_t i = 0; i < std::min(columns.size(), kShownColumns); ++i) {
    if (i > 0) list += ", ";
    list.append(columns[i], 0, kShownColumnBytes);
    if (columns[i].size() > kShownColumnBytes) list += "...";
  }
  if (columns.size() > kShownColumns)
    list += " and " + std::to_string(columns.size() - kShownColumns) + " more";
  return list;
}

// The length of the header record, or nothing if a quote in it is never closed.
Result<std::optional<std::size_t>> scan_header(InputBuffer& buffer, CsvScanner& scanner, std::size_t limit) {
  using Length = std::optional<std::size_t>;
  scanner.reset();
  for (;;) {
    const std::string_view window = buffer.unread().substr(0, limit + 1);
    const auto status = scanner.scan(window);
    if (status == CsvScanner::Status::kRecord) return Length(scanner.length());
    if (status == CsvScanner::Status::kStrayQuote || window.size() > limit) return Length();
    auto filled = buffer.fill();
    if (!filled) return filled.error();
    if (!*filled) return scanner.finish(window) ? Length(scanner.length()) : Length();
  }
}

// False at the end of the input.
Result<bool> skip_blank_lines(InputBuffer& buffer, std::uint64_t& line) {
  char last = '\0';
  for (;;) {
    const std::string_view unread = buffer.unread();
    if (unread.empty()) {
      auto filled = buffer.fill();
      if (!filled || !*filled) return filled;
      continue;
    }
    const char c = unread.front();
    if (c != '\n' && c != '\r') return true;
    if (c == '\r' || last != '\r') ++line;
    last = c;
    buffer.consume(1);
  }
}

Error endless_header(std::string_view unread, std::size_t limit) {
  const std::string why = unread.size() > limit ? " within " + std::to_string(limit) + " bytes"
                                                : ": a quote in it is never closed";
  return Error{ErrorCode::kBadInput, "the header row does not end" + why}
      .with_source(std::string(unread.substr(0, std::min(find_line_end(unread), kRejectBytes))))
      .with_help("a file without a header row can be read with --from text");
}

Error no_message_column(const CsvHeader& header, const std::string& wanted) {
  const std::string columns = "the header has " + listed(header.columns);
  if (wanted.empty()) {
    std::string help = "name it with --message-column; known without it: " + message_names() +
                       "; a file without a header row can be read with --from text";
    return Error{ErrorCode::kBadInput, "no column for the message: " + columns}.with_help(std::move(help));
  }
  const std::string_view nearest = nearest_name(wanted, header.columns);
  std::string help = nearest.empty() ? "name one of them with --message-column"
                                     : "did you mean --message-column '" + std::string(nearest) + "'?";
  return Error{ErrorCode::kBadInput, "no column \"" + wanted + "\": " + columns}.with_help(std::move(help));
}

Result<void> choose_columns(CsvHeader& header, const ReaderOptions& options) {
  const auto message = find_message_column(header.columns, options.message_column);
  if (!message) return no_message_column(header, options.message_column);
  header.message = *message;
  const std::string& name = header.columns[*message];
  if (std::count(header.columns.begin(), header.columns.end(), name) > 1)
    return Error{ErrorCode::kBadInput, "the message column \"" + name + "\" is there twice"}.with_help(
        "rename one of them, or name another column with --message-column");
  header.source = options.source_column.empty() ? best_ranked(header.columns, source_name_rank)
                                                : index_of(header.columns, options.source_column);
  if (header.source == header.message) header.source.reset();
  header.time = best_ranked(header.columns, time_name_rank);
  if (header.time == header.message || header.time == header.source) header.time.reset();
  if (options.source_column.empty() || header.source) return ok();
  return Error{ErrorCode::kBadInput, "no column \"" + options.source_column +
                                         "\" for the source: the header has " + listed(header.columns)}
      .with_help("name one of them with --source-column");
}

std::string delimiters_for(const std::string& name, const ReaderOptions& options) {
  if (options.delimiter != '\0') return {options.delimiter};
  return name.ends_with(".tsv") ? "\t,;" : ",\t;";
}

}  // namespace

std::optional<std::size_t> find_message_column(const std::vector<std::string>& columns,
                                               const std::string& wanted) {
  return wanted.empty() ? best_ranked(columns, message_name_rank) : index_of(columns, wanted);
}

Result<CsvHeader> read_csv_header(InputBuffer& buffer, const ReaderOptions& options,
                                  const std::string& name) {
  CsvHeader header;
  auto has_more = skip_blank_lines(buffer, header.line);
  if (!has_more) return has_more.error();
  if (!*has_more)
    return Error{ErrorCode::kBadInput, "a CSV without a header row: the input is empty"}.at(name).with_help(
        "the first row names the columns, for example timestamp,source,log_message");
  std::optional<CsvHeader> first;  // with the first delimiter, where no delimiter shows a message column
  for (const char delimiter : delimiters_for(name, options)) {
    CsvScanner scanner(delimiter);
    auto length = scan_header(buffer, scanner, options.max_record_bytes);
    if (!length) return length.error();
    if (!*length) continue;
    header.delimiter = delimiter;
    header.raw = buffer.unread().substr(0, **length);
    split_csv_record(header.raw, header.columns, delimiter);
    if (!first) first = header;
    if (!find_message_column(header.columns, options.message_column)) continue;
    first = header;
    break;
  }
  if (!first) return endless_header(buffer.unread(), options.max_record_bytes).at(name, header.line);
  auto chosen = choose_columns(*first, options);
  if (!chosen) return std::move(chosen.error()).at(name, header.line);
  buffer.consume(first->raw.size());
  return std::move(*first);
}

}  // namespace logsieve
