// Regexes for the values in one slot of a template: the narrowest known type that all of them have.
#ifndef LOGSIEVE_TRAINING_DISCOVER_VALUE_PATTERN_H_
#define LOGSIEVE_TRAINING_DISCOVER_VALUE_PATTERN_H_

#include <span>
#include <string>
#include <string_view>

#include "mask/masker.h"

namespace logsieve {

// RE2 syntax, no group, no anchor. The first type of `kind`'s list that every value has in full (an integer before a
// decimal, a UUID before any id), else the characters seen, as classes, within bounded lengths. `values` must not be
// empty, nor hold control characters.
std::string value_pattern(MaskedKind kind, std::span<const std::string_view> values);

// The same for words that vary, and for what follows at the end of lines: the characters seen, whole scripts where one of
// them occurs, up to twice the longest seen.
std::string word_pattern(std::span<const std::string_view> words);

// `text` as a pattern that matches it and nothing else; only what means something to RE2 is escaped.
std::string escaped_literal(std::string_view text);

}  // namespace logsieve

#endif  // LOGSIEVE_TRAINING_DISCOVER_VALUE_PATTERN_H_
