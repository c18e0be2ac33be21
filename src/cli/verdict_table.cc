#include "cli/verdict_table.h"

#include <algorithm>
#include <fmt/format.h>

#include "cli/console.h"

namespace logsieve {
namespace {

constexpr std::size_t kLabelColumns = 20;
constexpr std::size_t kFixedColumns = 5 + 2 + 2 + kLabelColumns + 2 + 4 + 2 + 9;
constexpr std::size_t kLeastTextColumns = 24;
constexpr std::size_t kIndent = 7;  // below the message

std::string ended(std::string row) {
  row.erase(row.find_last_not_of(' ') + 1);
  return row + '\n';
}

}  // namespace

VerdictTable::VerdictTable(std::size_t terminal_columns) {
  const std::size_t text = std::max(terminal_columns, kFixedColumns + kLeastTextColumns) - kFixedColumns;
  is_narrow_ = text < 4 * kLeastTextColumns;
  message_columns_ = is_narrow_ ? text : text / 2 - 1;
  why_columns_ = is_narrow_ ? kFixedColumns + text - kIndent : text - text / 2 - 1;
}

std::string VerdictTable::header() const {
  const std::string row = fmt::format("{:>5}  {}  {}  conf  {}", "line", fit("message", message_columns_),
                                      fit("label", kLabelColumns), fit("tier", 9));
  return ended(is_narrow_ ? row : row + "  why");
}

std::string VerdictTable::row(const Record& record, std::string_view label, const Verdict& verdict,
                              std::string_view why) const {
  const std::string row =
      fmt::format("{:>5}  {}  {}  {:.2f}  {}", record.line, fit(record.message, message_columns_),
                  fit(label, kLabelColumns), verdict.confidence, fit(tier_name(verdict.tier), 9));
  if (!is_narrow_) return ended(row + "  " + fit(why, why_columns_));
  return ended(row) + ended(std::string(kIndent, ' ') + fit(why, why_columns_));
}

}  // namespace logsieve
