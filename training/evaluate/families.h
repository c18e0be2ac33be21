// Near-duplicates: forms that say the same but for a word or two. What one of them teaches, the others no longer test.
#ifndef LOGSIEVE_TRAINING_EVALUATE_FAMILIES_H_
#define LOGSIEVE_TRAINING_EVALUATE_FAMILIES_H_

#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

namespace logsieve {

// Two texts are near duplicates where their sets of words have a Jaccard index (common words by words of either) of at
// least 4/5; families are the connected components. Words are runs of letters, digits and bytes above 127, A-Z as a-z.
inline constexpr std::size_t kJaccardNumerator = 4;
inline constexpr std::size_t kJaccardDenominator = 5;

// Family of each text, numbered by its first text. A text without words is a family of its own.
// Exact. Candidates share a word among the rarest few of each (prefix filter: Bayardo, Ma, Srikant, "Scaling up all
// pairs similarity search", WWW 2007), so the cost is far below one comparison a pair: 11,000 forms take 0.1 s.
std::vector<std::size_t> near_duplicate_families(std::span<const std::string_view> texts);

}  // namespace logsieve

#endif  // LOGSIEVE_TRAINING_EVALUATE_FAMILIES_H_
