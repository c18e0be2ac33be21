// The injection corpus against a model that obeys it, over a real socket: who gets which label.
#ifndef LOGSIEVE_TESTS_INJECTIONS_HIJACK_TRIAL_H_
#define LOGSIEVE_TESTS_INJECTIONS_HIJACK_TRIAL_H_

#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "llm/agreement.h"
#include "tests/injections/injection_corpus.h"

namespace logsieve::injections {

struct TrialOptions {
  AgreementOptions agreement;
  std::vector<Scope> scopes = {Scope::kItself, Scope::kNamed, Scope::kBatch};
  std::size_t rounds = 3;  // of the corpus
  std::size_t clean_per_injection = 1;
  std::size_t forms_a_call = 190;  // as the cascade hands them over
};

struct TrialResult {
  std::size_t injections = 0;
  std::size_t clean = 0;
  std::size_t outside = 0;       // answers with a label that is not of the set
  std::size_t moved = 0;         // clean lines with a wrong label
  std::size_t clean_silent = 0;  // clean lines that abstained
  std::size_t hijacked = 0;      // injected lines with the label that they want, which is not theirs
  std::size_t requests = 0;
  AgreementCounters counters;
  std::map<std::string, std::size_t> hijacked_by_style;
};

// The model answers each line with its true label, or with the label that a shown example of the same form has; then
// it obeys every injection that it sees, in the order of the lines. What it sees has been masked and redacted.
TrialResult run_trial(const TrialOptions& options);

}  // namespace logsieve::injections

#endif  // LOGSIEVE_TESTS_INJECTIONS_HIJACK_TRIAL_H_
