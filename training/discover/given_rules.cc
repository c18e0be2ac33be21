#include "training/discover/given_rules.h"

#include <utility>

namespace logsieve {

Result<GivenRules> GivenRules::make(const RuleBook& book) {
  auto engine = RuleEngine::compile(book);
  if (!engine) return std::move(engine).error();
  return GivenRules(std::move(*engine));
}

// The book lies on the heap of the engine, so the views outlive a move.
GivenRules::GivenRules(RuleEngine engine) : engine_(std::move(engine)), scratch_(engine_.make_scratch()) {
  for (const Rule& rule : engine_.book().rules())
    if (rule.priority == 0) {
      auto automaton = PatternAutomaton::make(rule.pattern);
      PatternOutline outline = automaton ? PatternOutline(*automaton) : PatternOutline();
      unsettled_.push_back({rule.label, rule.pattern, std::move(automaton), std::move(outline)});
    }
}

bool GivenRules::decide(std::string_view message) {
  const std::int32_t rule = engine_.match(message, "", scratch_);
  return rule >= 0 && engine_.book().rules()[static_cast<std::size_t>(rule)].priority >= 0;
}

Overlap GivenRules::contradict(std::string_view label, std::string_view pattern,
                               const PatternAutomaton& automaton, const PatternOutline& outline) const {
  Overlap worst = Overlap::kNone;
  for (const Unsettled& rule : unsettled_) {
    if (rule.label == label || !rule.outline.meets(outline)) continue;
    const Overlap overlap = rule.automaton
                                ? find_overlap(rule.pattern, *rule.automaton, pattern, automaton).overlap
                                : Overlap::kUndecided;
    if (overlap == Overlap::kFound) return overlap;
    if (overlap == Overlap::kUndecided) worst = overlap;
  }
  return worst;
}

}  // namespace logsieve
