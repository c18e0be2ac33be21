// Lines that are nearly those of a rule, and that it must refuse for its words and types to mean anything.
#ifndef LOGSIEVE_TRAINING_DISCOVER_NEAR_MISSES_H_
#define LOGSIEVE_TRAINING_DISCOVER_NEAR_MISSES_H_

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace logsieve {

// Slots that get a near miss: a sample of a rule is matched at every load.
inline constexpr std::size_t kMostMissedSlots = 3;

// `line` with a word more behind and in front, and without its longest word; then, for its first named groups of
// different types, with a value just outside the type: an address that lacks a part, a number with a letter, a word
// that is not listed. Such a value is one that the group's own sub-pattern refuses, so a group that takes everything
// has none, nor has one whose neighbour in the pattern is no plain character and might take what follows. Where the
// pattern ends with a group of the name `rest` and of bounded length, words in it are a value: the longest word is one
// before it, and where it takes the word more behind, `line` is made too long for it instead. `line` is matched by
// `pattern`, which is RE2 syntax. None of the lines is `line`.
std::vector<std::string> near_misses(std::string_view pattern, const std::string& line);

}  // namespace logsieve

#endif  // LOGSIEVE_TRAINING_DISCOVER_NEAR_MISSES_H_
