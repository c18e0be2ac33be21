#include "training/discover/near_misses.h"

#include <algorithm>
#include <array>
#include <optional>
#include <re2/re2.h>
#include <utility>

#include "rules/pattern_syntax.h"
#include "training/discover/line_shape.h"

namespace logsieve {
namespace {

constexpr std::string_view kWordBehind = " not";

re2::StringPiece piece(std::string_view text) {
  return {text.data(), text.size()};
}

// A named group: its place among all groups that capture, and what is between its parentheses.
struct Slot {
  std::size_t capture = 0;
  std::string_view type;
  bool is_rest = false;         // named so, and the pattern ends behind it
  std::string_view value = {};  // in the line; of null data where it takes no part
};

struct Slots {
  std::string_view flags;  // `(?i)` at the very front, for the whole pattern
  std::vector<Slot> slots;
};

bool is_letter_or_digit(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

// Whether what stands right before and behind the group is spelled out, or an end: else its neighbour may take what does
// not fit the group, and the line is no miss. In doubt false.
bool stands_alone(std::string_view pattern, const PatternGroup& group) {
  constexpr std::string_view kOpen = "([.*+?{|";
  constexpr std::string_view kClosed = ")].*+?}|";
  if (group.begin > 0) {
    const bool is_escaped = group.begin > 1 && pattern[group.begin - 2] == '\\';
    const char before = pattern[group.begin - 1];
    if (is_escaped ? is_letter_or_digit(before) : kClosed.find(before) != std::string_view::npos)
      return false;
  }
  if (group.end >= pattern.size()) return true;
  const char behind = pattern[group.end];
  if (behind == '\\') return group.end + 1 < pattern.size() && !is_letter_or_digit(pattern[group.end + 1]);
  return kOpen.find(behind) == std::string_view::npos;
}

// None where flags change inside the pattern: then a group's text alone does not say what it matches.
Slots slots_of(std::string_view pattern) {
  Slots found;
  std::size_t captures = 0;
  for (const PatternGroup& group : pattern_groups(pattern)) {
    const std::string_view text = pattern.substr(group.begin, group.end - group.begin);
    if (text.starts_with("(?P<") || text.starts_with("(?<")) {
      const std::size_t begin = text.find('>') + 1;
      ++captures;
      const bool is_rest = text.substr(0, begin).ends_with("<rest>") && pattern.substr(group.end) == "$";
      if (stands_alone(pattern, group))
        found.slots.push_back({captures, text.substr(begin, text.size() - 1 - begin), is_rest});
    } else if (!text.starts_with("(?")) {
      ++captures;
    } else if (!text.starts_with("(?:")) {
      if (group.begin != 0 || text.find(':') != std::string_view::npos) return {};
      found.flags = text;
    }
  }
  return found;
}

bool is_word(char c) {
  return is_letter_or_digit(c) || static_cast<unsigned char>(c) >= 0x80;
}

// The value without its first part: 10.0.0.1 as 0.0.1, /var/log as var/log. Empty where it has one part only.
std::string_view without_first_part(std::string_view value) {
  const auto mark = std::find_if_not(value.begin(), value.end(), is_word);
  return mark == value.end() ? std::string_view()
                             : value.substr(static_cast<std::size_t>(mark - value.begin()) + 1);
}

// A value just outside the type; nullopt where none of those tried is.
std::optional<std::string> outside(std::string_view value, const RE2& type) {
  const std::string whole(value);
  const std::array<std::string, 5> tried = {std::string(without_first_part(value)), whole + 'x', whole + "-x",
                                            whole + "/x", whole + " x"};
  for (const std::string& other : tried)
    if (!other.empty() && !RE2::FullMatch(other, type)) return other;
  return std::nullopt;
}

// The slots with what the line has in them.
Slots filled_slots(std::string_view pattern, std::string_view line) {
  Slots found = slots_of(pattern);
  if (found.slots.empty()) return found;
  const RE2 re2(piece(pattern), RE2::Quiet);
  std::vector<re2::StringPiece> captures(
      static_cast<std::size_t>(std::max(re2.NumberOfCapturingGroups(), 0)) + 1);
  if (!re2.Match(piece(line), 0, line.size(), RE2::UNANCHORED, captures.data(),
                 static_cast<int>(captures.size())))
    return {};
  for (Slot& slot : found.slots) slot.value = {captures[slot.capture].data(), captures[slot.capture].size()};
  return found;
}

RE2 compiled(const Slots& slots, const Slot& slot) {
  return RE2(std::string(slots.flags) + "(?:" + std::string(slot.type) + ")", RE2::Quiet);
}

// Where a rest of bounded length begins; the end of the line if the pattern has none.
std::size_t rest_begin(const Slots& slots, std::string_view line) {
  if (slots.slots.empty() || !slots.slots.back().is_rest || slots.slots.back().value.data() == nullptr)
    return line.size();
  const Slot& last = slots.slots.back();
  const bool is_bounded =
      !RE2::FullMatch(std::string(last.value) + std::string(kMaxShapedBytes, 'x'), compiled(slots, last));
  return is_bounded ? static_cast<std::size_t>(last.value.data() - line.data()) : line.size();
}

// What stands from `rest` on is a value.
void add_word_misses(const std::string& pattern, const std::string& line, std::size_t rest,
                     std::vector<std::string>& misses) {
  const std::string longer = line + std::string(kWordBehind);
  const bool is_value = rest < line.size() && RE2::PartialMatch(longer, RE2(pattern, RE2::Quiet));
  misses.push_back(is_value ? line + std::string(kMaxShapedBytes, 'x') : longer);
  misses.push_back("no " + line);
  const Part* longest = nullptr;
  const std::vector<Part> parts = line_parts(line);
  for (const Part& part : parts)
    if (part.kind == PartKind::kWord && part.end <= rest &&
        (longest == nullptr || part.end - part.begin > longest->end - longest->begin))
      longest = &part;
  if (longest != nullptr) misses.push_back(line.substr(0, longest->begin) + line.substr(longest->end));
}

void add_slot_misses(const Slots& slots, const std::string& line, std::vector<std::string>& misses) {
  std::vector<std::string_view> seen;
  for (const Slot& slot : slots.slots) {
    if (seen.size() == kMostMissedSlots) return;
    if (slot.value.data() == nullptr || std::find(seen.begin(), seen.end(), slot.type) != seen.end())
      continue;
    const auto other = outside(slot.value, compiled(slots, slot));
    if (!other) continue;
    seen.push_back(slot.type);
    const auto begin = static_cast<std::size_t>(slot.value.data() - line.data());
    misses.push_back(line.substr(0, begin) + *other + line.substr(begin + slot.value.size()));
  }
}

}  // namespace

std::vector<std::string> near_misses(std::string_view pattern, const std::string& line) {
  const Slots slots = filled_slots(pattern, line);
  std::vector<std::string> misses;
  add_word_misses(std::string(pattern), line, rest_begin(slots, line), misses);
  add_slot_misses(slots, line, misses);
  return misses;
}

}  // namespace logsieve
