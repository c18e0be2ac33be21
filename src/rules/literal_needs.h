// What a part of a pattern needs: the algebra behind required_literals.h.
#ifndef LOGSIEVE_RULES_LITERAL_NEEDS_H_
#define LOGSIEVE_RULES_LITERAL_NEEDS_H_

#include <cstddef>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

namespace logsieve {

struct Literal {
  std::string text;
  bool is_caseless = false;  // ASCII letters stand for both cases, and are lower case in `text`
  friend bool operator==(const Literal& a, const Literal& b) {
    return a.text == b.text && a.is_caseless == b.is_caseless;
  }
  friend bool operator<(const Literal& a, const Literal& b) {
    return std::tie(a.text, a.is_caseless) < std::tie(b.text, b.is_caseless);
  }
};
using LiteralSet = std::vector<Literal>;  // sorted, without repeats
// A text must hold one literal of each set; no sets: nothing is known.
using Clauses = std::vector<LiteralSet>;

// The needs of one part: either all the texts it can match, or clauses.
struct Needs {
  bool is_exact = true;
  LiteralSet texts = {Literal{}};  // where exact; the empty text for an assertion or an empty part
  Clauses clauses = {};            // where not exact
  std::size_t min_length = 0;
};

Needs needs_texts(LiteralSet texts, std::size_t min_length);
// A part that matches `min_length` or more of anything.
Needs needs_nothing(std::size_t min_length);
// The part `low` to `high` times; no `high`: without bound.
Needs repeated(Needs part, std::size_t low, std::optional<std::size_t> high);
Needs either_of(std::vector<Needs> branches);

// One part after another.
class NeedsSequence {
 public:
  void append(Needs part);
  Needs finish() &&;

 private:
  void flush();
  bool is_whole_ = true;          // so far the sequence is just run_
  LiteralSet run_ = {Literal{}};  // what the last parts, side by side, can match
  Clauses clauses_;
  std::size_t min_length_ = 0;
};

// At most kMaxClauses, those that are likely to be the rarest; long literals are cut to their tails.
Clauses best_clauses(Needs needs);

}  // namespace logsieve

#endif  // LOGSIEVE_RULES_LITERAL_NEEDS_H_
