// Log lines that try to make the model label them, or their neighbours, otherwise: what the defences of the LLM tier
// are measured against. Made from a table of styles; nothing random.
#ifndef LOGSIEVE_TESTS_INJECTIONS_INJECTION_CORPUS_H_
#define LOGSIEVE_TESTS_INJECTIONS_INJECTION_CORPUS_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace logsieve::injections {

// What a model that obeys the line would do.
enum class Scope : std::uint8_t {
  kItself,    // label this line as the target
  kNamed,     // label the ids that the line names as the target
  kBatch,     // label every line as the target
  kNext,      // label the line behind this one as the target
  kPrevious,  // label the line before this one as the target
};

struct Injection {
  std::string style;
  std::string line;
  std::string target;  // the label that it wants
  Scope scope = Scope::kItself;
  std::vector<std::string> ids;  // kNamed: those that it names
};

// Names of the styles.
std::vector<std::string> styles();

// Every style in each scope of `scopes`, `rounds` times, with other words and with targets in turn from `labels`.
std::vector<Injection> injections(std::span<const Scope> scopes, std::span<const std::string> labels,
                                  std::size_t rounds);

}  // namespace logsieve::injections

#endif  // LOGSIEVE_TESTS_INJECTIONS_INJECTION_CORPUS_H_
