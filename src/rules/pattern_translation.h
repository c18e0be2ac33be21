// RE2 syntax spelled out again for Vectorscan, byte for byte.
//
// RE2 searches UTF-8 code points and is defined on any bytes; Vectorscan searches bytes (its own UTF-8 mode is
// undefined on ill-formed text), and the two read `$`, `\s`, `(?i)k`, `[[:word:]]`, `\pL`, `\Q..\E` differently.
// So no pattern is handed over as it stands. A translation keeps this promise:
//   on ASCII text      it matches exactly where RE2 does, unless `is_loose`;
//   on any other text  it matches at least where RE2 does: a hit of a pattern with `is_wide` needs RE2's word;
//   one exception      U+017F and U+212A, which (?i) folds to s and k. Spelling them out would break every
//                      literal with an s or k in it, so RE2 must try a pattern with `folds_s_or_k` by itself on
//                      text for which has_odd_fold() holds (practically none).
// Greedy or not makes no difference to whether a pattern matches, and is dropped, as are captures.
#ifndef LOGSIEVE_RULES_PATTERN_TRANSLATION_H_
#define LOGSIEVE_RULES_PATTERN_TRANSLATION_H_

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "rules/pattern_bytes.h"

namespace logsieve {

struct PatternTranslation {
  std::string text;            // Vectorscan syntax, ASCII, to be compiled without flags that change meaning
  bool is_loose = false;       // a superset on ASCII text too: every hit needs RE2's word
  bool is_wide = false;        // something in it stands for code points past ASCII
  bool folds_s_or_k = false;   // has an s or k under (?i)
  std::size_t min_length = 0;  // of a match, in code points or fewer; 0: it can match without a character
};

enum class Strictness {
  kExact,
  kLoose,  // drops assertions and caps repeats, for patterns that Vectorscan refuses as they are
};

// Remembers the classes it has seen, so one object should translate a whole book. One thread.
class PatternTranslator {
 public:
  // nullopt for a pattern that RE2 refuses, and for what this reader does not know (no such pattern is known:
  // the oracle tests compare with RE2; the engine then leaves the rule to RE2). O(pattern).
  std::optional<PatternTranslation> translate(std::string_view pattern, Strictness strictness);

 private:
  friend class PatternReader;
  // ascii_members(), remembered; nullptr for what is no class.
  const AsciiSet* members(const std::string& re2_class);
  std::map<std::string, std::optional<AsciiSet>> classes_;
};

}  // namespace logsieve

#endif  // LOGSIEVE_RULES_PATTERN_TRANSLATION_H_
