// How many letters two short names differ by: for "did you mean".
#ifndef LOGSIEVE_BASE_EDIT_DISTANCE_H_
#define LOGSIEVE_BASE_EDIT_DISTANCE_H_

#include <algorithm>
#include <cstddef>
#include <numeric>
#include <string_view>
#include <utility>
#include <vector>

namespace logsieve {

// Fewest bytes to insert, delete or replace, or neighbours to swap, to turn `a` into `b` (optimal string alignment,
// Damerau 1964), A-Z as a-z. O(|a| |b|): for names, not for texts.
inline std::size_t edit_distance(std::string_view a, std::string_view b) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
  std::vector<std::size_t> before(b.size() + 1);
  std::vector<std::size_t> last(b.size() + 1);
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(last.begin(), last.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const bool is_same = lower(a[i - 1]) == lower(b[j - 1]);
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, last[j - 1] + (is_same ? 0U : 1U)});
      if (i > 1 && j > 1 && lower(a[i - 1]) == lower(b[j - 2]) && lower(a[i - 2]) == lower(b[j - 1]))
        row[j] = std::min(row[j], before[j - 2] + 1);
    }
    std::swap(before, last);
    std::swap(last, row);
  }
  return last[b.size()];
}

// Whether one name is probably a slip of the other: at most one letter in four differs, two at most.
inline bool is_nearly(std::string_view a, std::string_view b) {
  const std::size_t longest = std::max(a.size(), b.size());
  return a != b && edit_distance(a, b) <= std::min<std::size_t>(2, longest / 4);
}

}  // namespace logsieve

#endif  // LOGSIEVE_BASE_EDIT_DISTANCE_H_
