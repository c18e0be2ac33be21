#include "cli/verdict_table.h"

#include <algorithm>
#include <fmt/format.h>

#include "cli/console.h"

namespace logsieve {
namespace {
constexpr std::size_t kLabelColumns = 20;
constexpr std::size_t kFixedColumns = 5 + 2 + 2 + kLabelColumns + 2 + 4 + 2 + 9 + 2;
constexpr std::size_t kLeastTextColumns = 48;
}  // namespace

VerdictTable::VerdictTable(std::size_t terminal_columns) {
  const std::size_t text = std::max(terminal_columns, kFixedColumns + kLeastTextColumns) - kFixedColumns;
  message_columns_ = text / 2;
  why_columns_ = text - message_columns_;
}

std::string VerdictTable::header() const {
  return fmt::format("{:>5}  {}  {}  conf  {}  {}\n", "line", fit("message", message_columns_),
                     fit("label", kLabelColumns), fit("tier", 9), "why");
}

std::string VerdictTable::row(const Record& record, std::string_view label, const Verdict& verdict,
                              std::string_view why) const {
  return fmt::format("{:>5}  {}  {}  {:.2f}  {}  {}\n", record.line, fit(record.message, message_columns_),
                     fit(label, kLabelColumns), verdict.confidence, fit(tier_name(verdict.tier), 9),
                     fit(why, why_columns_));
}

}  // namespace logsieve
