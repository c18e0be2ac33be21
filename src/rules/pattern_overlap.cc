// Texts of an automaton, and what two automata have in common.
#include <algorithm>
#include <limits>
#include <re2/re2.h>
#include <unordered_map>
#include <utility>

#include "rules/pattern_automaton.h"

namespace logsieve {
namespace {

constexpr std::size_t kOther = PatternAutomaton::kOther;
constexpr std::size_t kFar = std::numeric_limits<std::size_t>::max();

bool re2_matches(std::string_view pattern, std::string_view text) {
  const RE2 re2(re2::StringPiece(pattern.data(), pattern.size()), RE2::Quiet);
  return re2.ok() && RE2::PartialMatch(re2::StringPiece(text.data(), text.size()), re2);
}

// What a witness is best made of: it is read by people.
constexpr std::string_view kPreferred =
    "a1bcdefghijklmnopqrstuvwxyz023456789ABCDEFGHIJKLMNOPQRSTUVWXYZ /.-_:=,()[]\"'+@#%&*;<>?!$|{}~^`\\\t";

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
