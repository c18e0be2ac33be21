// A form text cut into slots and the separators between them, and what logs write in several ways made one.
// Pure functions of the text. Slower than making the text: only for texts that the miner does not know yet.
#ifndef LOGSIEVE_MINER_FORM_TOKENS_H_
#define LOGSIEVE_MINER_FORM_TOKENS_H_

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "miner/form_text.h"

namespace logsieve::miner_detail {

struct Slot {
  std::string text;                   // may be empty: `key=`, `()`
  std::vector<std::string> residues;  // of its bytes with has_residue, in order
};

// slots.size() == separators.size() + 1. Texts that differ only in their slots have equal separators.
struct FormTokens {
  std::vector<Slot> slots;
  std::vector<std::string> separators;
  bool is_cut = false;
};

// Slots end at blanks, `=`, `:`, commas, brackets, quotes, and at full stops that close a word. Brackets, quotes
// and `=` always have a slot behind them, so that an absent value is an empty slot, not another template. Then:
// - a short quoted text is one slot                         tag="View Lock"
// - values joined by _ and - are one id                     rdd_2_0, attempt_2017_0024_m_000003_1012
// - a dotted name as a value, and a name as a host          cmp=com.android.phone, db1.example.com:5432
// - the user in "for user X", "invalid user X", "as user X"
// - addresses in a list without blanks are one address      10.0.0.1,10.0.0.2
// - a size said twice is one, "less than" is an amount      1190 bytes (1.16 KB), <1 sec
// - seven or more equal value slots in a row are one        blk_1 blk_2 blk_3 …
// `is_cut`: there were more than `most_slots`; the rest is not in it.
FormTokens tokens_of(const FormText& form, std::size_t most_slots);

}  // namespace logsieve::miner_detail

#endif  // LOGSIEVE_MINER_FORM_TOKENS_H_
