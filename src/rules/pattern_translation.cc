#include "rules/pattern_translation.h"

#include <algorithm>
#include <cctype>
#include <utility>
#include <vector>

#include "base/utf8.h"

namespace logsieve {
namespace {

// Bounds in a loose translation: Vectorscan refuses what needs too many states, and a prefilter needs no more.
constexpr std::size_t kLooseRepeat = 8;
// min_length is only compared with 0; saturate far below overflow.
constexpr std::size_t kLongEnough = 1U << 20U;

std::size_t plus(std::size_t a, std::size_t b) {
  return std::min(a + b, kLongEnough);
}

}  // namespace

// Reads RE2 syntax once from left to right and writes the translation as it goes; only the last atom can still
// change, when a repeat follows it. Checks no more than it must: the caller knows that RE2 accepts the pattern.
class PatternReader {
 public:
  PatternReader(std::string_view pattern, Strictness strictness, PatternTranslator& classes)
      : in_(pattern), classes_(classes), frames_(1) {
    result_.is_loose = strictness == Strictness::kLoose;
  }

  std::optional<PatternTranslation> read() {
    while (at_ < in_.size())
      if (!step()) return std::nullopt;
    if (frames_.size() != 1) return std::nullopt;
    end_branch();
    result_.min_length = frames_[0].shortest;
    return std::move(result_);
  }

 private:
  struct Flags {
    bool fold = false;
    bool multi_line = false;
    bool dot_newline = false;
  };
  struct Frame {
    std::size_t begin = 0;               // of the group in the output
    Flags outer = {};                    // restored where the group ends
    std::size_t length = 0;              // least length of the branch so far
    std::size_t shortest = kLongEnough;  // of the branches before it
  };
  enum class AtomKind {
    kText,
    kBare,  // an assertion or a repeat: needs a group around it to be repeated
    kWide,  // one code point that may be past ASCII
  };
  struct Atom {
    AtomKind kind = AtomKind::kText;
    std::size_t begin = 0;   // in the output
    std::size_t length = 0;  // least length
    AsciiSet set = {};       // for kWide
  };

  bool step();
  bool escape();
  bool quoted();
  bool property();
  bool code_point();
  bool bracket();
  bool plain_literal();
  bool open_group();
  bool flag_group();
  bool close_group();
  bool brace();
  void begin_group();
  bool end_branch();

  bool add(AtomKind kind, std::string_view text, std::size_t length);
  bool assertion(std::string_view text);
  bool class_atom(const std::string& re2_class, bool is_wide);
  bool set_atom(const AsciiSet& set, bool is_wide);
  bool literal(std::string_view bytes);
  bool repeat(std::size_t low, std::optional<std::size_t> high);
  static std::string wide_repeat(const AsciiSet& set, std::size_t low, std::optional<std::size_t> high);

  bool next_is(std::string_view text) const { return in_.substr(at_, text.size()) == text; }

  std::string_view in_;
  std::size_t at_ = 0;
  PatternTranslator& classes_;
  Flags flags_;
  std::vector<Frame> frames_;
  Atom last_;
  PatternTranslation result_;
  std::string& out_ = result_.text;
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
      out_ += '|';
      return end_branch();
    case '^':
      return assertion(flags_.multi_line ? "(?m:^)" : "^");
    case '$':
      return assertion(flags_.multi_line ? "(?m:$)" : "\\z");
    case '.':
      return set_atom(AsciiSet().set().set('\n', flags_.dot_newline), true);
    case '*':
      return repeat(0, std::nullopt);
    case '+':
      return repeat(1, std::nullopt);
    case '?':
      return repeat(0, 1);
    default:
      --at_;
      return plain_literal();
  }
}

bool PatternReader::end_branch() {
  Frame& frame = frames_.back();
  frame.shortest = std::min(frame.shortest, frame.length);
  frame.length = 0;
  return true;
}

bool PatternReader::add(AtomKind kind, std::string_view text, std::size_t length) {
  last_ = Atom{.kind = kind, .begin = out_.size(), .length = length};
  out_ += text;
  frames_.back().length = plus(frames_.back().length, length);
  return true;
}

bool PatternReader::assertion(std::string_view text) {
  return add(AtomKind::kBare, result_.is_loose ? std::string_view("(?:)") : text, 0);
}

bool PatternReader::set_atom(const AsciiSet& set, bool is_wide) {
  std::string text;
  if (is_wide) {  // a code point past ASCII is 2 to 4 bytes
    text = "(?:";
    if (set.any()) append_class(set, false, text);
    text += set.any() ? "|[\\x80-\\xff]{2,4})" : "[\\x80-\\xff]{2,4})";
  } else {
    append_class(set, false, text);
  }
  add(is_wide ? AtomKind::kWide : AtomKind::kText, text, 1);
  last_.set = set;
  result_.is_wide = result_.is_wide || is_wide;
  const bool has_s_or_k = set['s'] || set['S'] || set['k'] || set['K'];
  result_.folds_s_or_k = result_.folds_s_or_k || (flags_.fold && has_s_or_k);
  return true;
}

bool PatternReader::class_atom(const std::string& re2_class, bool is_wide) {
  const AsciiSet* set = classes_.members(flags_.fold ? "(?i)" + re2_class : re2_class);
  // A class without a member, such as [^\x00-\x{10FFFF}], is wide: on ASCII text neither matches.
  return set != nullptr && set_atom(*set, is_wide || set->none());
}

bool PatternReader::literal(std::string_view bytes) {
  if (bytes.size() == 1) {
    const auto c = static_cast<unsigned char>(bytes[0]);
    AsciiSet set;
    set.set(c);
    if (flags_.fold && std::isalpha(c) != 0) set.set(c ^ 0x20U);
    return set_atom(set, false);
  }
  if (flags_.fold) return class_atom(std::string(bytes), true);
  std::string text = "(?:";
  for (const char byte : bytes) append_byte(static_cast<unsigned char>(byte), text);
  return add(AtomKind::kText, text + ")", 1);
}

bool PatternReader::plain_literal() {
  const DecodedCodePoint decoded = decode_utf8(in_, at_);
  at_ += decoded.length;
  return decoded.is_valid && literal(in_.substr(at_ - decoded.length, decoded.length));
}

std::string PatternReader::wide_repeat(const AsciiSet& set, std::size_t low,
                                       std::optional<std::size_t> high) {
  std::string bytes;
  append_class(set, true, bytes);
  // Any run of such characters is a run of such bytes, and a plain byte class is far cheaper to run.
  if (!high || set.none()) return bytes + repeat_text(low, std::nullopt);
  std::string ascii;
  append_class(set, false, ascii);
  if (high == 1) return "(?:" + ascii + "|[\\x80-\\xff]{2,4})" + repeat_text(low, high);
  // Counting is exact in ASCII, and given up where a byte past ASCII turns up: counting code points instead makes
  // Vectorscan's compiler twice as slow (32 rules with .{0,40}: 386 ms against 182 ms).
  return "(?:" + ascii + repeat_text(low, high) + "|" + bytes + "*[\\x80-\\xff]" + bytes + "*)";
}

bool PatternReader::repeat(std::size_t low, std::optional<std::size_t> high) {
  if (next_is("?")) ++at_;
  Frame& frame = frames_.back();
  frame.length -= std::min(frame.length, last_.length);
  if (high == 0) {  // Vectorscan refuses x{0}
    out_.resize(last_.begin);
    return add(AtomKind::kText, "(?:)", 0);
  }
  if (result_.is_loose && (low > kLooseRepeat || high > kLooseRepeat)) {
    low = std::min(low, kLooseRepeat);
    high = std::nullopt;
  }
  if (last_.kind == AtomKind::kWide) {
    out_.resize(last_.begin);
    out_ += wide_repeat(last_.set, low, high);
  } else {
    if (last_.kind == AtomKind::kBare) out_.insert(last_.begin, "(?:").append(")");
    out_ += repeat_text(low, high);
  }
  last_.kind = AtomKind::kBare;
  last_.length = std::min(last_.length * low, kLongEnough);
  frame.length = plus(frame.length, last_.length);
  return true;
}

bool PatternReader::brace() {
  const std::size_t end = std::min(in_.find('}', at_), in_.size());
  const std::string_view inside = in_.substr(at_ + 1, end - at_ - 1);
  const std::size_t comma = inside.find(',');
  const auto low = repeat_count(inside.substr(0, comma));
  const bool is_open = comma != std::string_view::npos && comma + 1 == inside.size();
  const auto high = comma == std::string_view::npos ? low : repeat_count(inside.substr(comma + 1));
  // A brace that begins no repeat is itself.
  if (end == in_.size() || !low || (!high && !is_open)) return plain_literal();
  at_ = end + 1;
  return repeat(*low, high);
}

bool PatternReader::bracket() {
  const std::size_t end = bracket_end(in_, at_);
  if (end == std::string_view::npos) return false;
  const std::string_view text = in_.substr(at_, end - at_);
  at_ = end;
  return class_atom(std::string(text), may_be_wide(text.substr(1, text.size() - 2)));
}

void PatternReader::begin_group() {
  frames_.push_back(Frame{.begin = out_.size(), .outer = flags_});
  out_ += "(?:";
}

bool PatternReader::open_group() {
  if (next_is("(?") && !next_is("(?P<")) return flag_group();
  const std::size_t end = next_is("(?P<") ? in_.find('>', at_) : at_;
  if (end == std::string_view::npos) return false;
  at_ = end + 1;
  begin_group();
  return true;
}

bool PatternReader::flag_group() {
  Flags flags = flags_;
  bool value = true;
  for (at_ += 2; at_ < in_.size(); ++at_) {
    switch (in_[at_]) {
      case 'i':
        flags.fold = value;
        break;
      case 'm':
        flags.multi_line = value;
        break;
      case 's':
        flags.dot_newline = value;
        break;
      case 'U':
        break;
      case '-':
        value = false;
        break;
      case ':':
        begin_group();
        [[fallthrough]];
      case ')':  // without a colon, the flags hold for the rest of the enclosing group
        ++at_;
        flags_ = flags;
        return true;
      default:
        return false;
    }
  }
  return false;
}

bool PatternReader::close_group() {
  if (frames_.size() == 1) return false;
  end_branch();
  const Frame closed = frames_.back();
  frames_.pop_back();
  flags_ = closed.outer;
  out_ += ')';
  last_ = Atom{.begin = closed.begin, .length = closed.shortest};
  frames_.back().length = plus(frames_.back().length, closed.shortest);
  return true;
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
      return assertion(text);
    case 'C':
      return add(AtomKind::kText, "[\\x00-\\xff]", 1);
    case 'd':
    case 's':
    case 'w':
      return class_atom(text, false);
    case 'D':
    case 'S':
    case 'W':
      return class_atom(text, true);
    default:
      return code_point();
  }
}

bool PatternReader::quoted() {
  at_ += 2;
  while (at_ < in_.size() && !next_is("\\E"))
    if (!plain_literal()) return false;
  at_ = std::min(at_ + 2, in_.size());
  return true;
}

bool PatternReader::property() {
  std::size_t end = at_ + 3;
  if (in_.substr(at_ + 2, 1) == "{") end = in_.find('}', at_) + 1;
  if (end == 0 || end > in_.size()) return false;
  const std::string text(in_.substr(at_, end - at_));
  at_ = end;
  return class_atom(text, true);
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
  } else if (static_cast<unsigned char>(kind) >= 0x80) {
    return false;
  }
  const std::string text(in_.substr(begin, at_ - begin));
  const AsciiSet* set = classes_.members(text);
  // Where it is no ASCII character it is one past ASCII, which (?i) may fold to an ASCII one.
  return set != nullptr && class_atom(text, set->none());
}

std::optional<PatternTranslation> PatternTranslator::translate(std::string_view pattern,
                                                               Strictness strictness) {
  return PatternReader(pattern, strictness, *this).read();
}

const AsciiSet* PatternTranslator::members(const std::string& re2_class) {
  auto it = classes_.find(re2_class);
  if (it == classes_.end()) it = classes_.emplace(re2_class, ascii_members(re2_class)).first;
  return it->second ? &*it->second : nullptr;
}

}  // namespace logsieve
