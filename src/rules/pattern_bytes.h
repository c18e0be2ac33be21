// Bytes and character classes: the alphabet in which patterns are spelled for Vectorscan.
#ifndef LOGSIEVE_RULES_PATTERN_BYTES_H_
#define LOGSIEVE_RULES_PATTERN_BYTES_H_

#include <bitset>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace logsieve {

using AsciiSet = std::bitset<128>;

// The ASCII characters that RE2 finds in a class such as `[^a-f\d]` or `\pL`, by asking it for each: about 20 us.
// nullopt if RE2 refuses it.
std::optional<AsciiSet> ascii_members(const std::string& re2_class);
// The position after the bracket class of RE2 that begins at `begin`, or npos if it does not end.
std::size_t bracket_end(std::string_view pattern, std::size_t begin);
// A repeat count as RE2 reads it: digits without leading zeros, at most four; nullopt for anything else.
std::optional<std::size_t> repeat_count(std::string_view text);
// Whether the inside of a bracket class (`^a-f\d`) may hold anything past ASCII; says yes when in doubt.
bool may_be_wide(std::string_view inside);

// Appends a literal byte in Vectorscan's syntax: letters and digits as they are, all else as \xNN.
void append_byte(unsigned char byte, std::string& out);
// Appends `set` and, if `with_high`, every byte past ASCII, as one class. An empty class is the caller's bug.
void append_class(const AsciiSet& set, bool with_high, std::string& out);

// "{low,high}"; without `high` there is no upper bound.
std::string repeat_text(std::size_t low, std::optional<std::size_t> high);

bool is_ascii(std::string_view text);
// Whether `text` holds U+017F (long s) or U+212A (kelvin sign), which (?i) folds to s and k.
bool has_odd_fold(std::string_view text);

}  // namespace logsieve

#endif  // LOGSIEVE_RULES_PATTERN_BYTES_H_
