// Which rules have all their words in a message: the literals of a whole book and the conditions on them.
#ifndef LOGSIEVE_RULES_WORD_INDEX_H_
#define LOGSIEVE_RULES_WORD_INDEX_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "rules/literal_scanner.h"

namespace logsieve {

// Patterns are numbered as given. Immutable, shared by all threads; each thread owns a Scratch.
class WordIndex {
 public:
  // What one scan has found; all zero between scans.
  struct Scratch {
    LiteralScanner::Scratch scan;
    std::vector<std::uint8_t> clauses_met;  // a pattern: one bit a clause
    std::vector<std::uint32_t> touched;     // patterns with a nonzero entry in clauses_met; room for all
    std::vector<std::uint64_t> candidates;  // a bit a pattern
    bool has_odd_fold = false;
  };

  // `patterns` are RE2 syntax and accepted by RE2. Errors: as LiteralScanner::compile.
  static Result<WordIndex> build(const std::vector<std::string>& patterns);

  Scratch make_scratch() const;
  // Sets the bits of all patterns that can match `text` in `scratch.candidates`, which must be zero before and is
  // the caller's to clear. O(text + hits); no allocation, no lock.
  void find(std::string_view text, Scratch& scratch) const;

  const std::vector<std::uint32_t>& without_words() const { return without_words_; }

 private:
  struct Posting {
    std::uint32_t alternative;
    std::uint8_t clause;  // as a bit
  };
  struct Alternative {
    std::uint32_t pattern;
    std::uint8_t all_clauses;  // the bits that make the pattern a candidate
  };
  struct Words;
  static void on_hit(void* context, std::uint32_t literal);

  LiteralScanner scanner_;
  std::vector<std::uint32_t> posting_begin_;  // a literal, and one past the last
  std::vector<Posting> postings_;
  std::vector<Alternative> alternatives_;  // of all patterns
  std::size_t patterns_ = 0;
  std::vector<std::uint32_t> without_words_;  // patterns of which nothing is known
  std::vector<std::uint32_t> fold_s_or_k_;    // patterns to try on text with an odd fold
  std::uint32_t first_odd_fold_ = 0;          // literals from here on are U+017F and U+212A
};

}  // namespace logsieve

#endif  // LOGSIEVE_RULES_WORD_INDEX_H_
