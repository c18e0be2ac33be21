// Verdicts as a table for people: line, label, confidence, tier, why.
#ifndef LOGSIEVE_CLI_VERDICT_TABLE_H_
#define LOGSIEVE_CLI_VERDICT_TABLE_H_

#include <cstddef>
#include <string>
#include <string_view>

#include "record/record.h"
#include "record/verdict.h"

namespace logsieve {

class VerdictTable {
 public:
  explicit VerdictTable(std::size_t terminal_columns);
  std::string header() const;
  std::string row(const Record& record, std::string_view label, const Verdict& verdict,
                  std::string_view why) const;

 private:
  std::size_t message_columns_;
  std::size_t why_columns_;
  bool is_narrow_;
};

}  // namespace logsieve

#endif  // LOGSIEVE_CLI_VERDICT_TABLE_H_
