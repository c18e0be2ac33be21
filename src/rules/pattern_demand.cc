#include "rules/pattern_demand.h"

#include <algorithm>
#include <functional>
#include <limits>
#include <optional>
#include <queue>
#include <tuple>
#include <utility>
#include <vector>

namespace logsieve {

class DemandSearch {
 public:
  using Edge = PatternAutomaton::Edge;

  explicit DemandSearch(const PatternAutomaton& automaton) : automaton_(automaton) {}

  std::size_t least_bytes() const {
    return cheapest([&](const Edge& edge, Place place) {
      return Step{place, is_word_part(edge) && !symbols(edge).test('_') ? bytes_of(edge) : 0};
    });
  }

  std::size_t least_words() const {
    return cheapest([&](const Edge& edge, Place place) {
      if (!is_word_part(edge)) return Step{kOutside, 0};
      if (place == kInWord) return Step{kInWord, 0};
      return is_letter(edge) ? Step{kInWord, 1} : Step{kInDigits, 0};
    });
  }

  std::string prefix() const {
    std::string text;
    if (!automaton_.begins_at_start_) return text;
    std::vector<std::size_t> states = closure({automaton_.start_});
    while (const auto only = only_symbol(states)) {
      text += *only;
      states = behind(states);
    }
    return text;
  }

  PatternOutline outline() const {
    PatternOutline outline;
    if (!automaton_.begins_at_start_) return outline;
    std::vector<std::size_t> states = closure({automaton_.start_});
    bool may_end = false;
    while (outline.places_.size() < PatternOutline::kPlaces) {
      may_end = may_end || std::find(states.begin(), states.end(), automaton_.accept_) != states.end();
      if (may_end && !automaton_.ends_at_end_) break;  // anything may follow
      if (!may_end) ++outline.least_symbols_;
      outline.places_.push_back(symbols_of(states));
      states = behind(states);
    }
    return outline;
  }

 private:
  enum Place : std::size_t { kOutside, kInDigits, kInWord, kPlaces };  // where a run of characters stands
  struct Step {
    Place place;
    std::size_t cost;
  };

  const PatternAutomaton::Symbols& symbols(const Edge& edge) const {
    return automaton_.sets_[static_cast<std::size_t>(edge.symbols)];
  }
  static bool is_ascii_letter(std::size_t symbol) {
    return (symbol >= 'a' && symbol <= 'z') || (symbol >= 'A' && symbol <= 'Z');
  }
  bool is_past_ascii(const Edge& edge) const { return symbols(edge).test(PatternAutomaton::kOther); }
  bool is_letter(const Edge& edge) const {
    for (std::size_t symbol = 0; symbol < PatternAutomaton::kSymbols; ++symbol)
      if (symbols(edge).test(symbol)) return is_ascii_letter(symbol) || symbol == PatternAutomaton::kOther;
    return false;
  }
  // A letter, a digit or `_`.
  bool is_word_part(const Edge& edge) const {
    if (!edge.is_spelled_out) return false;
    const auto& set = symbols(edge);
    for (std::size_t symbol = '0'; symbol <= '9'; ++symbol)
      if (set.test(symbol)) return true;
    return set.test('_') || is_letter(edge);
  }
  // (?i) adds relatives past ASCII to k and s.
  std::size_t bytes_of(const Edge& edge) const {
    return is_past_ascii(edge) && symbols(edge).count() == 1 ? 2 : 1;
  }

  template <typename Walk>
  std::size_t cheapest(const Walk& walk) const {
    using Node = std::tuple<std::size_t, std::size_t, Place>;  // cost, state, place
    std::vector<std::size_t> best(automaton_.states_.size() * kPlaces,
                                  std::numeric_limits<std::size_t>::max());
    std::priority_queue<Node, std::vector<Node>, std::greater<>> queue;
    const auto reach = [&](std::size_t state, Place place, std::size_t cost) {
      std::size_t& known = best[state * kPlaces + place];
      if (cost >= known) return;
      known = cost;
      queue.push({cost, state, place});
    };
    reach(automaton_.start_, kOutside, 0);
    while (!queue.empty()) {
      const auto [cost, state, place] = queue.top();
      queue.pop();
      if (state == automaton_.accept_) return cost;
      if (cost > best[state * kPlaces + place]) continue;
      for (const Edge& edge : automaton_.states_[state]) {
        const Step step = edge.symbols < 0 ? Step{place, 0} : walk(edge, place);
        reach(edge.to, step.place, cost + step.cost);
      }
    }
    return 0;  // nothing is accepted
  }

  std::vector<std::size_t> closure(std::vector<std::size_t> states) const {
    std::vector<bool> is_in(automaton_.states_.size());
    std::vector<std::size_t> all;
    while (!states.empty()) {
      const std::size_t state = states.back();
      states.pop_back();
      if (is_in[state]) continue;
      is_in[state] = true;
      all.push_back(state);
      for (const Edge& edge : automaton_.states_[state])
        if (edge.symbols < 0) states.push_back(edge.to);
    }
    return all;
  }

  // After one character more.
  std::vector<std::size_t> behind(const std::vector<std::size_t>& states) const {
    std::vector<std::size_t> next;
    for (const std::size_t state : states)
      for (const Edge& edge : automaton_.states_[state])
        if (edge.symbols >= 0) next.push_back(edge.to);
    return closure(std::move(next));
  }

  PatternAutomaton::Symbols symbols_of(const std::vector<std::size_t>& states) const {
    PatternAutomaton::Symbols all;
    for (const std::size_t state : states)
      for (const Edge& edge : automaton_.states_[state])
        if (edge.symbols >= 0) all |= symbols(edge);
    return all;
  }

  // The one character that can be read in these states, if the text cannot end there.
  std::optional<char> only_symbol(const std::vector<std::size_t>& states) const {
    if (std::find(states.begin(), states.end(), automaton_.accept_) != states.end()) return std::nullopt;
    const PatternAutomaton::Symbols all = symbols_of(states);
    if (all.count() != 1 || all.test(PatternAutomaton::kOther)) return std::nullopt;
    std::size_t symbol = 0;
    while (!all.test(symbol)) ++symbol;
    return static_cast<char>(symbol);
  }

  const PatternAutomaton& automaton_;
};

PatternDemand pattern_demand(const PatternAutomaton& automaton) {
  const DemandSearch search(automaton);
  return {search.least_bytes(), search.least_words()};
}

std::string demanded_prefix(const PatternAutomaton& automaton) {
  return DemandSearch(automaton).prefix();
}

PatternOutline::PatternOutline(const PatternAutomaton& automaton)
    : PatternOutline(DemandSearch(automaton).outline()) {}

bool PatternOutline::meets(const PatternOutline& other) const {
  // A text of both has as many characters as each demands.
  const std::size_t places =
      std::min({places_.size(), other.places_.size(), std::max(least_symbols_, other.least_symbols_)});
  for (std::size_t i = 0; i < places; ++i)
    if ((places_[i] & other.places_[i]).none()) return false;
  return true;
}

}  // namespace logsieve
