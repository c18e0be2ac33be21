// A finite automaton for a pattern in RE2 syntax, to decide what patterns have in common and to make texts that
// they match.
//
// Thompson's construction (Communications of the ACM 11, 1968) over ASCII; all characters past ASCII count as one
// symbol, and what the construction does not know (word borders, anchors inside a pattern) it takes as always true.
// So the automaton accepts every text that the pattern matches and maybe more: two patterns whose automata have
// nothing in common have nothing in common; a text that both accept is shown only when RE2 confirms it.
#ifndef LOGSIEVE_RULES_PATTERN_AUTOMATON_H_
#define LOGSIEVE_RULES_PATTERN_AUTOMATON_H_

#include <bitset>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/random.h"

namespace logsieve {

class PatternAutomaton {
 public:
  static constexpr std::size_t kMaxStates = 20'000;
  // ASCII, then one for all the rest.
  static constexpr std::size_t kOther = 128;
  static constexpr std::size_t kSymbols = kOther + 1;

  // nullopt for a pattern that RE2 refuses, for syntax not known here (`\C`), and
  // past kMaxStates (repeats are spelled out). O(states).
  static std::optional<PatternAutomaton> make(std::string_view pattern);

  // A text along a random path; it may fail the pattern where the automaton accepts more. Loops are left after a
  // few rounds, so texts are about as short as the pattern; nothing is put before or after an unanchored one.
  std::string sample(Random& random) const;

  bool begins_at_start() const { return begins_at_start_; }
  bool ends_at_end() const { return ends_at_end_; }

 private:
  friend struct AutomatonBuilder;
  friend class DemandSearch;
  friend class ProductSearch;
  using Symbols = std::bitset<kSymbols>;
  struct Edge {
    std::size_t to = 0;
    std::int32_t symbols = -1;  // index into sets_; -1: nothing is read
    bool is_spelled_out =
        false;  // one character of the pattern, in no named group, past ASCII a letter or digit;
                // under (?i) both cases
  };

  std::vector<std::vector<Edge>> states_;
  std::vector<Symbols> sets_;
  std::size_t start_ = 0;
  std::size_t accept_ = 0;
  std::vector<std::size_t> to_accept_;  // [states] edges on the shortest way to the end
  bool begins_at_start_ = false;
  bool ends_at_end_ = false;
};

enum class Overlap : std::uint8_t { kNone, kFound, kUndecided };

struct OverlapResult {
  Overlap overlap = Overlap::kUndecided;
  std::string witness = {};  // for kFound: a text that both patterns match, confirmed by RE2
};

// What two patterns have in common, by a search of the product of their automata; kUndecided where one has none,
// where the search grows past kMaxProductStates, or where RE2 does not confirm the text found. Two patterns of which
// neither is anchored always have a text in common: one after the other.
inline constexpr std::size_t kMaxProductStates = 300'000;
OverlapResult find_overlap(std::string_view pattern_a, const PatternAutomaton& a, std::string_view pattern_b,
                           const PatternAutomaton& b);

}  // namespace logsieve

#endif  // LOGSIEVE_RULES_PATTERN_AUTOMATON_H_
