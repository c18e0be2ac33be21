// Which forms belong to one template: a pure function of the set of forms, whatever their order and counts.
//
// Forms of one skeleton (equal separators) are split from the top down. In a set of forms, a slot whose words
// differ is
//   a variable   if any of its words is not a plain word (it has a value or a digit in it, or is a dotted name that
//                does not end in capitals), is a unit behind a number, or if there are more than
//                `protected_words` of them
//   protected    otherwise: `started` and `stopped` are two events, not one with a variable
// If at least `constant_share` of the slots are the same in all forms, words among them, the set is one family:
// it is split by each protected slot, its variables stay variables in the parts, and what cannot be split further
// is a template. If less is the same, the set is split by the slot with the fewest words.
//
// Sources: Makanju et al. 2009 (IPLoM: split by the position of fewest words), He et al. 2017 (Drain: the share of
// equal tokens). Protection of words answers the most asked-for fault of both, "started" merged with "stopped".
#ifndef LOGSIEVE_MINER_GROUPING_H_
#define LOGSIEVE_MINER_GROUPING_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "miner/vocabulary.h"

namespace logsieve::miner_detail {

// Chosen on eight public systems, and flat around these values: docs/adr/0007.
struct GroupingOptions {
  std::size_t protected_words = 4;
  std::size_t protected_first_words = 12;  // in the first slot: a line's first word names its event
  std::size_t protected_capitals = 12;     // constants of an enumeration
  double constant_share = 0.6;
};

struct Family {
  std::vector<std::uint32_t> forms;  // places in the input
  std::vector<WordId> slots;         // kWild where the words vary
};

// `forms`: slots of each, all of one length, none equal to another. `separators`: between the slots.
// O(slots * forms log forms * depth).
std::vector<Family> group_forms(std::span<const WordId* const> forms, std::span<const std::string> separators,
                                const Vocabulary& vocabulary, const GroupingOptions& options);

}  // namespace logsieve::miner_detail

#endif  // LOGSIEVE_MINER_GROUPING_H_
