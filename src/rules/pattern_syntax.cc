#include "rules/pattern_syntax.h"

#include <algorithm>
#include <re2/re2.h>

namespace logsieve {
namespace {

// The escapes that stand for many characters, or may stand for one past ASCII: classes, hexadecimal, octal.
constexpr std::string_view kWideEscapes = "pPdDsSwWx1234567";
constexpr int kManyMembers = 8;

// Digits without leading zeros, at most four, as RE2 reads them.
std::optional<std::size_t> repeat_count(std::string_view text) {
  if (text.empty() || text.size() > 4 || (text[0] == '0' && text.size() > 1)) return std::nullopt;
  std::size_t count = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return std::nullopt;
    count = count * 10 + static_cast<std::size_t>(c - '0');
  }
  return count;
}

}  // namespace

std::optional<AsciiSet> ascii_members(const std::string& re2_class) {
  const RE2 re(re2_class, RE2::Quiet);
  if (!re.ok()) return std::nullopt;
  AsciiSet set;
  for (std::size_t c = 0; c < set.size(); ++c) {
    const char byte = static_cast<char>(c);
    set.set(c, re.Match(re2::StringPiece(&byte, 1), 0, 1, RE2::ANCHOR_BOTH, nullptr, 0));
  }
  return set;
}

bool may_have_many(std::string_view inside) {
  if (!inside.empty() && inside[0] == '^') return true;
  if (inside.find("[:") != std::string_view::npos) return true;
  for (std::size_t i = 0; i < inside.size(); ++i) {
    if (static_cast<unsigned char>(inside[i]) >= 0x80) return true;
    const char next = i + 1 < inside.size() ? inside[i + 1] : '\0';
    const char after = i + 2 < inside.size() ? inside[i + 2] : '\0';
    if (next == '-' && after - inside[i] >= kManyMembers) return true;
    if (inside[i] != '\\') continue;
    const bool is_ascii_hex = next == 'x' && after >= '0' && after <= '7';
    if (kWideEscapes.find(next) != std::string_view::npos && !is_ascii_hex) return true;
    ++i;
  }
  return false;
}

std::size_t bracket_end(std::string_view pattern, std::size_t begin) {
  std::size_t i = begin + 1;
  if (pattern.substr(i, 1) == "^") ++i;
  for (bool is_first = true; i < pattern.size() && (pattern[i] != ']' || is_first); is_first = false) {
    const std::size_t named_end =
        pattern.substr(i, 2) == "[:" ? pattern.find(":]", i + 2) : std::string_view::npos;
    if (named_end != std::string_view::npos) {
      i = named_end + 2;
    } else if (pattern.substr(i, 3) == "\\p{" || pattern.substr(i, 3) == "\\P{") {
      i = std::min(pattern.find('}', i), pattern.size());
    } else {
      i += pattern[i] == '\\' ? 2 : 1;
    }
  }
  return i < pattern.size() ? i + 1 : std::string_view::npos;
}

std::vector<std::size_t> parentheses(std::string_view pattern) {
  std::vector<std::size_t> places;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    if (pattern.substr(i, 2) == "\\Q") {
      i = std::min(pattern.find("\\E", i), pattern.size() - 1);
    } else if (pattern[i] == '\\') {
      ++i;
    } else if (pattern[i] == '[') {
      i = std::min(bracket_end(pattern, i), pattern.size()) - 1;
    } else if (pattern[i] == '(' || pattern[i] == ')') {
      places.push_back(i);
    }
  }
  return places;
}

std::vector<PatternGroup> pattern_groups(std::string_view pattern) {
  std::vector<PatternGroup> groups;
  std::vector<std::size_t> open;  // indexes into groups
  for (const std::size_t place : parentheses(pattern)) {
    if (pattern[place] == '(') {
      open.push_back(groups.size());
      groups.push_back({place, pattern.size()});
    } else if (!open.empty()) {
      groups[open.back()].end = place + 1;
      open.pop_back();
    }
  }
  return groups;
}

std::optional<Repeat> brace_repeat(std::string_view pattern, std::size_t begin) {
  const std::size_t end = pattern.find('}', begin);
  if (end == std::string_view::npos) return std::nullopt;
  const std::string_view inside = pattern.substr(begin + 1, end - begin - 1);
  const std::size_t comma = inside.find(',');
  const auto low = repeat_count(inside.substr(0, comma));
  if (!low) return std::nullopt;
  if (comma == std::string_view::npos) return Repeat{*low, low, end + 1};
  if (comma + 1 == inside.size()) return Repeat{*low, std::nullopt, end + 1};
  const auto high = repeat_count(inside.substr(comma + 1));
  if (!high) return std::nullopt;
  return Repeat{*low, high, end + 1};
}

}  // namespace logsieve
