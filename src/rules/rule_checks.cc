#include "rules/rule_checks.h"

#include <algorithm>
#include <fmt/core.h>
#include <map>
#include <optional>
#include <re2/re2.h>
#include <string>
#include <string_view>
#include <utility>

#include "record/label_set.h"
#include "rules/pattern_syntax.h"
#include "rules/required_literals.h"

namespace logsieve {
namespace {

constexpr std::string_view kSyntaxHelp = "patterns are RE2 syntax: no look-around, no back-references";
// Saying how far a match got compiles every prefix of the pattern; past these sizes it is not worth the time.
constexpr std::size_t kMaxTracedPattern = 512;
constexpr std::size_t kMaxTracedSample = 4096;
constexpr std::size_t kShownSampleBytes = 80;

std::optional<re2::StringPiece> find_match(const RE2& re2, std::string_view text) {
  re2::StringPiece whole;
  if (!re2.Match(re2::StringPiece(text.data(), text.size()), 0, text.size(), RE2::UNANCHORED, &whole, 1))
    return std::nullopt;
  return whole;
}

std::string shown(std::string_view sample) {
  if (sample.size() <= kShownSampleBytes) return fmt::format("\"{}\"", sample);
  return fmt::format("\"{}...\"", sample.substr(0, kShownSampleBytes));
}

// The parenthesis that has no partner; only for patterns that have one.
std::size_t lone_parenthesis(std::string_view pattern) {
  std::vector<std::size_t> open;
  for (const std::size_t place : parentheses(pattern)) {
    if (pattern[place] == '(') {
      open.push_back(place);
    } else {
      if (open.empty()) return place;
      open.pop_back();
    }
  }
  return open.empty() ? 0 : open.back();
}

// Where in the pattern RE2's complaint belongs.
std::size_t place_of_error(const RE2& re2, std::string_view pattern) {
  if (re2.error_code() == RE2::ErrorMissingParen || re2.error_code() == RE2::ErrorUnexpectedParen)
    return lone_parenthesis(pattern);
  const std::string& part = re2.error_arg();
  for (std::size_t at = pattern.find(part); at != std::string_view::npos; at = pattern.find(part, at + 1)) {
    std::size_t backslashes = 0;
    while (backslashes < at && pattern[at - backslashes - 1] == '\\') ++backslashes;
    if (backslashes % 2 == 0) return at;  // an odd number: the text is escaped here, and means another thing
  }
  return 0;
}

// How much of a pattern still matches, where the whole does not.
struct Progress {
  std::size_t pattern_bytes = 0;
  std::size_t sample_bytes = 0;  // end of the match of that much
};

Progress trace_miss(std::string_view pattern, std::string_view sample) {
  if (pattern.size() > kMaxTracedPattern || sample.size() > kMaxTracedSample) return {};
  for (std::size_t bytes = pattern.size() - 1; bytes > 0; --bytes) {
    const RE2 prefix(re2::StringPiece(pattern.data(), bytes), RE2::Quiet);
    if (!prefix.ok()) continue;
    const auto match = find_match(prefix, sample);
    if (match && !match->empty())
      return {bytes, static_cast<std::size_t>(match->data() + match->size() - sample.data())};
  }
  return {};
}

class RuleChecker {
 public:
  RuleChecker(const ReadRule& read, LiteralReader& reader, BookDiagnostics& diagnostics)
      : read_(read), rule_(read.rule), reader_(reader), diagnostics_(diagnostics) {}

  void check() {
    check_word(read_.name, rule_.name, "name");
    if (read_.empty_label == nullptr) check_word(read_.label, rule_.label, "label");
    if (rule_.label == kUnclassified)
      problem(read_.label->offset, fmt::format("has the label \"{}\", which is no label", kUnclassified), "",
              "it is what logsieve answers when it is not sure: leave such lines without a rule");
    check_word(read_.source, rule_.source, "source");
    if (rule_.match.size() + rule_.no_match.size() > kMaxSamplesPerRule)
      problem(read_.map->offset, fmt::format("has more than {} samples", kMaxSamplesPerRule));
    if (read_.pattern != nullptr) check_pattern();
  }

 private:
  void problem(std::size_t offset, std::string_view what, std::string note = {}, std::string help = {}) {
    diagnostics_.add({offset, fmt::format("{} {}", read_.title, what), std::move(note), std::move(help)});
  }
  std::size_t pattern_place(std::size_t offset) const {
    return place_in_scalar(diagnostics_.text(), *read_.pattern, offset);
  }

  void check_word(const YamlNode* node, const std::string& word, std::string_view key) {
    if (node == nullptr) return;
    const bool has_control =
        std::any_of(word.begin(), word.end(), [](unsigned char c) { return c < 0x20 || c == 0x7F; });
    if (word.empty()) {
      problem(node->offset, fmt::format("has an empty {}", key));
    } else if (word.size() > kMaxNameBytes) {
      problem(node->offset, fmt::format("has a {} of more than {} bytes", key, kMaxNameBytes));
    } else if (has_control || word.front() == ' ' || word.back() == ' ') {
      problem(node->offset, fmt::format("has a {} with control characters, or spaces at its ends", key));
    }
  }

  void check_pattern() {
    const std::string& pattern = rule_.pattern;
    const std::size_t begin = read_.pattern->offset;
    if (pattern.empty()) return problem(begin, "has an empty pattern");
    if (pattern.size() > kMaxPatternBytes)
      return problem(
          begin, fmt::format("has a pattern of {} bytes; the limit is {}", pattern.size(), kMaxPatternBytes),
          "", "split it into several rules");
    const RE2 re2(pattern, RE2::Quiet);
    if (!re2.ok())
      return problem(pattern_place(place_of_error(re2, pattern)), "has a bad pattern: " + re2.error(), "here",
                     std::string(kSyntaxHelp));
    const auto needed = reader_.read(pattern);
    if (find_match(re2, "") || (needed && needed->min_length == 0))
      return problem(begin, "has a pattern that can match without a single character", "",
                     "such a pattern fits almost every line: ask for at least one character");
    check_samples(re2);
  }

  void check_samples(const RE2& re2) {
    for (std::size_t i = 0; i < rule_.match.size(); ++i)
      if (is_checkable(*read_.match[i]) && !find_match(re2, rule_.match[i])) report_miss(i);
    for (std::size_t i = 0; i < rule_.no_match.size(); ++i) {
      if (!is_checkable(*read_.no_match[i])) continue;
      if (const auto match = find_match(re2, rule_.no_match[i])) report_false_match(i, *match);
    }
  }

  bool is_checkable(const YamlNode& sample) {
    if (sample.scalar.size() <= kMaxSampleBytes) return true;
    problem(sample.offset, fmt::format("has a sample of more than {} bytes", kMaxSampleBytes));
    return false;
  }

  void report_miss(std::size_t index) {
    const std::string& sample = rule_.match[index];
    const Progress progress = diagnostics_.is_full() ? Progress{} : trace_miss(rule_.pattern, sample);
    std::string note = "no part of the pattern matches";
    if (progress.pattern_bytes > 0)
      note = fmt::format("matched up to here: \"{}|{}\"", sample.substr(0, progress.sample_bytes),
                         sample.substr(progress.sample_bytes, kShownSampleBytes));
    problem(pattern_place(progress.pattern_bytes), "misses its own sample " + shown(sample), std::move(note),
            fmt::format("the sample under `match` in line {} must match the pattern",
                        diagnostics_.line_of(read_.match[index]->offset)));
  }

  void report_false_match(std::size_t index, const re2::StringPiece& match) {
    const std::string& sample = rule_.no_match[index];
    const auto begin = static_cast<std::size_t>(match.data() - sample.data());
    problem(place_in_scalar(diagnostics_.text(), *read_.no_match[index], begin),
            "matches its no_match sample " + shown(sample),
            "matches here: " + shown(std::string_view(match.data(), match.size())),
            fmt::format("no sample under `no_match` may match the pattern in line {}",
                        diagnostics_.line_of(read_.pattern->offset)));
  }

  const ReadRule& read_;
  const Rule& rule_;
  LiteralReader& reader_;
  BookDiagnostics& diagnostics_;
};

// One message, since a draft has hundreds of them.
void check_empty_labels(const std::vector<ReadRule>& rules, BookDiagnostics& diagnostics) {
  const ReadRule* first = nullptr;
  std::size_t others = 0;
  for (const ReadRule& read : rules) {
    if (read.empty_label == nullptr) continue;
    if (first != nullptr) ++others;
    if (first == nullptr) first = &read;
  }
  if (first == nullptr) return;
  const std::string more = others == 0 ? ""
                                       : fmt::format(", as {} more rule{} {}", others, others == 1 ? "" : "s",
                                                     others == 1 ? "has" : "have");
  diagnostics.add(
      {first->empty_label->offset, fmt::format("{} has an empty label{}", first->title, more), "",
       "is it a draft? `logsieve rules check DRAFT LOGS --unlabelled --out BOOK` writes a book of the "
       "rules that have one"});
}

void check_names(const std::vector<ReadRule>& rules, BookDiagnostics& diagnostics) {
  std::map<std::string_view, const ReadRule*> seen;
  for (const ReadRule& read : rules) {
    if (read.name == nullptr || read.rule.name.empty()) continue;
    const auto [first, is_new] = seen.emplace(read.rule.name, &read);
    if (is_new) continue;
    const std::size_t line = diagnostics.line_of(first->second->name->offset);
    diagnostics.add(
        {read.name->offset, fmt::format("the name \"{}\" is used twice", read.rule.name), "",
         fmt::format("it stands first in line {}; verdicts name their rule, so names must differ", line)});
  }
}

}  // namespace

void check_rules(const std::vector<ReadRule>& rules, BookDiagnostics& diagnostics) {
  if (rules.size() > kMaxRules) {
    diagnostics.add(
        {0, fmt::format("{} rules; the limit is {}", rules.size(), kMaxRules), "", "split the book"});
    return;
  }
  LiteralReader reader;
  for (const ReadRule& read : rules) RuleChecker(read, reader, diagnostics).check();
  check_empty_labels(rules, diagnostics);
  check_names(rules, diagnostics);
}

}  // namespace logsieve
