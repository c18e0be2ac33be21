// YAML as a tree of text that remembers where each piece stood. Reads the YAML that rule books need: one document
// of maps, lists and scalars; no anchors, aliases or tags, so that no short text stands for a long one.
#ifndef LOGSIEVE_RULES_YAML_TREE_H_
#define LOGSIEVE_RULES_YAML_TREE_H_

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "rules/book_diagnostics.h"

namespace logsieve {

inline constexpr std::size_t kMaxYamlDepth = 8;
inline constexpr std::size_t kMaxYamlNodes = 500'000;

enum class YamlKind { kNull, kScalar, kList, kMap };

struct YamlNode {
  YamlKind kind = YamlKind::kNull;
  std::size_t offset = 0;            // of its first byte in the text
  std::string scalar = {};           // the value of a kScalar, UTF-8
  std::vector<YamlNode> items = {};  // of a kList; of a kMap: key, value, key, value ...
};

// The document in `diagnostics.text()`, by yaml-cpp; an empty text is a null. nullopt with problems added: not
// UTF-8, control bytes, broken syntax (only the first place is known), too deep, too many values, tags, aliases.
std::optional<YamlNode> read_yaml(BookDiagnostics& diagnostics);

// Where byte `value_offset` of a scalar's value stands in the text; the scalar's first byte where its style gives
// no such place (block scalars, values folded over lines).
std::size_t place_in_scalar(std::string_view text, const YamlNode& scalar, std::size_t value_offset);

}  // namespace logsieve

#endif  // LOGSIEVE_RULES_YAML_TREE_H_
