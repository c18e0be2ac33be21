// From lines of one label that mean the same to patterns: alignment part by part inside lexical subgroups, slots
// typed by their values, the choice between listing words and generalising them by description length.
//
// Sources: token alignment of the Drain and Spell family; description length after Rissanen, "Modeling by shortest
// data description" (Automatica 1978).
#ifndef LOGSIEVE_TRAINING_DISCOVER_INDUCTION_H_
#define LOGSIEVE_TRAINING_DISCOVER_INDUCTION_H_

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "training/discover/line_shape.h"

namespace logsieve {

struct Candidate {
  std::string pattern;               // RE2 syntax, anchored at both ends, values as named captures
  std::vector<std::size_t> members;  // index into the messages, ascending: what it was made from
};

// A pattern for a group of lines, and narrower ones to fall back on where it turns out to be too wide.
struct CandidateGroup {
  Candidate whole;
  std::vector<Candidate> parts;  // one a shape; empty where the group has one shape only
};

// `messages` are distinct lines of one cluster, in any order; the result depends on their set only. Lines that have
// no parts (line_shape.h) are left out. O(total length + shapes^2).
std::vector<CandidateGroup> induce(std::span<const std::string_view> messages);

// The same with an open end, for lines of one label: what they begin with, part by part, up to a place behind which so
// many different things were seen, most of them once, that the next one is more likely another. All that follows is one
// value of bounded length. One candidate a place, `parts` is empty. O(total length * log).
std::vector<CandidateGroup> induce_open_ends(std::span<const std::string_view> messages);

}  // namespace logsieve

#endif  // LOGSIEVE_TRAINING_DISCOVER_INDUCTION_H_
