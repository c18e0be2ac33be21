// All rules of a book on a message: one Vectorscan pass finds the words that the rules need, RE2 decides.
//
// Every rule has words that a message must hold for it to match (rules/required_literals.h). One pass over the
// message finds them all; only rules whose words are all there are tried, best first, by RE2 with default options
// (UTF-8; `$` is the end of the message). So the result is that of trying RE2 rule by rule, on any bytes, and costs
// as much as one pass plus, mostly, one RE2 match for a message that a rule fits. Why Vectorscan does not decide by
// itself: rules/literal_scanner.h.
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
  // What a thread writes to: Vectorscan's scratch, and the automata of the rules it has tried, so that threads
  // share nothing. Made by make_scratch() of the engine it is used with; must not outlive it.
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

  // Errors: as LiteralScanner::compile. A book without rules is no error. Takes milliseconds.
  static Result<RuleEngine> compile(RuleBook book);
  RuleEngine(RuleEngine&&) noexcept;
  RuleEngine& operator=(RuleEngine&&) noexcept;
  ~RuleEngine();

  Scratch make_scratch() const;
  // Index in book().rules() of the winning rule, or -1: the highest priority, then the first in the file, among
  // the rules without a source and those of exactly this source. Linear in the message, no lock that another
  // thread could hold. Allocates only where RE2 builds its automata: at a rule's first trial by this scratch, and
  // as they grow with new kinds of messages.
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
  // Indexes of the rules that have no words to be found by, so that RE2 tries them on every message of their
  // source: 0.1 to 0.3 us each.
  std::vector<std::size_t> rules_without_words() const;

 private:
  struct Impl;
  explicit RuleEngine(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace logsieve

#endif  // LOGSIEVE_RULES_RULE_ENGINE_H_
