// A rule book: the regexes of the first tier, each with samples that prove it (docs/formats/rule_book.md).
#ifndef LOGSIEVE_RULES_RULE_BOOK_H_
#define LOGSIEVE_RULES_RULE_BOOK_H_

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace logsieve {

inline constexpr std::size_t kMaxBookBytes = std::size_t{4} << 20U;

// What proved a rule that was made from data (training/discover). Counted over distinct messages: copies of a line
// are not independent.
struct RuleCertificate {
  std::size_t messages = 0;          // of the rule's label that it matches
  std::size_t lines = 0;             // the same with copies
  std::size_t forms = 0;             // masked forms among them
  std::size_t other_messages = 0;    // of other labels that it was tried on and matched none of
  std::size_t held_out = 0;          // of those, the ones that had no say in how the rule was made
  double precision_bound = 0.0;      // lower end of the 95 % Wilson interval of its precision
  std::string data_sha256 = {};      // of the file with the lines
  std::string until = {};            // the last timestamp of the data; empty if it has none
  bool is_labelled_by_book = false;  // the lines had no labels but those that the book's rules gave them
};

struct Rule {
  std::string name;  // unique in the book
  std::string label;
  std::string pattern;                     // RE2 syntax, searched anywhere in the raw message
  std::string source = {};                 // only records of this source; empty: all
  int priority = 0;                        // the highest wins, then the first in the file
  std::vector<std::string> match = {};     // at least one; each must match
  std::vector<std::string> no_match = {};  // none may match
  std::optional<RuleCertificate> certificate = {};
  std::size_t line = 0;  // where it stands in its file, 1-based
};

struct BookDraft;

// A value. Rules come only from load, parse and load_draft, so every rule in a book has passed the checks.
class RuleBook {
 public:
  RuleBook() = default;
  // Checks every rule; on failure the Error carries all that is wrong with the book (Error::others), in the order
  // of the file. kInvalidRule, or kNotFound and kIo for a file that cannot be read. A book without rules is no
  // error. Keeps the limits of rules/rule_checks.h whatever the input; 0.2 to 0.4 ms a rule, mostly RE2 on
  // the samples.
  static Result<RuleBook> load(const std::filesystem::path& file);
  static Result<RuleBook> parse(std::string_view yaml, const std::string& file_name);
  // The same for a book of which a person has labelled a part: rules with an empty label are left out,
  // not refused.
  static Result<BookDraft> load_draft(const std::filesystem::path& file);
  static Result<BookDraft> parse_draft(std::string_view yaml, const std::string& file_name);

  const std::vector<Rule>& rules() const { return rules_; }
  void drop_certificate(std::size_t rule) { rules_[rule].certificate.reset(); }
  std::string to_yaml() const;  // parse(to_yaml()) gives an equal book

 private:
  std::vector<Rule> rules_;
};

struct BookDraft {
  RuleBook book;
  std::vector<Rule> unlabelled;  // rules left out, unchecked: a pattern may be none, samples may not match
};

// The text of a book of these rules; what parse() thinks of it is another matter.
std::string rules_to_yaml(std::span<const Rule> rules);

}  // namespace logsieve

#endif  // LOGSIEVE_RULES_RULE_BOOK_H_
