// Why a line got its label: its path through the tiers, in data and in one sentence.
#ifndef LOGSIEVE_CASCADE_EXPLANATION_H_
#define LOGSIEVE_CASCADE_EXPLANATION_H_

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "cascade/cascade.h"

namespace logsieve {

struct NearExample {
  std::string form;
  std::string label;
  float similarity;
};

struct Explanation {
  std::string form;
  Verdict verdict;
  std::string why;                           // one sentence
  std::vector<RuleEngine::Span> rule_spans;  // where a rule tier verdict matched; the whole match first
  FormJudgement judgement;                   // what the model thinks, also where a rule decided
  NoveltyMeasures measures;                  // of the form, beside the bundle's limits
  std::vector<std::pair<std::string, float>> probabilities;  // by label, the likeliest first
  std::vector<NearExample> nearest;                          // labelled forms, the nearest first
};

// One sentence for a verdict that `cascade` gave; used for tables.
Result<std::string> why(const Cascade& cascade, const Verdict& verdict, std::string_view form);

// The whole path of one message, without the LLM. O(forms).
Result<Explanation> explain(Cascade& cascade, std::string_view message, std::string_view source);

}  // namespace logsieve

#endif  // LOGSIEVE_CASCADE_EXPLANATION_H_
