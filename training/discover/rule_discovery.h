// Regex rules from labelled lines, each with its proof; where no safe rule exists, none.
//
// Forms are clustered by meaning (form_clusters.h), each cluster becomes candidate patterns (induction.h); lines left
// over are aligned once more, label by label, since forms that differ in a name lie apart as vectors. A candidate enters the book only if
//   - it matches every line that it was made from, and none of the other labels' lines, including those of the fifth
//     of all forms that had no say in its making;
//   - it asks for enough letters and words and compiles within RE2's and our limits (rule_proof.h);
//   - it refuses near misses (near_misses.h);
//   - no text at all fits both it and a rule of another label, decided on the automata (rules/pattern_automaton.h);
//   - the same holds of the rules that were given, but for those whose priority says which one wins;
//   - it decides lines that no given and no better rule decides, and the book is not full: half of the rules and
//     bytes that a book may have, less where the given rules leave less, so that the two can be joined.
// What a rule was proved with stands in its certificate, in the book.
#ifndef LOGSIEVE_TRAINING_DISCOVER_RULE_DISCOVERY_H_
#define LOGSIEVE_TRAINING_DISCOVER_RULE_DISCOVERY_H_

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "rules/rule_book.h"
#include "training/discover/form_clusters.h"
#include "training/fit/labelled_data.h"

namespace logsieve {

struct DiscoveryOptions {
  std::size_t min_messages = 2;  // distinct lines that a rule must rest on
  std::size_t threads = 1;       // changes no result
};

// Candidates that did not become rules.
struct Refusal {
  std::string reason;
  std::size_t candidates = 0;
  std::size_t lines = 0;  // that they were made from
  std::string example;    // the pattern of the largest
};

struct Discovery {
  std::vector<Rule> rules;  // the most lines first
  FormClusters clusters;
  std::size_t lines = 0;          // of the data
  std::size_t covered_lines = 0;  // of those, the ones that a rule matches
  std::size_t given_lines = 0;    // the ones that a given rule decides
  std::size_t control_lines =
      0;                       // the ones without a rule, and with control characters, of which none is made
  std::size_t long_lines = 0;  // the same of more than kMaxShapedBytes
  std::size_t labels = 0;      // of the data
  std::vector<Refusal> refusals;  // the most lines first
};

// `vectors`: the embeddings of data.forms, row-major [forms, dim]. The rules are meant to stand after those of `given`
// (joined_books). Same data, options and given rules give the same rules, whatever the threads. Errors:
// kInvalidArgument where the shapes differ; those of RuleEngine::compile.
Result<Discovery> discover_rules(const LabelledData& data, std::span<const float> vectors, std::size_t dim,
                                 const DiscoveryOptions& options, const RuleBook& given = {});

// `first` and then `more` as one book; a name that is taken gets a number. Errors: those of RuleBook::parse.
Result<RuleBook> joined_books(const RuleBook& first, std::vector<Rule> more);

// What happened, ready to print.
std::vector<std::string> tell_discovery(const Discovery& discovery);

}  // namespace logsieve

#endif  // LOGSIEVE_TRAINING_DISCOVER_RULE_DISCOVERY_H_
