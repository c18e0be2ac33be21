#include "rules/rule_book.h"

#include <fmt/core.h>
#include <utility>

#include "base/file.h"
#include "base/utf8.h"
#include "rules/book_diagnostics.h"
#include "rules/rule_checks.h"
#include "rules/rule_reader.h"
#include "rules/yaml_tree.h"

namespace logsieve {
namespace {

// Single quotes leave backslashes alone, which patterns are full of; what cannot stand in them is escaped.
bool needs_escapes(std::string_view text) {
  for (std::size_t i = 0; i < text.size();) {
    const DecodedCodePoint decoded = decode_utf8(text, i);
    const char32_t c = decoded.code_point;
    if (c < 0x20 || (c >= 0x7F && c < 0xA0) || c == 0x2028 || c == 0x2029 || c == 0xFEFF) return true;
    i += decoded.length;
  }
  return false;
}

std::string yaml_quoted(std::string_view text) {
  std::string out;
  if (!needs_escapes(text)) {
    for (const char c : text) out += c == '\'' ? "''" : std::string(1, c);
    return '\'' + out + '\'';
  }
  for (std::size_t i = 0; i < text.size();) {
    const DecodedCodePoint decoded = decode_utf8(text, i);
    const char32_t c = decoded.code_point;
    if (c == '"' || c == '\\') {
      out += '\\';
      out += static_cast<char>(c);
    } else if (needs_escapes(text.substr(i, decoded.length))) {
      out += c < 0x100 ? fmt::format("\\x{:02x}", static_cast<unsigned>(c))
                       : fmt::format("\\u{:04x}", static_cast<unsigned>(c));
    } else {
      out += text.substr(i, decoded.length);
    }
    i += decoded.length;
  }
  return '"' + out + '"';
}

void append_samples(std::string_view key, const std::vector<std::string>& samples, std::string& out) {
  if (samples.empty()) return;
  out += fmt::format("    {}:\n", key);
  for (const std::string& sample : samples) out += fmt::format("      - {}\n", yaml_quoted(sample));
}

void append_certificate(const RuleCertificate& certificate, std::string& out) {
  out += "    certificate:\n";
  out += fmt::format("      messages: {}\n      lines: {}\n      forms: {}\n", certificate.messages,
                     certificate.lines, certificate.forms);
  out += fmt::format("      other_messages: {}\n      held_out: {}\n      precision_bound: {:.4f}\n",
                     certificate.other_messages, certificate.held_out, certificate.precision_bound);
  if (!certificate.data_sha256.empty())
    out += fmt::format("      data_sha256: {}\n", yaml_quoted(certificate.data_sha256));
  if (!certificate.until.empty()) out += fmt::format("      until: {}\n", yaml_quoted(certificate.until));
  if (certificate.is_labelled_by_book) out += "      labelled_by: book\n";
}

Result<std::string> read_book(const std::filesystem::path& file) {
  auto text = read_file(file, kMaxBookBytes);
  if (text) return text;
  Error error = std::move(text).error();
  if (error.code == ErrorCode::kBadInput) error.code = ErrorCode::kInvalidRule;
  return std::move(error).with_context("loading rules");
}

// The rules of a book that have passed the checks, and those with an empty label, unchecked, where the book may be a
// draft.
struct CheckedRules {
  std::vector<Rule> rules;
  std::vector<Rule> unlabelled;
};

Result<CheckedRules> read_and_check(std::string_view yaml, const std::string& file_name, bool may_be_draft) {
  constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
  if (yaml.substr(0, kByteOrderMark.size()) == kByteOrderMark) yaml.remove_prefix(kByteOrderMark.size());
  if (yaml.size() > kMaxBookBytes)
    return Error{ErrorCode::kInvalidRule, fmt::format("a rule book of more than {} bytes", kMaxBookBytes)}.at(
        file_name);
  BookDiagnostics diagnostics(yaml, file_name);
  const auto root = read_yaml(diagnostics);
  if (!root) return diagnostics.to_error();
  std::vector<ReadRule> read = read_rules(*root, diagnostics);
  CheckedRules checked;
  if (may_be_draft) {
    for (const ReadRule& rule : read)
      if (rule.empty_label != nullptr) checked.unlabelled.push_back(rule.rule);
    std::erase_if(read, [](const ReadRule& rule) { return rule.empty_label != nullptr; });
  }
  check_rules(read, diagnostics);
  if (!diagnostics.empty()) return diagnostics.to_error();
  for (ReadRule& rule : read) checked.rules.push_back(std::move(rule.rule));
  return checked;
}

}  // namespace

Result<RuleBook> RuleBook::load(const std::filesystem::path& file) {
  auto text = read_book(file);
  if (!text) return std::move(text).error();
  return parse(*text, file.string());
}

Result<RuleBook> RuleBook::parse(std::string_view yaml, const std::string& file_name) {
  auto checked = read_and_check(yaml, file_name, false);
  if (!checked) return std::move(checked).error();
  RuleBook book;
  book.rules_ = std::move(checked->rules);
  return book;
}

Result<BookDraft> RuleBook::load_draft(const std::filesystem::path& file) {
  auto text = read_book(file);
  if (!text) return std::move(text).error();
  return parse_draft(*text, file.string());
}

Result<BookDraft> RuleBook::parse_draft(std::string_view yaml, const std::string& file_name) {
  auto checked = read_and_check(yaml, file_name, true);
  if (!checked) return std::move(checked).error();
  BookDraft draft;
  draft.book.rules_ = std::move(checked->rules);
  draft.unlabelled = std::move(checked->unlabelled);
  return draft;
}

std::string rules_to_yaml(std::span<const Rule> rules) {
  if (rules.empty()) return "rules: []\n";
  std::string out = "rules:\n";
  for (const Rule& rule : rules) {
    out += fmt::format("  - name: {}\n    label: {}\n    pattern: {}\n", yaml_quoted(rule.name),
                       yaml_quoted(rule.label), yaml_quoted(rule.pattern));
    if (!rule.source.empty()) out += fmt::format("    source: {}\n", yaml_quoted(rule.source));
    if (rule.priority != 0) out += fmt::format("    priority: {}\n", rule.priority);
    append_samples("match", rule.match, out);
    append_samples("no_match", rule.no_match, out);
    if (rule.certificate) append_certificate(*rule.certificate, out);
  }
  return out;
}

std::string RuleBook::to_yaml() const {
  return rules_to_yaml(rules_);
}

}  // namespace logsieve
