// A raw log line as a sequence of parts: words, single punctuation characters, blanks, and the values that the mask
// found. Lines of equal shape differ in their values only, and alignment compares part with part.
#ifndef LOGSIEVE_TRAINING_DISCOVER_LINE_SHAPE_H_
#define LOGSIEVE_TRAINING_DISCOVER_LINE_SHAPE_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "mask/masker.h"

namespace logsieve {

enum class PartKind : std::uint8_t {
  kWord,   // a run of letters, digits, `_` and bytes past ASCII
  kPunct,  // one other visible character
  kBlank,  // a run of spaces and tabs
  kValue,  // what the mask hides
};

struct Part {
  PartKind kind = PartKind::kWord;
  MaskedKind value = MaskedKind::kNumber;  // of kValue
  std::size_t begin = 0;                   // bytes [begin, end) of the line
  std::size_t end = 0;
};

// The parts of `line`, from left to right, covering it whole. Empty where the mask cannot place its values, and for
// lines with control characters or of more than kMaxShapedBytes: no rule is made from such a line.
std::vector<Part> line_parts(std::string_view line);
inline constexpr std::size_t kMaxShapedBytes = 2048;
bool is_control(char c);  // but for tab

// The line with every value replaced by one byte that no line holds, 0x01 + its kind: equal for lines that differ in
// values only.
std::string line_shape(std::string_view line, const std::vector<Part>& parts);

}  // namespace logsieve

#endif  // LOGSIEVE_TRAINING_DISCOVER_LINE_SHAPE_H_
