// Authored log templates: lines of text with typed slots, grouped by source, label and complexity.
//
// Format (training/data/templates/*.txt, UTF-8):
//   # a comment: a line that starts with "# "
//   @@ source | label | complexity        holds for the lines after it
//   conn pool <word>: <n:1-50> idle, state <up|down>
// `<type>` or `<type:args>` is a slot (slots.h); `<a|b|>` is a choice, whose alternatives may be empty and may
// hold slots; the `>` of an arrow "->" does not close it; `\<` and `\>` are literal everywhere, `\|` in a choice.
#ifndef LOGSIEVE_TRAINING_DATA_TEMPLATE_FILE_H_
#define LOGSIEVE_TRAINING_DATA_TEMPLATE_FILE_H_

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "training/data/slots.h"

namespace logsieve {

struct TemplatePiece {
  enum class Kind : std::uint8_t { kLiteral, kSlot, kChoice };
  Kind kind = Kind::kLiteral;
  std::string text;                                      // kLiteral
  Slot slot;                                             // kSlot
  std::vector<std::vector<TemplatePiece>> alternatives;  // kChoice: two or more
};

struct LogTemplate {
  std::string source;
  std::string label;
  std::string complexity;
  std::string text;                   // as authored
  std::vector<TemplatePiece> pieces;  // never empty
  std::string file;                   // where it stands, for messages
  std::size_t line = 0;
};

// The names a header may use, sorted.
std::span<const std::string_view> known_sources();
std::span<const std::string_view> known_labels();
std::span<const std::string_view> known_complexities();

// Templates in file order. Errors: kBadInput with line, column and caret; all of the file at once (`others`).
Result<std::vector<LogTemplate>> parse_templates(std::string_view text, const std::string& file);

// Every *.txt of `folder`, in sorted order of their names. Errors: kNotFound (no such folder, no such file in
// it), kIo, and those of parse_templates.
Result<std::vector<LogTemplate>> load_templates(const std::filesystem::path& folder);

}  // namespace logsieve

#endif  // LOGSIEVE_TRAINING_DATA_TEMPLATE_FILE_H_
