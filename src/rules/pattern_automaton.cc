#include "rules/pattern_automaton.h"

#include <algorithm>
#include <deque>
#include <limits>
#include <re2/re2.h>
#include <utility>

#include "rules/pattern_syntax.h"

namespace logsieve {
namespace {

constexpr std::size_t kOther = PatternAutomaton::kOther;
constexpr std::size_t kFar = std::numeric_limits<std::size_t>::max();
constexpr std::size_t kMaxDepth = 200;  // of groups

// The letters that a character past ASCII is another case of: of all, the long s and the sign of kelvin have some.
std::string_view ascii_relatives(std::string_view character) {
  if (character == "\xC5\xBF") return "sS";
  if (character == "\xE2\x84\xAA") return "kK";
  return "";
}

bool is_repeat(char c) {
  return std::string_view("*+?{").find(c) != std::string_view::npos;
}

// Of a character past ASCII.
bool is_letter(std::string_view character) {
  static const RE2 kLetter("[\\pL\\pN]", RE2::Quiet);
  return RE2::FullMatch(re2::StringPiece(character.data(), character.size()), kLetter);
}

// Whether a class, given by what is between its brackets or by its escape, may hold a character past ASCII.
bool may_pass_ascii(std::string_view inside, bool fold) {
  if (fold) return true;  // k and s have relatives there
  if (!inside.empty() && inside[0] == '^') return true;
  if (inside.find("[:^") != std::string_view::npos) return true;
  constexpr std::string_view kWide = "pPDWSx01234567";
  for (std::size_t i = 0; i < inside.size(); ++i) {
    if (static_cast<unsigned char>(inside[i]) >= 0x80) return true;
    if (inside[i] != '\\') continue;
    if (i + 1 < inside.size() && kWide.find(inside[i + 1]) != std::string_view::npos) return true;
    ++i;
  }
  return false;
}

}  // namespace

// Reads the pattern from left to right, recursively by groups, and adds states as it goes.
struct AutomatonBuilder {
  using Symbols = PatternAutomaton::Symbols;
  struct Fragment {
    std::size_t begin = 0;
    std::size_t end = 0;
  };

  explicit AutomatonBuilder(std::string_view pattern) : in(pattern) {}

  std::string_view in;
  std::size_t at = 0;
  std::size_t depth = 0;
  std::size_t named_depth = 0;  // of groups with a name
  bool fold = false;
  bool failed = false;
  bool has_top_branches = false;
  bool has_start = false;     // begins with an anchor
  bool has_end = false;       // ends with one
  bool is_multiline = false;  // (?m) somewhere: anchors may be ends of lines
  PatternAutomaton out;

  std::size_t add_state() {
    if (out.states_.size() >= PatternAutomaton::kMaxStates)
      failed = true;
    else
      out.states_.emplace_back();
    return out.states_.empty() ? 0 : out.states_.size() - 1;
  }
  void add_edge(std::size_t from, std::size_t to, std::int32_t symbols = -1, bool is_spelled_out = false) {
    if (!failed) out.states_[from].push_back({to, symbols, is_spelled_out});
  }
  Fragment nothing() {
    const std::size_t state = add_state();
    return {state, state};
  }
  Fragment reading(const Symbols& symbols, bool is_spelled_out = false) {
    const auto known = std::find(out.sets_.begin(), out.sets_.end(), symbols);
    const auto index = static_cast<std::int32_t>(known - out.sets_.begin());
    if (known == out.sets_.end()) out.sets_.push_back(symbols);
    const Fragment fragment{add_state(), add_state()};
    add_edge(fragment.begin, fragment.end, index, is_spelled_out);
    return fragment;
  }
  // One character of the pattern.
  Fragment reading_character(std::string_view character) {
    Symbols symbols;
    const char c = character[0];
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x80) {
      symbols.set(kOther);
      if (fold)
        for (const char relative : ascii_relatives(character))
          symbols.set(static_cast<unsigned char>(relative));
    } else {
      symbols.set(byte);
      if (fold && c >= 'a' && c <= 'z') symbols.set(byte - 32U);
      if (fold && c >= 'A' && c <= 'Z') symbols.set(byte + 32U);
      if (fold) symbols.set(kOther, c == 'k' || c == 'K' || c == 's' || c == 'S');
    }
    return reading(symbols, named_depth == 0 && (byte < 0x80 || is_letter(character)));
  }
  // The character of the pattern at `place`, and all its bytes.
  std::string_view character_at(std::size_t place) const {
    std::size_t end = place + 1;
    if (static_cast<unsigned char>(in[place]) >= 0x80)
      while (end < in.size() && (static_cast<unsigned char>(in[end]) & 0xC0U) == 0x80U) ++end;
    return in.substr(place, end - place);
  }
  Fragment reading_class(const std::string& re2_class, std::string_view inside) {
    const auto members = ascii_members(fold ? "(?i:" + re2_class + ")" : re2_class);
    if (!members) return fail();
    Symbols symbols;
    for (std::size_t c = 0; c < kOther; ++c) symbols.set(c, members->test(c));
    symbols.set(kOther, may_pass_ascii(inside, fold));
    return reading(symbols);
  }
  Fragment any() {
    Symbols symbols;
    symbols.set();  // with (?s) a line end too
    return reading(symbols);
  }
  Fragment fail() {
    failed = true;
    return {};
  }
  Fragment then(const Fragment& a, const Fragment& b) {
    add_edge(a.end, b.begin);
    return {a.begin, b.end};
  }

  bool next_is(std::string_view text) const { return in.substr(at, text.size()) == text; }

  // Branches up to `)` or the end.
  Fragment branches() {
    if (++depth > kMaxDepth) return fail();
    const bool outer_fold = fold;
    const Fragment all{add_state(), add_state()};
    for (;;) {
      Fragment branch = nothing();
      while (!failed && at < in.size() && in[at] != '|' && in[at] != ')') branch = then(branch, repeated());
      add_edge(all.begin, branch.begin);
      add_edge(branch.end, all.end);
      if (failed || at >= in.size() || in[at] != '|') break;
      if (depth == 1) has_top_branches = true;
      ++at;
    }
    fold = outer_fold;
    --depth;
    return all;
  }

  // One part with the repeats behind it. A part is built anew for every round, by reading it again.
  Fragment repeated() {
    const std::size_t begin = at;
    const bool fold_before = fold;
    Fragment part = item();
    // RE2 refuses a repeat of a repeat, except by groups: there is at most one.
    while (!failed && at < in.size()) {
      std::size_t low = 0;
      std::optional<std::size_t> high;
      if (in[at] == '*') {
        ++at;
      } else if (in[at] == '+') {
        low = 1;
        ++at;
      } else if (in[at] == '?') {
        high = 1;
        ++at;
      } else if (const auto braces = in[at] == '{' ? brace_repeat(in, at) : std::nullopt) {
        low = braces->low;
        high = braces->high;
        at = braces->end;
      } else {
        break;
      }
      if (at < in.size() && in[at] == '?') ++at;  // lazy: the same texts
      const std::size_t end = at;
      part = rounds(begin, fold_before, part, low, high);
      at = end;
    }
    return part;
  }

  Fragment again(std::size_t begin, bool fold_before) {
    const std::size_t end = at;
    const bool fold_after = fold;
    at = begin;
    fold = fold_before;
    const Fragment part = item();
    at = end;
    fold = fold_after;
    return part;
  }

  Fragment rounds(std::size_t begin, bool fold_before, Fragment first, std::size_t low,
                  std::optional<std::size_t> high) {
    Fragment all = nothing();
    bool is_first_used = false;
    const auto next = [&] {
      if (is_first_used) return again(begin, fold_before);
      is_first_used = true;
      return first;
    };
    for (std::size_t i = 0; i < low && !failed; ++i) all = then(all, next());
    if (!high) {
      const Fragment loop = next();
      const std::size_t end = add_state();
      add_edge(all.end, loop.begin);
      add_edge(loop.end, loop.begin);
      add_edge(all.end, end);
      add_edge(loop.end, end);
      return {all.begin, end};
    }
    const std::size_t end = add_state();
    for (std::size_t i = low; i < *high && !failed; ++i) {
      add_edge(all.end, end);
      all = then(all, next());
    }
    add_edge(all.end, end);
    return {all.begin, end};
  }

  Fragment item() {
    switch (in[at]) {
      case '(':
        return group();
      case '[': {
        const std::size_t end = bracket_end(in, at);
        if (end == std::string_view::npos) return fail();
        const std::string text(in.substr(at, end - at));
        at = end;
        return reading_class(text, std::string_view(text).substr(1, text.size() - 2));
      }
      case '\\':
        return escape();
      case '^':
      case '$':
        return anchor(1);
      case '.':
        ++at;
        return any();
      default:
        break;
    }
    const std::string_view character = character_at(at);
    at += character.size();
    return reading_character(character);
  }

  // Of an anchor that may be repeated no times (`^*`) nothing is asked.
  Fragment anchor(std::size_t length) {
    const char kind = in[at + length - 1];
    const bool is_first = at == 0;
    at += length;
    const bool is_repeated = at < in.size() && is_repeat(in[at]);
    if (is_first && !is_repeated && (kind == '^' || kind == 'A')) has_start = true;
    if (at == in.size() && (kind == '$' || kind == 'z')) has_end = true;
    return nothing();
  }

  Fragment group() {
    ++at;
    const bool outer_fold = fold;
    const bool has_name = next_is("?P<") || next_is("?<");
    if (has_name) {
      at = in.find('>', at);
      if (at == std::string_view::npos) return fail();
      ++at;
    } else if (next_is("?")) {
      ++at;
      bool value = true;
      for (; at < in.size() && in[at] != ':' && in[at] != ')'; ++at) {
        if (in[at] == '-') value = false;
        if (in[at] == 'i') fold = value;
        if (in[at] == 'm') is_multiline = true;
      }
      if (at >= in.size()) return fail();
      if (in[at++] == ')') return nothing();  // for the rest of the group around it
    }
    if (has_name) ++named_depth;
    const Fragment inside = branches();
    if (has_name) --named_depth;
    fold = outer_fold;
    if (failed || at >= in.size() || in[at] != ')') return fail();
    ++at;
    return inside;
  }

  Fragment escape() {
    if (at + 1 >= in.size()) return fail();
    const char c = in[at + 1];
    constexpr std::string_view kClasses = "dDwWsS";
    if (kClasses.find(c) != std::string_view::npos) {
      const std::string text(in.substr(at, 2));
      at += 2;
      return reading_class(text, text);
    }
    if (c == 'p' || c == 'P') {
      const std::size_t end = in.substr(at + 2, 1) == "{" ? in.find('}', at) + 1 : at + 3;
      if (end == 0 || end > in.size()) return fail();
      const std::string text(in.substr(at, end - at));
      at = end;
      return reading_class(text, text);
    }
    if (c == 'b' || c == 'B' || c == 'A' || c == 'z') return anchor(2);
    if (c == 'Q') {
      const std::size_t end = std::min(in.find("\\E", at), in.size());
      Fragment all = nothing();
      for (std::size_t i = at + 2; i < end; i += character_at(i).size())
        all = then(all, reading_character(character_at(i)));
      at = std::min(end + 2, in.size());
      // A repeat behind it would be one of its last character alone.
      return at < in.size() && is_repeat(in[at]) ? fail() : all;
    }
    if (c == 'C') return fail();
    const bool is_word = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (!is_word) {
      const std::string_view character = character_at(at + 1);
      at += 1 + character.size();
      return reading_character(character);
    }
    // \n, \x41, \x{41}, \101: one character, which RE2 names.
    std::size_t end = at + 2;
    if (c == 'x' && in.substr(end, 1) == "{") {
      end = in.find('}', at);
      if (end == std::string_view::npos) return fail();
      ++end;
    } else if (c == 'x') {
      end = std::min(in.size(), at + 4);
    } else if (c >= '0' && c <= '7') {
      while (end < in.size() && end < at + 4 && in[end] >= '0' && in[end] <= '7') ++end;
    }
    const std::string text(in.substr(at, end - at));
    at = end;
    return reading_class(text, "^");  // in doubt, past ASCII too
  }

  std::optional<PatternAutomaton> build() {
    const Fragment whole = branches();
    if (failed || at != in.size()) return std::nullopt;
    out.start_ = whole.begin;
    out.accept_ = whole.end;
    const bool has_anchors = !has_top_branches && !is_multiline;
    out.begins_at_start_ = has_anchors && has_start;
    out.ends_at_end_ = has_anchors && has_end;
    measure();
    return std::move(out);
  }

  // Breadth first from the end, along the edges backwards.
  void measure() {
    std::vector<std::vector<std::size_t>> before(out.states_.size());
    for (std::size_t from = 0; from < out.states_.size(); ++from)
      for (const auto& edge : out.states_[from]) before[edge.to].push_back(from);
    out.to_accept_.assign(out.states_.size(), kFar);
    out.to_accept_[out.accept_] = 0;
    std::deque<std::size_t> queue = {out.accept_};
    while (!queue.empty()) {
      const std::size_t state = queue.front();
      queue.pop_front();
      for (const std::size_t from : before[state]) {
        if (out.to_accept_[from] != kFar) continue;
        out.to_accept_[from] = out.to_accept_[state] + 1;
        queue.push_back(from);
      }
    }
  }
};

std::optional<PatternAutomaton> PatternAutomaton::make(std::string_view pattern) {
  const RE2 re2(re2::StringPiece(pattern.data(), pattern.size()), RE2::Quiet);
  if (!re2.ok()) return std::nullopt;
  return AutomatonBuilder(pattern).build();
}

}  // namespace logsieve
