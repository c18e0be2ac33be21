// The rules that a book has before any is discovered, to prove candidates against.
#ifndef LOGSIEVE_TRAINING_DISCOVER_GIVEN_RULES_H_
#define LOGSIEVE_TRAINING_DISCOVER_GIVEN_RULES_H_

#include <optional>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "rules/pattern_automaton.h"
#include "rules/pattern_demand.h"
#include "rules/rule_book.h"
#include "rules/rule_engine.h"

namespace logsieve {

// Candidates stand after these rules, have priority 0 and are meant for all sources. One thread.
class GivenRules {
 public:
  // Errors: those of RuleEngine::compile.
  static Result<GivenRules> make(const RuleBook& book);

  // Whether one of them decides the message before a candidate could. Linear in the message.
  bool decide(std::string_view message);

  // Whether some text fits the pattern and a rule of another label, with no priority that says which one wins: kNone
  // only where all such pairs are proved apart (rules/pattern_automaton.h). One search of a product for each rule whose
  // outline does not tell.
  Overlap contradict(std::string_view label, std::string_view pattern, const PatternAutomaton& automaton,
                     const PatternOutline& outline) const;

 private:
  struct Unsettled {
    std::string_view label;
    std::string_view pattern;
    std::optional<PatternAutomaton> automaton;
    PatternOutline outline;
  };
  explicit GivenRules(RuleEngine engine);

  RuleEngine engine_;
  RuleEngine::Scratch scratch_;
  std::vector<Unsettled> unsettled_;  // views into engine_.book()
};

}  // namespace logsieve

#endif  // LOGSIEVE_TRAINING_DISCOVER_GIVEN_RULES_H_
