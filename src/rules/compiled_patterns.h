// The patterns of a book as Vectorscan runs them: each exactly, as a filter, or not at all.
#ifndef LOGSIEVE_RULES_COMPILED_PATTERNS_H_
#define LOGSIEVE_RULES_COMPILED_PATTERNS_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "rules/vectorscan_database.h"

namespace logsieve {

enum class RunMode : std::uint8_t {
  kExact,    // a hit on ASCII text is a match
  kFilter,   // a hit needs RE2's word
  kRe2Only,  // RE2 must try it by itself
};

struct RunTraits {
  RunMode mode = RunMode::kExact;
  bool is_wide = false;       // as in PatternTranslation
  bool folds_s_or_k = false;  // as in PatternTranslation
};

struct CompiledPatterns {
  std::vector<RunTraits> traits;  // a pattern each
  DatabasePtr database;           // its ids are indexes of patterns; null if there is nothing for it to do
};

// `patterns` are RE2 syntax and accepted by RE2. Errors: as build_database.
Result<CompiledPatterns> compile_patterns(const std::vector<std::string>& patterns);

// What compile_patterns made of these patterns, as bytes: a magic line, the SHA-256 of the rest in hexadecimal, a
// 32-digit key (XXH3 of Vectorscan's version and every translation), a mode byte a pattern, Vectorscan's tables.
std::string to_cache(const CompiledPatterns& compiled, const std::vector<std::string>& patterns);
// nullopt if the bytes are damaged or were made from other patterns, by another version or for another CPU. The
// hash guards against accidents only: the bytes must be trusted.
std::optional<CompiledPatterns> from_cache(std::string_view bytes, const std::vector<std::string>& patterns);

}  // namespace logsieve

#endif  // LOGSIEVE_RULES_COMPILED_PATTERNS_H_
