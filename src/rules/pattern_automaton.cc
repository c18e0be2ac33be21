#include "rules/pattern_automaton.h"

#include <algorithm>
#include <deque>
#include <limits>
#include <re2/re2.h>
#include <unordered_map>
#include <utility>

#include "rules/pattern_syntax.h"

namespace logsieve {
namespace {

constexpr std::size_t kOther = PatternAutomaton::kOther;
constexpr std::size_t kFar = std::numeric_limits<std::size_t>::max();
constexpr std::size_t kMaxDepth = 200;  // of groups

bool re2_matches(std::string_view pattern, std::string_view text) {
  const RE2 re2(re2::StringPiece(pattern.data(), pattern.size()), RE2::Quiet);
  return re2.ok() && RE2::PartialMatch(re2::StringPiece(text.data(), text.size()), re2);
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

// What a witness is best made of: it is read by people.
constexpr std::string_view kPreferred =
    "a1bcdefghijklmnopqrstuvwxyz023456789ABCDEFGHIJKLMNOPQRSTUVWXYZ /.-_:=,()[]\"'+@#%&*;<>?!$|{}~^`\\\t";

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
  Fragment reading_character(char c) {
    Symbols symbols;
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x80) {
      symbols.set(kOther);
    } else {
      symbols.set(byte);
      if (fold && c >= 'a' && c <= 'z') symbols.set(byte - 32U);
      if (fold && c >= 'A' && c <= 'Z') symbols.set(byte + 32U);
      if (fold) symbols.set(kOther, c == 'k' || c == 'K' || c == 's' || c == 'S');
    }
    return reading(symbols, named_depth == 0);
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
    Fragment fragment = reading_character(in[at]);
    // All bytes of a character past ASCII are one symbol.
    const bool is_other = static_cast<unsigned char>(in[at]) >= 0x80;
    ++at;
    while (is_other && at < in.size() && (static_cast<unsigned char>(in[at]) & 0xC0U) == 0x80U) ++at;
    return fragment;
  }

  // Of an anchor that may be repeated no times (`^*`) nothing is asked.
  Fragment anchor(std::size_t length) {
    const char kind = in[at + length - 1];
    const bool is_first = at == 0;
    at += length;
    const bool is_repeated =
        at < in.size() && std::string_view("*+?{").find(in[at]) != std::string_view::npos;
    if (is_first && !is_repeated && (kind == '^' || kind == 'A')) has_start = true;
    if (at == in.size() && (kind == '$' || kind == 'z')) has_end = true;
    return nothing();
  }

  Fragment group() {
    ++at;
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
      if (in[at++] == ')') return nothing();
    }
    const bool fold_inside = fold;
    if (has_name) ++named_depth;
    const Fragment inside = branches();
    if (has_name) --named_depth;
    fold = fold_inside;
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
      for (std::size_t i = at + 2; i < end; ++i)
        if ((static_cast<unsigned char>(in[i]) & 0xC0U) != 0x80U) all = then(all, reading_character(in[i]));
      at = std::min(end + 2, in.size());
      return all;
    }
    if (c == 'C') return fail();
    const bool is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (!is_letter) {
      at += 2;
      return reading_character(c);
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

namespace {

// U+00E9 stands for the characters past ASCII.
void append_symbol(std::size_t symbol, std::string& text) {
  if (symbol == kOther)
    text += "\xC3\xA9";
  else
    text += static_cast<char>(symbol);
}

template <typename Symbols>
std::size_t preferred_symbol(const Symbols& symbols) {
  for (const char c : kPreferred)
    if (symbols.test(static_cast<unsigned char>(c))) return static_cast<unsigned char>(c);
  if (symbols.test(kOther)) return kOther;
  for (std::size_t symbol = 0; symbol < kOther; ++symbol)
    if (symbols.test(symbol)) return symbol;
  return kOther;
}

}  // namespace

std::string PatternAutomaton::sample(Random& random) const {
  std::string text;
  std::size_t state = start_;
  // Twice the shortest way at random, then straight to the end.
  std::size_t free_steps = 2 * to_accept_[start_] + 16;
  while (state != accept_) {
    const std::vector<Edge>& edges = states_[state];
    const Edge* edge = nullptr;
    if (free_steps > 0) {
      --free_steps;
      edge = &edges[random.below(edges.size())];
      if (to_accept_[edge->to] == kFar) edge = nullptr;
    }
    if (edge == nullptr)
      edge = &*std::min_element(edges.begin(), edges.end(), [&](const Edge& a, const Edge& b) {
        return to_accept_[a.to] < to_accept_[b.to];
      });
    if (edge->symbols >= 0) {
      const Symbols& symbols = sets_[static_cast<std::size_t>(edge->symbols)];
      const auto drawn =
          static_cast<unsigned char>(kPreferred[random.below(62)]);  // a letter or digit, if one fits
      append_symbol(symbols.test(drawn) ? drawn : preferred_symbol(symbols), text);
    }
    state = edge->to;
  }
  return text;
}

class ProductSearch {
 public:
  ProductSearch(const PatternAutomaton& a, const PatternAutomaton& b) : a_(a), b_(b) {}

  // The shortest text that both accept: kFound unconfirmed.
  OverlapResult run() {
    push(a_.start_, b_.start_, kFar, kFar);
    for (std::size_t next = 0; next < found_.size(); ++next) {
      if (found_.size() > kMaxProductStates) return {Overlap::kUndecided};
      const Node node = found_[next];
      if (node.a == a_.accept_ && node.b == b_.accept_) return {Overlap::kFound, text_of(next)};
      for (const auto& edge : a_.states_[node.a])
        if (edge.symbols < 0) push(edge.to, node.b, next, kFar);
      for (const auto& edge : b_.states_[node.b])
        if (edge.symbols < 0) push(node.a, edge.to, next, kFar);
      read(next, node);
    }
    return {Overlap::kNone};
  }

 private:
  struct Node {
    std::size_t a;
    std::size_t b;
    std::size_t from;
    std::size_t symbol;  // read on the way here; kFar: none
  };

  // Whether the automaton may read any symbol and stay where it is: before an unanchored pattern, or after it.
  static bool may_wait(const PatternAutomaton& automaton, std::size_t state) {
    return (state == automaton.start_ && !automaton.begins_at_start_) ||
           (state == automaton.accept_ && !automaton.ends_at_end_);
  }

  void read(std::size_t from, const Node& node) {
    PatternAutomaton::Symbols all;
    all.set();
    const bool a_waits = may_wait(a_, node.a);
    const bool b_waits = may_wait(b_, node.b);
    for (const auto& edge_a : a_.states_[node.a]) {
      if (edge_a.symbols < 0) continue;
      const auto& symbols_a = a_.sets_[static_cast<std::size_t>(edge_a.symbols)];
      for (const auto& edge_b : b_.states_[node.b]) {
        if (edge_b.symbols < 0) continue;
        const auto both = symbols_a & b_.sets_[static_cast<std::size_t>(edge_b.symbols)];
        if (both.any()) push(edge_a.to, edge_b.to, from, preferred_symbol(both));
      }
      if (b_waits) push(edge_a.to, node.b, from, preferred_symbol(symbols_a));
    }
    if (!a_waits) return;
    for (const auto& edge_b : b_.states_[node.b])
      if (edge_b.symbols >= 0)
        push(node.a, edge_b.to, from, preferred_symbol(b_.sets_[static_cast<std::size_t>(edge_b.symbols)]));
  }

  void push(std::size_t a, std::size_t b, std::size_t from, std::size_t symbol) {
    const std::uint64_t key = static_cast<std::uint64_t>(a) * PatternAutomaton::kMaxStates + b;
    if (seen_.emplace(key, found_.size()).second) found_.push_back({a, b, from, symbol});
  }

  std::string text_of(std::size_t node) const {
    std::vector<std::size_t> symbols;
    for (; node != kFar; node = found_[node].from)
      if (found_[node].symbol != kFar) symbols.push_back(found_[node].symbol);
    std::string text;
    for (auto symbol = symbols.rbegin(); symbol != symbols.rend(); ++symbol) append_symbol(*symbol, text);
    return text;
  }

  const PatternAutomaton& a_;
  const PatternAutomaton& b_;
  std::vector<Node> found_;
  std::unordered_map<std::uint64_t, std::size_t> seen_;
};

OverlapResult find_overlap(std::string_view pattern_a, const PatternAutomaton& a, std::string_view pattern_b,
                           const PatternAutomaton& b) {
  OverlapResult result = ProductSearch(a, b).run();
  if (result.overlap == Overlap::kFound &&
      !(re2_matches(pattern_a, result.witness) && re2_matches(pattern_b, result.witness)))
    return {Overlap::kUndecided};
  return result;
}

}  // namespace logsieve
