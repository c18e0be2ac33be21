// What makes a rule unfit for use: its pattern, its proofs, its name and label.
#ifndef LOGSIEVE_RULES_RULE_CHECKS_H_
#define LOGSIEVE_RULES_RULE_CHECKS_H_

#include <cstddef>
#include <vector>

#include "rules/book_diagnostics.h"
#include "rules/rule_reader.h"

namespace logsieve {

inline constexpr std::size_t kMaxRules = 10'000;
inline constexpr std::size_t kMaxNameBytes = 256;  // names, labels, sources
inline constexpr std::size_t kMaxPatternBytes = 4096;
inline constexpr std::size_t kMaxSampleBytes = 65536;
inline constexpr std::size_t kMaxSamplesPerRule = 1000;

// Adds every problem of the book to `diagnostics`. A rule that could not be read whole is checked as far as it goes.
void check_rules(const std::vector<ReadRule>& rules, BookDiagnostics& diagnostics);

}  // namespace logsieve

#endif  // LOGSIEVE_RULES_RULE_CHECKS_H_
