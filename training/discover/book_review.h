// What is wrong with a rule book as a whole: rules that contradict, overlap or hide each other, that never fire, or
// whose certificate no longer holds.
#ifndef LOGSIEVE_TRAINING_DISCOVER_BOOK_REVIEW_H_
#define LOGSIEVE_TRAINING_DISCOVER_BOOK_REVIEW_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "rules/rule_book.h"
#include "training/discover/rule_record.h"
#include "training/fit/labelled_data.h"

namespace logsieve {

enum class FindingKind : std::uint8_t {
  kContradicts,        // a text fits it and a rule of another label
  kUnreachable,        // every text made for it, and every sample, is decided by rules before it
  kShadowed,           // its own samples are, but not every text
  kOverlaps,           // a text fits it and another rule of its label
  kWrong,              // it decides lines of the data that carry another label, or `Unclassified`
  kBrokenCertificate,  // the data has lines of other labels that it matches, or other counts than it states
  kWeakerCertificate,  // the bound on its precision is lower on the data than it states
  kNeverFires,         // no line of the data is decided by it
  kSwallows,           // it decides a sample of a rule that has no label yet
  kUnproved,           // it gets no certificate (certification.h)
};
std::string_view finding_name(FindingKind kind);

struct RuleFinding {
  FindingKind kind;
  std::string rule;
  std::string other;   // the other rule, where there is one; for kUnreachable and kShadowed one that wins
  std::string sample;  // a text that shows it, where there is one
  std::string detail;  // one clause more
  // Must be mended: contradictions that no priority settles, unreachable rules, wrong decisions, broken certificates.
  // The rest is worth knowing.
  bool is_grave = false;
};

struct BookReview {
  std::vector<RuleFinding> findings;  // by rule in the order of the book, then by kind
  std::size_t rules = 0;
  std::size_t decided_pairs = 0;    // proved to have no text in common, on the automata
  std::size_t undecided_pairs = 0;  // looked at by samples only, none of which fits both
  std::size_t lines = 0;            // of the data; 0: none was given
  // By rule, as indexes into the book: a rule of another label with which the pair is undecided and no priority
  // settles it.
  std::vector<std::optional<std::size_t>> undecided_with;
};

// A pair of which one rule is anchored at both ends is decided on the automata (rules/pattern_automaton.h); other
// pairs always have a text in common, one after the other, so for them only texts count that one of the rules was
// made for: its samples and kMadeTexts texts from random paths. Rules of different sources never meet. `data` may be
// null; what it says of each rule is in rule_record.h. O(rules^2), about 20 us a pair. Errors: those of RuleEngine::compile.
inline constexpr std::size_t kMadeTexts = 24;
Result<BookReview> review_book(const RuleBook& book, const LabelledData* data,
                               LabelledBy labelled_by = LabelledBy::kData);

// One kSwallows for each rule that decides samples of rules without a label, whose kinds it might hide. Linear in the
// samples. Errors: those of RuleEngine::compile.
Result<std::vector<RuleFinding>> swallowed_kinds(const RuleBook& book, std::span<const Rule> unlabelled);

}  // namespace logsieve

#endif  // LOGSIEVE_TRAINING_DISCOVER_BOOK_REVIEW_H_
