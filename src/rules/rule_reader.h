// From a YAML tree to rules: keys, types and limits; what the rules say is checked in rule_checks.h.
#ifndef LOGSIEVE_RULES_RULE_READER_H_
#define LOGSIEVE_RULES_RULE_READER_H_

#include <cstddef>
#include <string>
#include <vector>

#include "rules/book_diagnostics.h"
#include "rules/rule_book.h"
#include "rules/yaml_tree.h"

namespace logsieve {

// A rule and the nodes it came from, for places in messages; nullptr where a key is missing or of a wrong type.
struct ReadRule {
  Rule rule;
  std::string title;              // `rule "name"`, or `rule 3` where it has none
  const YamlNode* map = nullptr;  // never missing
  const YamlNode* name = nullptr;
  const YamlNode* label = nullptr;
  const YamlNode* empty_label = nullptr;  // a label that is there, with nothing in it: a draft's
  const YamlNode* pattern = nullptr;
  const YamlNode* source = nullptr;
  std::vector<const YamlNode*> match = {};     // one for each of rule.match
  std::vector<const YamlNode*> no_match = {};  // one for each of rule.no_match
};

// The rules under `rules:`; `root` must outlive them. Problems are added to `diagnostics`, and the rules returned
// hold whatever could be read, so that one load finds everything.
std::vector<ReadRule> read_rules(const YamlNode& root, BookDiagnostics& diagnostics);

}  // namespace logsieve

#endif  // LOGSIEVE_RULES_RULE_READER_H_
