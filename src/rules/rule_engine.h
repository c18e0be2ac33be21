// All rules of a book in one Vectorscan pass; RE2 for spans, captures and the doubtful cases.
//
// The result is that of trying RE2 (default options: UTF-8, `$` is the end of the text) rule by rule, on any
// bytes. Vectorscan alone decides on ASCII messages. RE2 is asked to confirm a hit where a rule has something
// that stands for non-ASCII characters (`.`, `[^"]`, `\pL`, `(?i)`) and the message holds a byte past ASCII, and
// for the rare rules that Vectorscan can only filter or not run at all (see `rules_left_to_re2`).
// How patterns are made to agree: rules/pattern_translation.h.
#ifndef LOGSIEVE_RULES_RULE_ENGINE_H_
#define LOGSIEVE_RULES_RULE_ENGINE_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "rules/rule_book.h"

namespace logsieve {

// Immutable, shared by all threads; each thread owns a Scratch.
class RuleEngine {
 public:
  // Memory that a scan writes to. Made by make_scratch() of the engine it is used with; one thread at a time.
  class Scratch {
   public:
    Scratch();  // belongs to no engine: to be assigned before use
    Scratch(Scratch&&) noexcept;
    Scratch& operator=(Scratch&&) noexcept;
    ~Scratch();

   private:
    friend class RuleEngine;
    struct State;
    std::unique_ptr<State> state_;
  };

  // Errors: kInvalidRule if the book as a whole is more than Vectorscan can hold; kUnavailable on a CPU without
  // SSE 4.2. A book without rules is no error. Takes as long as Vectorscan needs, so a caller that starts often
  // may keep `serialize()` and give it here as `cache`: it is used if it was made from the same patterns by the
  // same Vectorscan for the same kind of CPU and is undamaged, and ignored otherwise. The cache holds machine
  // tables that are run without further checks: keep it where only the user can write.
  static Result<RuleEngine> compile(RuleBook book, std::string_view cache = {});
  RuleEngine(RuleEngine&&) noexcept;
  RuleEngine& operator=(RuleEngine&&) noexcept;
  ~RuleEngine();

  std::string serialize() const;
  bool came_from_cache() const;

  Scratch make_scratch() const;
  // Index in book().rules() of the winning rule, or -1: the highest priority, then the first in the file, among
  // the rules without a source and those of exactly this source. Never throws; linear in the message. Does not
  // allocate or lock where Vectorscan alone decides (see above); RE2 grows its automata behind a lock of its own.
  std::int32_t match(std::string_view message, std::string_view source, Scratch& scratch) const;

  struct Span {
    std::string name;  // of the capture; empty for the whole match
    std::size_t begin;
    std::size_t end;
  };
  // Where rule `index` matches `message` (whole match first, then the named captures that took part), by RE2;
  // empty if it does not. For `explain`: compiles the pattern anew.
  std::vector<Span> spans(std::size_t index, std::string_view message) const;

  const RuleBook& book() const;
  // Indexes of the rules that Vectorscan cannot run, so that RE2 tries them on every message: 0.1 to 0.3 us each.
  std::vector<std::size_t> rules_left_to_re2() const;

 private:
  struct Impl;
  explicit RuleEngine(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace logsieve

#endif  // LOGSIEVE_RULES_RULE_ENGINE_H_
