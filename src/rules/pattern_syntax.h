// Small pieces of RE2 syntax, for reading patterns that RE2 has accepted.
#ifndef LOGSIEVE_RULES_PATTERN_SYNTAX_H_
#define LOGSIEVE_RULES_PATTERN_SYNTAX_H_

#include <bitset>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace logsieve {

using AsciiSet = std::bitset<128>;

// The ASCII characters that RE2 finds in a class such as `[^a-f\d]` or `\pL`, by asking it for each: about 20 us.
// nullopt if RE2 refuses it.
std::optional<AsciiSet> ascii_members(const std::string& re2_class);
// Whether the inside of a bracket class (`^a-f\d`) may hold many characters, or any past ASCII; says yes in doubt.
bool may_have_many(std::string_view inside);
// The position after the bracket class that begins at `begin`, or npos if it does not end.
std::size_t bracket_end(std::string_view pattern, std::size_t begin);

// Where the parentheses stand that group; not those that are escaped, quoted or in a class.
std::vector<std::size_t> parentheses(std::string_view pattern);

// A pair of parentheses, its signs such as `?:` or `?P<name>` inside: bytes [begin, end) of the pattern. `(?i)` is one
// too.
struct PatternGroup {
  std::size_t begin = 0;
  std::size_t end = 0;
};
// In the order of their opening, of a pattern that RE2 accepts.
std::vector<PatternGroup> pattern_groups(std::string_view pattern);

struct Repeat {
  std::size_t low = 0;
  std::optional<std::size_t> high;  // none: no upper bound
  std::size_t end = 0;              // the position after it
};
// The repeat `{n}`, `{n,}` or `{n,m}` that begins at `begin`, a brace; nullopt where RE2 takes the brace for itself.
std::optional<Repeat> brace_repeat(std::string_view pattern, std::size_t begin);

}  // namespace logsieve

#endif  // LOGSIEVE_RULES_PATTERN_SYNTAX_H_
