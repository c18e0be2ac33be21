#include "training/discover/line_shape.h"

#include <algorithm>

namespace logsieve {
namespace {

bool is_blank(char c) {
  return c == ' ' || c == '\t';
}

bool is_word(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte >= 0x80 || c == '_' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
         (c >= 'A' && c <= 'Z');
}

// The parts of the text between two values.
void add_text(std::string_view line, std::size_t begin, std::size_t end, std::vector<Part>& parts) {
  while (begin < end) {
    std::size_t stop = begin + 1;
    PartKind kind = PartKind::kPunct;
    if (is_blank(line[begin]) || is_word(line[begin])) {
      const bool blank = is_blank(line[begin]);
      kind = blank ? PartKind::kBlank : PartKind::kWord;
      while (stop < end && (blank ? is_blank(line[stop]) : is_word(line[stop]))) ++stop;
    }
    parts.push_back({kind, MaskedKind::kNumber, begin, stop});
    begin = stop;
  }
}

}  // namespace

bool is_control(char c) {
  return (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7F;
}

std::vector<Part> line_parts(std::string_view line) {
  std::vector<Part> parts;
  if (line.size() > kMaxShapedBytes || std::any_of(line.begin(), line.end(), is_control)) return parts;
  std::string form;
  std::vector<MaskedValue> values;
  if (!mask(line, form, values)) return parts;
  std::size_t at = 0;
  for (const MaskedValue& value : values) {
    add_text(line, at, value.begin, parts);
    parts.push_back({PartKind::kValue, value.kind, value.begin, value.end});
    at = value.end;
  }
  add_text(line, at, line.size(), parts);
  return parts;
}

std::string line_shape(std::string_view line, const std::vector<Part>& parts) {
  std::string shape;
  for (const Part& part : parts) {
    if (part.kind == PartKind::kValue)
      shape += static_cast<char>(1 + static_cast<int>(part.value));
    else
      shape += line.substr(part.begin, part.end - part.begin);
  }
  return shape;
}

}  // namespace logsieve
