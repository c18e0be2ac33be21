#include "rules/rule_reader.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <fmt/core.h>
#include <string_view>
#include <utility>

namespace logsieve {
namespace {

constexpr std::size_t kMaxTypingErrors = 2;
constexpr std::size_t kMaxCertificateText = 256;  // bytes of a hash or a time

constexpr std::array<std::string_view, 8> kRuleKeys = {"name",     "label", "pattern",  "source",
                                                       "priority", "match", "no_match", "certificate"};
constexpr std::array<std::string_view, 4> kNeededKeys = {"name", "label", "pattern", "match"};

std::string in_quotes(std::string_view text) {
  return fmt::format("\"{}\"", text);
}

// Levenshtein's distance, one row at a time.
std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 0; i < a.size(); ++i) {
    std::size_t diagonal = std::exchange(row[0], i + 1);
    for (std::size_t j = 0; j < b.size(); ++j) {
      const std::size_t changed = diagonal + (a[i] == b[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({changed, row[j] + 1, diagonal + 1});
    }
  }
  return row[b.size()];
}

std::string unknown_key_help(std::string_view key) {
  if (key.size() <= 32) {
    const auto closest = std::min_element(kRuleKeys.begin(), kRuleKeys.end(), [&](auto a, auto b) {
      return edit_distance(key, a) < edit_distance(key, b);
    });
    if (edit_distance(key, *closest) <= kMaxTypingErrors)
      return fmt::format("did you mean \"{}\"?", *closest);
  }
  return "a rule has name, label, pattern, match, and may have source, priority, no_match, certificate";
}

// Reads one map of the list.
class RuleReader {
 public:
  RuleReader(const YamlNode& map, std::size_t number, BookDiagnostics& diagnostics)
      : map_(map), diagnostics_(diagnostics) {
    result_.title = fmt::format("rule {}", number);
    result_.map = &map;
    result_.rule.line = diagnostics.line_of(map.offset);
  }

  ReadRule read() {
    if (map_.kind != YamlKind::kMap) {
      problem(map_, "is not a map", "a rule looks like `- name: …` with the other keys below `name`");
      return std::move(result_);
    }
    result_.name = text("name", result_.rule.name);
    if (result_.name != nullptr) result_.title = "rule " + in_quotes(result_.rule.name);
    check_keys();
    read_label();
    result_.pattern = text("pattern", result_.rule.pattern);
    result_.source = text("source", result_.rule.source);
    read_priority();
    samples("match", result_.rule.match, result_.match);
    samples("no_match", result_.rule.no_match, result_.no_match);
    read_certificate();
    if (has("match") && find("match")->kind == YamlKind::kList && find("match")->items.empty())
      problem(*find("match"), "has no sample under match",
              "give at least one line that the pattern must match");
    return std::move(result_);
  }

 private:
  void problem(const YamlNode& node, std::string_view what, std::string help) {
    diagnostics_.add({node.offset, fmt::format("{} {}", result_.title, what), "", std::move(help)});
  }

  const YamlNode* find(std::string_view key) const {
    for (std::size_t i = 0; i + 1 < map_.items.size(); i += 2)
      if (map_.items[i].scalar == key) return &map_.items[i + 1];
    return nullptr;
  }
  // A key without a value counts as missing.
  bool has(std::string_view key) const {
    const YamlNode* value = find(key);
    return value != nullptr && value->kind != YamlKind::kNull;
  }

  void check_keys() {
    for (std::size_t i = 0; i + 1 < map_.items.size(); i += 2) {
      const YamlNode& key = map_.items[i];
      if (std::find(kRuleKeys.begin(), kRuleKeys.end(), key.scalar) == kRuleKeys.end()) {
        problem(key, "has an unknown key " + in_quotes(key.scalar), unknown_key_help(key.scalar));
      } else if (find(key.scalar) != &map_.items[i + 1]) {
        problem(key, "has the key " + in_quotes(key.scalar) + " twice", "keep one of them");
      }
    }
    std::string missing;
    for (const std::string_view key : kNeededKeys)
      if (!has(key) && !(key == "label" && find(key) != nullptr))
        missing += (missing.empty() ? "" : ", ") + std::string(key);
    if (!missing.empty())
      problem(map_, "lacks " + missing, "every rule needs name, label, pattern and match");
  }

  const YamlNode* text(std::string_view key, std::string& value) {
    if (!has(key)) return nullptr;
    const YamlNode* node = find(key);
    if (node->kind != YamlKind::kScalar) {
      problem(*node, fmt::format("has a {} that is no text", key),
              "one value is needed here, not a list or map");
      return nullptr;
    }
    value = node->scalar;
    return node;
  }

  void read_label() {
    result_.label = text("label", result_.rule.label);
    for (std::size_t i = 0; i + 1 < map_.items.size(); i += 2) {
      if (map_.items[i].scalar != "label" || result_.empty_label != nullptr) continue;
      // A value that is not there has the place of what follows it.
      if (map_.items[i + 1].kind == YamlKind::kNull) result_.empty_label = &map_.items[i];
      if (result_.label != nullptr && result_.rule.label.empty()) result_.empty_label = result_.label;
    }
  }

  void read_priority() {
    std::string digits;
    const YamlNode* node = text("priority", digits);
    if (node == nullptr) return;
    const char* end = digits.data() + digits.size();
    const auto parsed = std::from_chars(digits.data(), end, result_.rule.priority);
    if (parsed.ec != std::errc() || parsed.ptr != end)
      problem(*node, fmt::format("has the priority {}, which is no whole number", in_quotes(digits)),
              "higher wins; the default is 0");
  }

  void read_certificate() {
    if (!has("certificate")) return;
    const YamlNode& node = *find("certificate");
    if (node.kind != YamlKind::kMap)
      return problem(node, "has a certificate that is no map",
                     "leave it as logsieve wrote it, or out: `logsieve rules check --out` makes a new one");
    RuleCertificate& certificate = result_.rule.certificate.emplace();
    for (std::size_t i = 0; i + 1 < node.items.size(); i += 2) {
      if (!read_certificate_value(node.items[i].scalar, node.items[i + 1], certificate))
        problem(node.items[i],
                "has a certificate with an unknown or bad value of " + in_quotes(node.items[i].scalar),
                "leave it as logsieve wrote it, or out: `logsieve rules check --out` makes a new one");
    }
  }

  static bool read_certificate_value(std::string_view key, const YamlNode& value,
                                     RuleCertificate& certificate) {
    if (value.kind != YamlKind::kScalar) return false;
    const std::string& text = value.scalar;
    const auto parsed = [&](auto& number) {
      const auto result = std::from_chars(text.data(), text.data() + text.size(), number);
      return result.ec == std::errc() && result.ptr == text.data() + text.size();
    };
    if (key == "messages") return parsed(certificate.messages);
    if (key == "lines") return parsed(certificate.lines);
    if (key == "forms") return parsed(certificate.forms);
    if (key == "other_messages") return parsed(certificate.other_messages);
    if (key == "held_out") return parsed(certificate.held_out);
    if (key == "precision_bound")
      return parsed(certificate.precision_bound) && certificate.precision_bound >= 0.0 &&
             certificate.precision_bound <= 1.0;
    if (key == "labelled_by") {
      certificate.is_labelled_by_book = text == "book";
      return text == "book" || text == "data";
    }
    if (text.size() > kMaxCertificateText) return false;
    if (key == "data_sha256") certificate.data_sha256 = text;
    if (key == "until") certificate.until = text;
    return key == "data_sha256" || key == "until";
  }

  void samples(std::string_view key, std::vector<std::string>& values, std::vector<const YamlNode*>& nodes) {
    if (!has(key)) return;
    const YamlNode& node = *find(key);
    const bool is_list = node.kind == YamlKind::kList;
    for (std::size_t i = 0; i < (is_list ? node.items.size() : 1); ++i) {
      const YamlNode& sample = is_list ? node.items[i] : node;
      if (sample.kind != YamlKind::kScalar) {
        problem(sample, fmt::format("has a sample under {} that is no text", key),
                "each sample is one line of a log; quote it if YAML reads it as something else");
        continue;
      }
      values.push_back(sample.scalar);
      nodes.push_back(&sample);
    }
  }

  const YamlNode& map_;
  BookDiagnostics& diagnostics_;
  ReadRule result_;
};

const YamlNode* rules_node(const YamlNode& root, BookDiagnostics& diagnostics) {
  const std::string help =
      "a rule book is a map with the one key `rules`, a list; without rules: `rules: []`";
  if (root.kind != YamlKind::kMap) {
    diagnostics.add({root.offset, "this is no rule book: it has no `rules:`", "", help});
    return nullptr;
  }
  const YamlNode* rules = nullptr;
  for (std::size_t i = 0; i + 1 < root.items.size(); i += 2) {
    const YamlNode& key = root.items[i];
    if (key.scalar != "rules") {
      diagnostics.add({key.offset, "unknown key " + in_quotes(key.scalar) + " beside `rules`", "", help});
    } else if (rules != nullptr) {
      diagnostics.add({key.offset, "the key \"rules\" stands here a second time", "", "keep one list"});
    } else {
      rules = &root.items[i + 1];
    }
  }
  if (rules == nullptr) diagnostics.add({root.offset, "this is no rule book: it has no `rules:`", "", help});
  return rules;
}

}  // namespace

std::vector<ReadRule> read_rules(const YamlNode& root, BookDiagnostics& diagnostics) {
  const YamlNode* list = rules_node(root, diagnostics);
  std::vector<ReadRule> rules;
  if (list == nullptr || list->kind == YamlKind::kNull) return rules;
  if (list->kind != YamlKind::kList) {
    diagnostics.add({list->offset, "`rules` is not a list", "", "begin each rule with `- name: …`"});
    return rules;
  }
  for (const YamlNode& item : list->items)
    rules.push_back(RuleReader(item, rules.size() + 1, diagnostics).read());
  return rules;
}

}  // namespace logsieve
