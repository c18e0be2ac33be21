// All rules of a book in one Vectorscan pass; RE2 for spans and captures.
#ifndef LOGSIEVE_RULES_RULE_ENGINE_H_
#define LOGSIEVE_RULES_RULE_ENGINE_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "rules/rule_book.h"

namespace logsieve {

// Immutable, shared by all threads; each thread owns a Scratch.
class RuleEngine {
 public:
  class Scratch {
   public:
    Scratch();
    Scratch(Scratch&&) noexcept;
    Scratch& operator=(Scratch&&) noexcept;
    ~Scratch();

   private:
    friend class RuleEngine;
    struct State;
    std::unique_ptr<State> state_;
  };

  static Result<RuleEngine> compile(RuleBook book);
  RuleEngine(RuleEngine&&) noexcept;
  RuleEngine& operator=(RuleEngine&&) noexcept;
  ~RuleEngine();

  Scratch make_scratch() const;
  // Index in book().rules() of the winning rule, or -1. No allocation, no exception, linear in the message.
  std::int32_t match(std::string_view message, std::string_view source, Scratch& scratch) const;

  struct Span {
    std::string name;  // of the capture; empty for the whole match
    std::size_t begin;
    std::size_t end;
  };
  // Where rule `index` matches `message` (whole match first, then named captures), by RE2. For `explain`.
  std::vector<Span> spans(std::size_t index, std::string_view message) const;
  const RuleBook& book() const;

 private:
  struct Impl;
  explicit RuleEngine(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace logsieve

#endif  // LOGSIEVE_RULES_RULE_ENGINE_H_
