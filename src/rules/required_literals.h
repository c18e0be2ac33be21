// The words that a text must hold for a pattern to match it.
//
// The rules of a book are found by their words: one pass over the message finds all words of all rules, and RE2
// tries only the rules whose words are there. This is the idea of RE2's FilteredRE2 (re2/filtered_re2.h), with
// conditions of one shape, "one of these and one of those and ...", so that checking them allocates nothing, and
// with ASCII words only, so that they can be compared as bytes whatever the encoding of the text.
#ifndef LOGSIEVE_RULES_REQUIRED_LITERALS_H_
#define LOGSIEVE_RULES_REQUIRED_LITERALS_H_

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "rules/literal_needs.h"
#include "rules/pattern_syntax.h"

namespace logsieve {

inline constexpr std::size_t kMinLiteral = 3;   // bytes; shorter ones are in nearly every message
inline constexpr std::size_t kMaxLiteral = 32;  // bytes; longer ones lose their head
inline constexpr std::size_t kMaxClauses = 4;

// A text that the pattern matches satisfies at least one of the alternatives: it holds, for every clause of it, one
// of its literals. Exception: U+017F and U+212A, which (?i) folds to s and k and the literals do not show; a pattern
// with `folds_s_or_k` must be tried on any text that holds them.
struct RequiredLiterals {
  std::vector<Clauses>
      alternatives;            // one for each branch of the pattern's outermost `|`; none: nothing is known
  bool folds_s_or_k = false;   // has an s or k under (?i)
  std::size_t min_length = 0;  // of a match, in characters; 0: it can match without one
};

// Remembers the classes it has seen, so one object should read a whole book. One thread.
class LiteralReader {
 public:
  // nullopt for a pattern that RE2 refuses, and for syntax that this reader does not know (none is known: the
  // oracle tests compare with RE2; the engine then tries the rule on every message). O(pattern).
  std::optional<RequiredLiterals> read(std::string_view pattern);

  // ascii_members(), remembered; nullptr for what is no class.
  const AsciiSet* members(const std::string& re2_class);

 private:
  std::map<std::string, std::optional<AsciiSet>> classes_;
};

}  // namespace logsieve

#endif  // LOGSIEVE_RULES_REQUIRED_LITERALS_H_
