// What every text that a pattern matches must hold, whatever else it holds: decided on the pattern's automaton
// (pattern_automaton.h), so for any pattern in RE2 syntax, also one that a person wrote.
#ifndef LOGSIEVE_RULES_PATTERN_DEMAND_H_
#define LOGSIEVE_RULES_PATTERN_DEMAND_H_

#include <bitset>
#include <cstddef>
#include <string>
#include <vector>

#include "rules/pattern_automaton.h"

namespace logsieve {

// Characters that the pattern spells out: letters and digits, in one case or, under (?i), in both. What is in a named
// group is a value, and counts for nothing. Of alternatives the one that asks for the least counts, of repeats the fewest
// rounds. A word is a run of such characters and `_` with a letter in it, and ends at anything else, also at a class:
// `^User \d+ in$` asks for six bytes in two words, `^(?:open|shut)$` for four in one. Both are least values over all
// texts; one text need not show both.
struct PatternDemand {
  std::size_t literal_bytes = 0;  // a character past ASCII counts as two, the fewest that it has
  std::size_t literal_words = 0;
};
// Shortest paths by Dijkstra's algorithm, O(states log states).
PatternDemand pattern_demand(const PatternAutomaton& automaton);

// ASCII that every text begins with; empty where the pattern is not anchored in front. O(states) a byte.
std::string demanded_prefix(const PatternAutomaton& automaton);

// Which characters a text of the pattern may have at each of its first places: tells most patterns apart without a search
// of their product.
class PatternOutline {
 public:
  static constexpr std::size_t kPlaces = 64;

  PatternOutline() = default;  // of a pattern of which nothing is known
  // O(kPlaces * states).
  explicit PatternOutline(const PatternAutomaton& automaton);

  // False: no text fits both patterns. True: one may. O(kPlaces).
  bool meets(const PatternOutline& other) const;

 private:
  friend class DemandSearch;
  using Symbols = std::bitset<PatternAutomaton::kSymbols>;
  std::vector<Symbols> places_;    // what is known of them; of more places, nothing
  std::size_t least_symbols_ = 0;  // that every text has, up to kPlaces
};

}  // namespace logsieve

#endif  // LOGSIEVE_RULES_PATTERN_DEMAND_H_
