#include "training/discover/certification.h"

#include <algorithm>
#include <fmt/format.h>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include "rules/rule_checks.h"
#include "training/discover/labelled_messages.h"
#include "training/discover/rule_proof.h"

namespace logsieve {
namespace {

// The lines of one source, and what proves rules on them.
struct SourceLines {
  SourceLines(const LabelledData& data, std::string_view source)
      : messages(data, {source, false}), prover(data, messages) {}
  LabelledMessages messages;
  RuleProver prover;
};

struct Doubt {
  std::string reason;  // empty: none
  std::string other = {};
  std::string witness = {};
};

class Certifier {
 public:
  Certifier(const RuleBook& book, const LabelledData& data, LabelledBy labelled_by, const BookReview& review)
      : book_(book), data_(data), labelled_by_(labelled_by), review_(review) {
    for (const RuleFinding& finding : review.findings) {
      findings_[finding.rule].push_back(&finding);
      if (finding.kind == FindingKind::kContradicts) findings_[finding.other].push_back(&finding);
    }
  }

  Result<CertifiedBook> run() {
    CertifiedBook out;
    std::vector<Rule> rules = book_.rules();
    for (Rule& rule : rules) rule.certificate.reset();
    std::size_t bytes = rules_to_yaml(rules).size();
    if (bytes > kMaxBookBytes)
      return Error{ErrorCode::kInvalidRule,
                   fmt::format("written anew, the book has {} bytes; the limit is {}", bytes, kMaxBookBytes)}
          .with_help("split the book");
    for (std::size_t i = 0; i < rules.size(); ++i) {
      Rule rule = book_.rules()[i];
      bool is_kept = false;
      Doubt doubt = certify(i, rule, is_kept);
      const std::size_t more = text_size(rule) - text_size(rules[i]);
      if (doubt.reason.empty() && bytes + more > kMaxBookBytes)
        doubt = {"with its certificate the book would be larger than a book may be"};
      if (!doubt.reason.empty()) {
        out.unproved.push_back({FindingKind::kUnproved, rule.name, std::move(doubt.other),
                                std::move(doubt.witness), std::move(doubt.reason)});
        continue;
      }
      ++out.certified;
      out.kept += is_kept ? 1U : 0U;
      bytes += more;
      rules[i] = std::move(rule);
    }
    auto book = RuleBook::parse(rules_to_yaml(rules), "the book, written anew");
    if (!book) return std::move(book).error();
    out.book = std::move(*book);
    return out;
  }

 private:
  static std::size_t text_size(const Rule& rule) { return rules_to_yaml({&rule, 1}).size(); }

  // `is_kept`: the rule keeps the certificate that it came with.
  Doubt certify(std::size_t index, Rule& rule, bool& is_kept) {
    if (Doubt doubt = doubt_of_review(rule); !doubt.reason.empty()) return doubt;
    RuleProof proof =
        lines_of(rule.source)
            .prover.prove({rule.pattern, data_.labels.find(rule.label), 1, {}, rule.match.front()});
    const bool has_no_line = proof.refusal == kRefusedWithoutLine;
    if (!proof.refusal.empty() && !(has_no_line && may_keep(rule)))
      return {std::move(proof.refusal), "", std::move(proof.witness)};
    if (const auto& other = review_.undecided_with[index])
      return {"whether a text fits it and a rule of another label is open", book_.rules()[*other].name};
    if (!has_no_line && has(rule, FindingKind::kNeverFires))
      return {"every line is decided by a rule before it"};
    // The names that people gave to lines prove more than those that the book gives.
    is_kept = has_no_line ||
              (may_keep(rule) && labelled_by_ == LabelledBy::kBook && !rule.certificate->is_labelled_by_book);
    if (is_kept) return {};
    rule.certificate = std::move(proof.certificate);
    rule.certificate->is_labelled_by_book = labelled_by_ == LabelledBy::kBook;
    add_near_misses(std::move(proof.near_misses), rule);
    return {};
  }

  Doubt doubt_of_review(const Rule& rule) const {
    const auto found = findings_.find(rule.name);
    if (found == findings_.end()) return {};
    for (const RuleFinding* finding : found->second) {
      if (finding->kind == FindingKind::kContradicts && finding->is_grave)
        return {"a text fits it and a rule of another label",
                finding->rule == rule.name ? finding->other : finding->rule, finding->sample};
      if (finding->kind == FindingKind::kUnreachable || finding->kind == FindingKind::kShadowed)
        return {"a rule before it decides all its samples", finding->other, finding->sample};
    }
    return {};
  }

  bool may_keep(const Rule& rule) const {
    return rule.certificate && !has(rule, FindingKind::kBrokenCertificate);
  }

  bool has(const Rule& rule, FindingKind kind) const {
    const auto found = findings_.find(rule.name);
    return found != findings_.end() &&
           std::any_of(found->second.begin(), found->second.end(),
                       [&](const RuleFinding* finding) { return finding->kind == kind; });
  }

  const SourceLines& lines_of(const std::string& source) {
    std::unique_ptr<SourceLines>& lines = of_source_[source];
    if (!lines) lines = std::make_unique<SourceLines>(data_, source);
    return *lines;
  }

  static void add_near_misses(std::vector<std::string> misses, Rule& rule) {
    for (std::string& miss : misses) {
      const bool is_new = std::find(rule.no_match.begin(), rule.no_match.end(), miss) == rule.no_match.end();
      if (is_new && rule.match.size() + rule.no_match.size() < kMaxSamplesPerRule)
        rule.no_match.push_back(std::move(miss));
    }
  }

  const RuleBook& book_;
  const LabelledData& data_;
  LabelledBy labelled_by_;
  const BookReview& review_;
  std::map<std::string_view, std::vector<const RuleFinding*>> findings_;  // by rule
  std::map<std::string, std::unique_ptr<SourceLines>> of_source_;
};

}  // namespace

Result<CertifiedBook> certify_book(const RuleBook& book, const LabelledData& data, LabelledBy labelled_by,
                                   const BookReview& review) {
  return Certifier(book, data, labelled_by, review).run();
}

}  // namespace logsieve
