// Certificates for a book that people wrote, edited or labelled.
#ifndef LOGSIEVE_TRAINING_DISCOVER_CERTIFICATION_H_
#define LOGSIEVE_TRAINING_DISCOVER_CERTIFICATION_H_

#include <cstddef>
#include <vector>

#include "base/result.h"
#include "rules/rule_book.h"
#include "training/discover/book_review.h"
#include "training/fit/labelled_data.h"

namespace logsieve {

struct CertifiedBook {
  RuleBook book;                      // the rules in their order
  std::size_t certified = 0;          // rules with a certificate
  std::size_t kept = 0;               // of those, the ones whose certificate is the one that they came with
  std::vector<RuleFinding> unproved;  // kUnproved, one for each rule without, in the order of the book
};

// Proves each rule anew on `data` (rule_proof.h), the lines of its source only, and on the review of the same book and
// data: no text is known or, where the automata decide, possible that fits it and a rule of another label, unless a
// priority says which one wins; neither its samples nor the lines that it matches are all decided by rules before it. A rule
// that is proved gets a certificate and its near misses under `no_match`, made of its first sample; one that is not
// loses the certificate that it had and keeps the rest. A certificate stays as it is where the data has no line for its
// rule and nothing else speaks against it, and where lines that carried their labels proved it and these do not carry theirs. Nothing is held out: what had a say in how the rules were made is
// unknown. Same book and data: same result. Linear in rules times the messages that begin as they do. Errors:
// kInvalidRule where the book, written anew, is larger than a book may be without any certificate.
Result<CertifiedBook> certify_book(const RuleBook& book, const LabelledData& data, LabelledBy labelled_by,
                                   const BookReview& review);

}  // namespace logsieve

#endif  // LOGSIEVE_TRAINING_DISCOVER_CERTIFICATION_H_
