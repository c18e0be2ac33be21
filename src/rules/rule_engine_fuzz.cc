// Patterns, one a line up to an empty line, then a message: the engine must answer what RE2 does rule by rule.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <re2/re2.h>
#include <string>
#include <string_view>

#include "rules/rule_book.h"
#include "rules/rule_engine.h"

namespace {

constexpr std::size_t kMaxRules = 8;
constexpr std::size_t kMaxPatternBytes = 100;
constexpr std::string_view kToken = "~logsieve~fuzz~";

// A rule with this pattern that also matches kToken, so that it has a sample whatever the pattern is.
std::string rule_yaml(std::string_view pattern, std::size_t number) {
  std::string quoted;
  for (const char c : pattern) quoted += c == '\'' ? "''" : std::string(1, c);
  return "- {name: r" + std::to_string(number) + ", label: Error, pattern: '(?:" + quoted + ")|" +
         std::string(kToken) + "', match: " + std::string(kToken) + "}\n";
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view rest(reinterpret_cast<const char*>(data), size);  // NOLINT: bytes are bytes
  std::string yaml = "rules:\n";
  std::size_t rules = 0;
  while (!rest.empty() && rest[0] != '\n' && rules < kMaxRules) {
    const std::string_view pattern = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(pattern.size() + 1, rest.size()));
    const std::string rule = rule_yaml(pattern.substr(0, kMaxPatternBytes), rules);
    if (!logsieve::RuleBook::parse("rules:\n" + rule, "fuzz.yaml")) continue;
    yaml += rule;
    ++rules;
  }
  const auto book = logsieve::RuleBook::parse(yaml, "fuzz.yaml");
  if (!book) std::abort();  // each rule passed by itself, and the names differ
  const auto engine = logsieve::RuleEngine::compile(*book);
  if (!engine) std::abort();
  auto scratch = engine->make_scratch();
  std::int32_t expected = -1;
  for (std::size_t i = 0; i < book->rules().size() && expected < 0; ++i) {
    const re2::RE2 re2(book->rules()[i].pattern, re2::RE2::Quiet);
    if (re2::RE2::PartialMatch(re2::StringPiece(rest.data(), rest.size()), re2))
      expected = static_cast<std::int32_t>(i);
  }
  if (engine->match(rest, "", scratch) != expected) std::abort();
  return 0;
}
