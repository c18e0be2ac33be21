// Any bytes as a rule book: no crash, every refusal is one that can be shown, and what is accepted can be written
// and read again.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "rules/rule_book.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view yaml(reinterpret_cast<const char*>(data), size);  // NOLINT: bytes are bytes
  const auto draft = logsieve::RuleBook::parse_draft(yaml, "fuzz.yaml");
  const auto book = logsieve::RuleBook::parse(yaml, "fuzz.yaml");
  // A draft is a book but for rules without a label.
  if (draft ? static_cast<bool>(book) != draft->unlabelled.empty() : static_cast<bool>(book)) std::abort();
  if (!book) {
    if (logsieve::render(book.error()).empty()) std::abort();
    return 0;
  }
  const auto again = logsieve::RuleBook::parse(book->to_yaml(), "again.yaml");
  if (!again || again->to_yaml() != book->to_yaml()) std::abort();
  return 0;
}
