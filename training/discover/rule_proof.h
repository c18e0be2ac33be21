// What a pattern must show before it may claim to be right: the proofs that stand in a rule's certificate, the same for
// rules that are discovered and for those that a person wrote or named.
#ifndef LOGSIEVE_TRAINING_DISCOVER_RULE_PROOF_H_
#define LOGSIEVE_TRAINING_DISCOVER_RULE_PROOF_H_

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "record/label_set.h"
#include "rules/rule_book.h"
#include "training/discover/labelled_messages.h"
#include "training/fit/labelled_data.h"

namespace re2 {
class RE2;
}

namespace logsieve {

// Of what every text must hold that the pattern matches (rules/pattern_demand.h).
inline constexpr std::size_t kLeastLiteralBytes = 8;
inline constexpr std::size_t kLeastLiteralWords = 2;
inline constexpr int kMostProgramSize = 4000;  // RE2's instructions

// Refusals that others look for. The first: only lines without a say in making rules forbid it.
inline constexpr std::string_view kRefusedByHeldOut = "matches held-out lines of other labels";
inline constexpr std::string_view kRefusedByNearMiss = "matches a near miss";
inline constexpr std::string_view kRefusedWithoutLine = "matches no line of its label";

// What a pattern matches among labelled messages.
struct MatchedMessages {
  std::vector<std::size_t> own;      // of the label, as indexes, ascending
  std::vector<std::size_t> foreign;  // of other labels or several
};
// `prefix`: every text that the pattern matches begins with it. Linear in the messages that do.
MatchedMessages matched_messages(const re2::RE2& pattern, std::string_view prefix, LabelId label,
                                 const LabelledMessages& messages);

// What a certificate states of the messages that its rule matches: lines, messages, forms.
void count_matched(std::span<const std::size_t> matched, const LabelledMessages& messages,
                   RuleCertificate& certificate);

struct RuleClaim {
  std::string_view pattern;
  LabelId label = kNoLabel;
  std::size_t min_messages = 1;               // distinct lines of the label that it must match
  std::span<const std::size_t> members = {};  // messages that it must match, ascending
  // What near misses are made of, a text that it matches; empty: the first line that is no longer than a sample may be.
  std::string_view sample = {};
};

struct RuleProof {
  std::string refusal;               // why the claim does not hold; empty if it does
  std::string witness;               // a text that shows it, where one does
  std::vector<std::size_t> matched;  // messages of the label, ascending
  RuleCertificate certificate;
  std::vector<std::string> near_misses;  // that the pattern refuses (near_misses.h) and that a book can hold
};

// Thread-safe once made. `data` and `messages` must outlive it.
class RuleProver {
 public:
  RuleProver(const LabelledData& data, const LabelledMessages& messages);

  // The claim holds if the pattern asks for enough letters and words, compiles within the limits, matches all members
  // and enough lines of its label, none of another, and no near miss. Whether other rules contradict or hide it is not
  // looked at here. Linear in the messages that the pattern's beginning leaves.
  RuleProof prove(const RuleClaim& claim) const;

 private:
  struct Counts {
    std::size_t messages = 0;
    std::size_t held_out = 0;
  };
  static void count(const LabelledMessage& message, Counts& counts);
  void try_on_messages(const re2::RE2& re2, std::string_view prefix, const RuleClaim& claim,
                       RuleProof& proof) const;
  void try_near_misses(const re2::RE2& re2, const RuleClaim& claim, RuleProof& proof) const;

  const LabelledMessages& messages_;
  Counts all_;
  std::vector<Counts> of_label_;  // by label
  std::string until_;
  std::string sha256_;
};

}  // namespace logsieve

#endif  // LOGSIEVE_TRAINING_DISCOVER_RULE_PROOF_H_
