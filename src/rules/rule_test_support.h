// Shared by the tests of this folder: books in a few words, lines to try them on, patterns out of a grammar, and
// the oracle.
#ifndef LOGSIEVE_RULES_RULE_TEST_SUPPORT_H_
#define LOGSIEVE_RULES_RULE_TEST_SUPPORT_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/random.h"
#include "rules/rule_book.h"
#include "rules/rule_engine.h"

namespace re2 {
class RE2;
}

namespace logsieve {

// YAML of a book; the rules need not be good ones.
std::string book_yaml(const std::vector<Rule>& rules);
// The book of these rules; a failure of the running test, and an empty book, if the checks refuse it.
RuleBook book_of(const std::vector<Rule>& rules);
// A rule that passes the checks whatever RE2 pattern it has: it also matches kTestToken.
Rule rule_for(std::string name, std::string_view pattern);
inline constexpr std::string_view kTestToken = "~logsieve~test~";

// Tries RE2 with default options on every rule in order of priority: what the engine must equal.
class OneByOne {
 public:
  explicit OneByOne(const RuleBook& book);
  ~OneByOne();
  std::int32_t match(std::string_view message, std::string_view source) const;

 private:
  struct Entry;
  std::vector<Entry> entries_;
};

// Every line of every file below data/ of the shared folder, without line ends; empty where there is none.
std::vector<std::string> shared_lines();

// RE2 syntax out of a grammar that loves corner cases; almost always accepted by RE2. `words` are literals to use.
std::string random_pattern(Random& random, const std::vector<std::string>& words);
// The line with a few bytes changed, dropped, doubled, or replaced by code points that regexes find difficult.
std::string mutated(std::string line, Random& random);
std::string random_bytes(Random& random);

}  // namespace logsieve

#endif  // LOGSIEVE_RULES_RULE_TEST_SUPPORT_H_
