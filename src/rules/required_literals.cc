#include "rules/required_literals.h"

#include <algorithm>
#include <cctype>
#include <utility>

#include "base/utf8.h"
#include "rules/literal_needs.h"

namespace logsieve {
namespace {

// Classes of more characters are not spelled out.
constexpr std::size_t kMaxClassMembers = 8;

// Reads RE2 syntax once from left to right. Checks no more than it must: RE2 has accepted the pattern. Of the
// flags only (?i) matters: what lines and dots are changes no literal, and greedy or not changes no match.
class PatternReader {
 public:
  PatternReader(std::string_view pattern, LiteralReader& classes)
      : in_(pattern), classes_(classes), groups_(1) {}

  std::optional<RequiredLiterals> read() {
    while (at_ < in_.size())
      if (!step()) return std::nullopt;
    if (groups_.size() != 1) return std::nullopt;
    end_branch();
    std::vector<Needs>& branches = groups_[0].branches;
    RequiredLiterals result{{}, folds_s_or_k_, branches[0].min_length};
    for (Needs& branch : branches) {
      result.min_length = std::min(result.min_length, branch.min_length);
      result.alternatives.push_back(best_clauses(std::move(branch)));
    }
    const auto is_empty = [](const Clauses& clauses) { return clauses.empty(); };
    if (std::any_of(result.alternatives.begin(), result.alternatives.end(), is_empty))
      result.alternatives.clear();
    return result;
  }

 private:
  struct Group {
    NeedsSequence sequence = {};       // of the branch that is being read
    std::optional<Needs> last = {};    // the part before `at_`: a repeat may follow
    std::vector<Needs> branches = {};  // before that branch
    bool outer_fold = false;           // restored where the group ends
  };

  bool step();
  bool escape();
  bool quoted();
  bool property();
  bool code_point();
  bool bracket();
  bool brace();
  bool literal();
  bool open_group();
  bool flag_group();
  bool close_group();
  bool end_branch();
  Needs finish_group();

  bool add(Needs part);
  bool add_set(const AsciiSet& set);
  Literal letter(char c);
  bool add_class(const std::string& re2_class);
  bool repeat(std::size_t low, std::optional<std::size_t> high);
  void push_group();

  bool next_is(std::string_view text) const { return in_.substr(at_, text.size()) == text; }

  std::string_view in_;
  std::size_t at_ = 0;
  LiteralReader& classes_;
  std::vector<Group> groups_;
  bool fold_ = false;
  bool folds_s_or_k_ = false;
};

bool PatternReader::step() {
  switch (in_[at_]) {
    case '(':
      return open_group();
    case '[':
      return bracket();
    case '{':
      return brace();
    case '\\':
      return escape();
    default:
      break;
  }
  switch (in_[at_++]) {
    case ')':
      return close_group();
    case '|':
      return end_branch();
    case '^':
    case '$':
      return add(Needs{});
    case '.':
      return add(needs_nothing(1));
    case '*':
      return repeat(0, std::nullopt);
    case '+':
      return repeat(1, std::nullopt);
    case '?':
      return repeat(0, 1);
    default:
      --at_;
      return literal();
  }
}

bool PatternReader::add(Needs part) {
  Group& group = groups_.back();
  if (group.last) group.sequence.append(std::move(*group.last));
  group.last = std::move(part);
  return true;
}

Literal PatternReader::letter(char c) {
  if (!fold_ || std::isalpha(static_cast<unsigned char>(c)) == 0) return {std::string(1, c), false};
  const char lower = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  folds_s_or_k_ = folds_s_or_k_ || lower == 's' || lower == 'k';
  return {std::string(1, lower), true};
}

bool PatternReader::add_set(const AsciiSet& set) {
  // Vectorscan takes a NUL for the end of a literal.
  if (set.count() > kMaxClassMembers || set['\0']) return add(needs_nothing(1));
  LiteralSet texts;
  for (std::size_t c = 0; c < set.size(); ++c)
    if (set[c]) texts.push_back(letter(static_cast<char>(c)));
  return add(needs_texts(std::move(texts), 1));
}

bool PatternReader::add_class(const std::string& re2_class) {
  const AsciiSet* set = classes_.members(fold_ ? "(?i)" + re2_class : re2_class);
  return set != nullptr && add_set(*set);
}

bool PatternReader::literal() {
  const DecodedCodePoint decoded = decode_utf8(in_, at_);
  at_ += decoded.length;
  if (decoded.code_point == 0 || decoded.code_point >= 0x80) return decoded.is_valid && add(needs_nothing(1));
  return add(needs_texts({letter(static_cast<char>(decoded.code_point))}, 1));
}

bool PatternReader::repeat(std::size_t low, std::optional<std::size_t> high) {
  if (next_is("?")) ++at_;
  std::optional<Needs>& last = groups_.back().last;
  if (!last) return false;
  last = repeated(std::move(*last), low, high);
  return true;
}

bool PatternReader::brace() {
  const auto found = brace_repeat(in_, at_);
  if (!found) return literal();
  at_ = found->end;
  return repeat(found->low, found->high);
}

bool PatternReader::bracket() {
  const std::size_t end = bracket_end(in_, at_);
  if (end == std::string_view::npos) return false;
  const std::string_view text = in_.substr(at_, end - at_);
  at_ = end;
  return may_have_many(text.substr(1, text.size() - 2)) ? add(needs_nothing(1))
                                                        : add_class(std::string(text));
}

void PatternReader::push_group() {
  Group group;
  group.outer_fold = fold_;
  groups_.push_back(std::move(group));
}

bool PatternReader::open_group() {
  if (next_is("(?") && !next_is("(?P<")) return flag_group();
  const std::size_t end = next_is("(?P<") ? in_.find('>', at_) : at_;
  if (end == std::string_view::npos) return false;
  at_ = end + 1;
  push_group();
  return true;
}

bool PatternReader::flag_group() {
  bool fold = fold_;
  bool value = true;
  for (at_ += 2; at_ < in_.size(); ++at_) {
    const char c = in_[at_];
    if (c == 'i') fold = value;
    if (c == '-') value = false;
    if (c != ':' && c != ')') continue;
    ++at_;
    if (c == ':') push_group();
    fold_ = fold;  // without a colon, for the rest of the enclosing group
    return true;
  }
  return false;
}

bool PatternReader::end_branch() {
  Group& group = groups_.back();
  if (group.last) group.sequence.append(std::move(*group.last));
  group.last.reset();
  group.branches.push_back(std::exchange(group.sequence, NeedsSequence()).finish());
  return true;
}

Needs PatternReader::finish_group() {
  end_branch();
  return either_of(std::move(groups_.back().branches));
}

bool PatternReader::close_group() {
  if (groups_.size() == 1) return false;
  Needs needs = finish_group();
  fold_ = groups_.back().outer_fold;
  groups_.pop_back();
  return add(std::move(needs));
}

bool PatternReader::escape() {
  const std::string text(in_.substr(at_, 2));
  if (text.size() < 2) return false;
  constexpr std::string_view kSimple = "bBAzCdswDSW";
  if (kSimple.find(text[1]) != std::string_view::npos) at_ += 2;
  switch (text[1]) {
    case 'Q':
      return quoted();
    case 'p':
    case 'P':
      return property();
    case 'b':
    case 'B':
    case 'A':
    case 'z':
      return add(Needs{});
    case 'd':
    case 's':
    case 'w':
    case 'C':
    case 'D':
    case 'S':
    case 'W':
      return add(needs_nothing(1));
    default:
      return code_point();
  }
}

bool PatternReader::quoted() {
  at_ += 2;
  while (at_ < in_.size() && !next_is("\\E"))
    if (!literal()) return false;
  at_ = std::min(at_ + 2, in_.size());
  return true;
}

bool PatternReader::property() {
  const bool is_named = in_.substr(at_ + 2, 1) == "{";
  const std::size_t end = is_named ? in_.find('}', at_) : at_ + 2;
  if (end >= in_.size()) return false;
  at_ = end + 1;
  return add(needs_nothing(1));
}

// \n, \., \x7F, \x{1F600}, \012 and the like: one literal character.
bool PatternReader::code_point() {
  const std::size_t begin = at_;
  const char kind = in_[at_ + 1];
  at_ += 2;
  if (kind == 'x') {
    at_ = next_is("{") ? in_.find('}', at_) + 1 : at_ + 2;
    if (at_ == 0 || at_ > in_.size()) return false;
  } else if (kind >= '0' && kind <= '7') {
    for (int digits = 1; digits < 3 && at_ < in_.size() && in_[at_] >= '0' && in_[at_] <= '7'; ++digits)
      ++at_;
  }
  const std::string text(in_.substr(begin, at_ - begin));
  const AsciiSet* set = classes_.members(text);
  if (set == nullptr) return false;
  // Where it is no ASCII character it is one past ASCII, which (?i) may even fold to an ASCII one.
  return set->none() ? add(needs_nothing(1)) : add_set(*set);
}

}  // namespace

std::optional<RequiredLiterals> LiteralReader::read(std::string_view pattern) {
  return PatternReader(pattern, *this).read();
}

const AsciiSet* LiteralReader::members(const std::string& re2_class) {
  auto it = classes_.find(re2_class);
  if (it == classes_.end()) it = classes_.emplace(re2_class, ascii_members(re2_class)).first;
  return it->second ? &*it->second : nullptr;
}

}  // namespace logsieve
