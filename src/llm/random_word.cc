#include "llm/random_word.h"

#include <algorithm>
#include <array>

#include "llm/ascii.h"

namespace logsieve {
namespace {

// kPairCost[26 * first + second]: '0' for the usual to '9' for the unheard-of, in bits.
constexpr std::string_view kPairCost =
#include "llm/letter_pairs.inc"
    ;
static_assert(kPairCost.size() == std::size_t{26} * 26);

// Bits a pair, on average, from which on a word of this many letters is taken for random.
double threshold(std::size_t letters) {
  if (letters >= 16) return 4.7;
  if (letters >= 10) return 4.9;
  return letters >= 6 ? 5.4 : 6.0;
}

// Letters whose case is that of neither neighbour. "BlockReceiver" has one in thirteen, random letters have half.
bool has_odd_case(std::string_view word) {
  std::size_t lonely = 0;
  for (std::size_t i = 1; i + 1 < word.size(); ++i) {
    const bool is_upper = is_ascii_upper(word[i]);
    if (is_upper != is_ascii_upper(word[i - 1]) && is_upper != is_ascii_upper(word[i + 1])) ++lonely;
  }
  return lonely * 3 >= word.size();
}

}  // namespace

bool looks_random(std::string_view word) {
  if (word.size() < kShortestRandomWord || !std::all_of(word.begin(), word.end(), is_ascii_letter))
    return false;
  std::size_t cost = 0;
  for (std::size_t i = 1; i < word.size(); ++i) {
    const auto first = static_cast<std::size_t>(ascii_lower(word[i - 1]) - 'a');
    const auto second = static_cast<std::size_t>(ascii_lower(word[i]) - 'a');
    cost += static_cast<std::size_t>(kPairCost[26 * first + second] - '0');
  }
  const double mean = static_cast<double>(cost) / static_cast<double>(word.size() - 1);
  return mean >= threshold(word.size()) || (word.size() >= 6 && has_odd_case(word));
}

}  // namespace logsieve
