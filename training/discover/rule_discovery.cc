#include "training/discover/rule_discovery.h"

#include <algorithm>
#include <cctype>
#include <fmt/format.h>
#include <functional>
#include <map>
#include <set>
#include <string_view>
#include <utility>

#include "base/number_of.h"
#include "base/threads.h"
#include "rules/pattern_automaton.h"
#include "rules/pattern_demand.h"
#include "rules/rule_checks.h"
#include "training/discover/given_rules.h"
#include "training/discover/induction.h"
#include "training/discover/labelled_messages.h"
#include "training/discover/line_shape.h"
#include "training/discover/rule_proof.h"

namespace logsieve {
namespace {

constexpr std::size_t kNameWords = 5;
// Half of what a book may hold is left to rules that people write.
constexpr std::size_t kMostRules = kMaxRules / 2;
constexpr std::size_t kMostRuleBytes = kMaxBookBytes / 2;
constexpr std::size_t kNumberBytes = 8;  // that joined_books may add to a name

// A candidate that has been tried on all lines.
struct Proof {
  Candidate candidate;
  LabelId label = kNoLabel;
  RuleProof proof;
  std::size_t made_from_lines = 0;
  std::vector<std::string> match;
};

// Adds a text that a book can hold and that is not there yet.
void add_sample(std::string_view text, std::vector<std::string>& samples) {
  if (text.size() <= kMaxSampleBytes && std::find(samples.begin(), samples.end(), text) == samples.end())
    samples.emplace_back(text);
}

class CandidateProver {
 public:
  CandidateProver(const LabelledData& data, const LabelledMessages& messages, const DiscoveryOptions& options)
      : messages_(messages), options_(options), prover_(data, messages) {}

  // Tries the whole group; where lines with a say forbid it, its parts. Held-out lines refuse and change nothing.
  std::vector<Proof> prove(CandidateGroup group, LabelId label) const {
    std::vector<Proof> proofs;
    Proof whole = prove_one(std::move(group.whole), label);
    if (group.parts.empty() || whole.proof.refusal.empty() || whole.proof.refusal == kRefusedByHeldOut) {
      proofs.push_back(std::move(whole));
      return proofs;
    }
    for (Candidate& part : group.parts) proofs.push_back(prove_one(std::move(part), label));
    return proofs;
  }

 private:
  Proof prove_one(Candidate candidate, LabelId label) const {
    Proof out;
    out.candidate = std::move(candidate);
    out.label = label;
    for (const std::size_t member : out.candidate.members)
      out.made_from_lines += messages_.all()[member].lines;
    out.proof =
        prover_.prove({out.candidate.pattern, label, options_.min_messages, out.candidate.members, {}});
    if (!out.proof.refusal.empty()) return out;
    add_sample(messages_.all()[out.proof.matched.front()].text, out.match);
    add_sample(messages_.all()[out.proof.matched.back()].text, out.match);
    if (out.match.empty()) add_sample(messages_.all()[out.candidate.members.front()].text, out.match);
    return out;
  }

  const LabelledMessages& messages_;
  const DiscoveryOptions& options_;
  RuleProver prover_;
};

// The messages of a cluster of forms that carry its label.
std::vector<std::size_t> messages_of(const std::vector<std::size_t>& forms, LabelId label,
                                     const LabelledMessages& messages) {
  std::vector<std::size_t> all;
  for (const std::size_t form : forms)
    for (const std::size_t message : messages.of_form()[form])
      if (messages.all()[message].label == label) all.push_back(message);
  std::sort(all.begin(), all.end());
  return all;
}

std::string slug_of(std::string_view label, std::string_view line) {
  std::string slug;
  const auto add = [&](std::string_view word) {
    if (!slug.empty()) slug += '-';
    for (const char c : word) slug += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  };
  std::size_t words = 0;
  const auto add_words = [&](std::string_view text, std::size_t most) {
    words = 0;
    for (const Part& part : line_parts(text)) {
      const std::string_view word = text.substr(part.begin, part.end - part.begin);
      const bool is_plain = std::all_of(
          word.begin(), word.end(), [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); });
      if (part.kind == PartKind::kWord && is_plain && words++ < most) add(word);
    }
  };
  add_words(label, kNameWords);
  add_words(line, kNameWords);
  return slug.empty() ? "rule" : slug.substr(0, kMaxNameBytes / 2);
}

std::string unused_name(std::string name, std::set<std::string>& names) {
  if (names.insert(name).second) return name;
  for (std::size_t number = 2;; ++number)
    if (std::string other = fmt::format("{}-{}", name, number); names.insert(other).second) return other;
}

// Chooses among proofs, the most lines first: no rule without work of its own, none that any text could set
// against a rule of another label, be that discovered or given.
class BookMaker {
 public:
  BookMaker(const LabelledData& data, const LabelledMessages& messages, GivenRules& given,
            const RuleBook& given_book)
      : data_(data), messages_(messages), given_(given), covered_(messages.all().size()) {
    const std::size_t given_bytes = given_book.to_yaml().size();
    most_rules_ = std::min(kMostRules, kMaxRules - given_book.rules().size());
    most_bytes_ = std::min(kMostRuleBytes, kMaxBookBytes - std::min(kMaxBookBytes, given_bytes));
    for (const LabelledMessage& message : messages.all()) is_decided_.push_back(given.decide(message.text));
  }

  // Why the proof does not become a rule; empty if it does.
  std::string take(Proof& proof) {
    if (!label_fault(data_.labels.name(proof.label)).empty()) return "has a label that no book can hold";
    const std::vector<std::size_t>& matched = proof.proof.matched;
    const auto work =
        std::find_if(matched.begin(), matched.end(), [&](std::size_t message) { return is_left(message); });
    if (work == matched.end()) return "every line is matched by a better rule";
    // The sample that shows what the rule is for: no rule before it decides this one.
    add_sample(messages_.all()[*work].text, proof.match);
    auto automaton = PatternAutomaton::make(proof.candidate.pattern);
    if (!automaton) return "larger than an automaton should be";
    PatternOutline outline(*automaton);
    for (const Taken& other : taken_) {
      if (other.label == proof.label || !other.outline.meets(outline)) continue;
      const OverlapResult overlap =
          find_overlap(other.pattern, other.automaton, proof.candidate.pattern, *automaton);
      if (overlap.overlap == Overlap::kFound) return "a text fits it and a rule of another label";
      if (overlap.overlap == Overlap::kUndecided)
        return "whether a text fits it and a rule of another label is open";
    }
    const Overlap given =
        given_.contradict(data_.labels.name(proof.label), proof.candidate.pattern, *automaton, outline);
    if (given == Overlap::kFound) return "a text fits it and a given rule of another label";
    if (given == Overlap::kUndecided)
      return "whether a text fits it and a given rule of another label is open";
    const std::string label(data_.labels.name(proof.label));
    Rule rule{unused_name(slug_of(label, proof.match.front()), names_),
              label,
              proof.candidate.pattern,
              "",
              0,
              proof.match,
              proof.proof.near_misses,
              proof.proof.certificate};
    const std::size_t bytes = rules_to_yaml({&rule, 1}).size() + kNumberBytes;
    if (rules_.size() >= most_rules_ || bytes_ + bytes > most_bytes_) return "comes when the book is full";
    bytes_ += bytes;
    rules_.push_back(std::move(rule));
    for (const std::size_t message : matched) covered_[message] = true;
    taken_.push_back({proof.label, proof.candidate.pattern, std::move(outline), std::move(*automaton)});
    return "";
  }

  std::vector<Rule> rules() && { return std::move(rules_); }
  bool is_covered(std::size_t message) const { return covered_[message]; }
  bool is_given(std::size_t message) const { return is_decided_[message]; }
  // Decided by no rule yet, neither a given one nor one that was taken.
  bool is_left(std::size_t message) const { return !covered_[message] && !is_decided_[message]; }

 private:
  struct Taken {
    LabelId label;
    std::string pattern;
    PatternOutline outline;
    PatternAutomaton automaton;
  };

  const LabelledData& data_;
  const LabelledMessages& messages_;
  GivenRules& given_;
  std::vector<bool> covered_;     // by message: matched by a taken rule
  std::vector<bool> is_decided_;  // by message: by a given rule
  std::vector<Taken> taken_;
  std::set<std::string> names_;
  std::vector<Rule> rules_;
  std::size_t bytes_ = 0;  // of the rules as text
  std::size_t most_rules_ = 0;
  std::size_t most_bytes_ = 0;
};

class RefusalTable {
 public:
  void add(const Proof& proof, const std::string& reason) {
    Refusal& refusal = by_reason_[reason];
    refusal.reason = reason;
    ++refusal.candidates;
    refusal.lines += proof.made_from_lines;
    if (proof.made_from_lines <= largest_[reason]) return;
    largest_[reason] = proof.made_from_lines;
    refusal.example = proof.candidate.pattern;
  }
  std::vector<Refusal> sorted() const {
    std::vector<Refusal> out;
    for (const auto& [unused, refusal] : by_reason_) out.push_back(refusal);
    std::stable_sort(out.begin(), out.end(),
                     [](const Refusal& a, const Refusal& b) { return a.lines > b.lines; });
    return out;
  }

 private:
  std::map<std::string, Refusal> by_reason_;
  std::map<std::string, std::size_t> largest_;
};

// One label's messages that patterns are made from together.
struct Cluster {
  LabelId label = kNoLabel;
  std::vector<std::size_t> messages;
};

using Induce = std::vector<CandidateGroup> (*)(std::span<const std::string_view> messages);

std::vector<Proof> prove_clusters(const std::vector<Cluster>& clusters, Induce induce_from,
                                  const LabelledMessages& messages, const CandidateProver& prover,
                                  std::size_t threads, RefusalTable& refusals) {
  std::vector<std::vector<Proof>> proofs_of(clusters.size());
  parallel_for(clusters.size(), threads, [&](std::size_t i, std::size_t) {
    std::vector<std::string_view> texts;
    for (const std::size_t message : clusters[i].messages) texts.push_back(messages.all()[message].text);
    const auto to_messages = [&](Candidate& candidate) {
      for (std::size_t& member : candidate.members) member = clusters[i].messages[member];
    };
    for (CandidateGroup& group : induce_from(texts)) {
      to_messages(group.whole);
      for (Candidate& part : group.parts) to_messages(part);
      for (Proof& proof : prover.prove(std::move(group), clusters[i].label))
        proofs_of[i].push_back(std::move(proof));
    }
  });
  std::vector<Proof> proofs;
  for (std::vector<Proof>& some : proofs_of) {
    for (Proof& proof : some) {
      if (proof.proof.refusal.empty())
        proofs.push_back(std::move(proof));
      else
        refusals.add(proof, proof.proof.refusal);
    }
  }
  std::sort(proofs.begin(), proofs.end(), [](const Proof& a, const Proof& b) {
    const std::size_t lines_a = a.proof.certificate.lines;
    const std::size_t lines_b = b.proof.certificate.lines;
    return lines_a != lines_b ? lines_a > lines_b : a.candidate.pattern < b.candidate.pattern;
  });
  return proofs;
}

std::vector<Cluster> clusters_by_meaning(const LabelledData& data, const FormClusters& found,
                                         const LabelledMessages& messages) {
  std::vector<Cluster> clusters;
  for (const std::vector<std::size_t>& forms : found.members) {
    const LabelId label = data.forms[forms.front()].label;
    clusters.push_back({label, messages_of(forms, label, messages)});
  }
  return clusters;
}

std::vector<Cluster> clusters_by_label(const LabelledData& data, const LabelledMessages& messages,
                                       const std::function<bool(std::size_t)>& is_in) {
  std::vector<Cluster> clusters(data.labels.size());
  for (std::size_t i = 0; i < messages.all().size(); ++i) {
    const LabelId label = messages.all()[i].label;
    if (label != kNoLabel && is_in(i)) clusters[static_cast<std::size_t>(label)].messages.push_back(i);
  }
  for (std::size_t label = 0; label < clusters.size(); ++label)
    clusters[label].label = static_cast<LabelId>(label);
  return clusters;
}

void count_unshaped(const LabelledMessage& message, Discovery& discovery) {
  if (message.text.size() > kMaxShapedBytes)
    discovery.long_lines += message.lines;
  else if (std::any_of(message.text.begin(), message.text.end(), is_control))
    discovery.control_lines += message.lines;
}

}  // namespace

Result<Discovery> discover_rules(const LabelledData& data, std::span<const float> vectors, std::size_t dim,
                                 const DiscoveryOptions& options, const RuleBook& given) {
  if (vectors.size() != data.forms.size() * dim)
    return Error{ErrorCode::kInvalidArgument, "discovery: not one vector a form"};
  auto given_rules = GivenRules::make(given);
  if (!given_rules) return std::move(given_rules).error();
  Discovery discovery;
  discovery.lines = data.lines.size();
  discovery.labels = data.labels.size();
  discovery.clusters = cluster_forms(data, vectors, dim, options.threads);
  const LabelledMessages messages(data);
  const CandidateProver prover(data, messages, options);
  BookMaker maker(data, messages, *given_rules, given);
  RefusalTable refusals;
  const auto take_from = [&](const std::vector<Cluster>& clusters, Induce induce_from) {
    for (Proof& proof : prove_clusters(clusters, induce_from, messages, prover, options.threads, refusals))
      if (const std::string reason = maker.take(proof); !reason.empty()) refusals.add(proof, reason);
  };
  take_from(clusters_by_meaning(data, discovery.clusters, messages), induce);
  // Only what is still without a rule then is told as refused.
  refusals = RefusalTable();
  // Forms that differ in a name or two lie apart as vectors, and still align as text.
  take_from(clusters_by_label(data, messages, [&](std::size_t message) { return maker.is_left(message); }),
            induce);
  const RefusalTable of_leftovers = refusals;
  // Where all lines carry one label none could speak against an open end.
  if (discovery.labels > 1 || !data.counterexamples.empty())
    take_from(clusters_by_label(data, messages, [](std::size_t) { return true; }), induce_open_ends);
  for (std::size_t i = 0; i < messages.all().size(); ++i) {
    if (messages.all()[i].form == LabelledMessages::kNoForm) continue;
    if (maker.is_covered(i)) discovery.covered_lines += messages.all()[i].lines;
    if (maker.is_given(i)) discovery.given_lines += messages.all()[i].lines;
    if (maker.is_left(i)) count_unshaped(messages.all()[i], discovery);
  }
  discovery.rules = std::move(maker).rules();
  discovery.refusals = of_leftovers.sorted();
  return discovery;
}

Result<RuleBook> joined_books(const RuleBook& first, std::vector<Rule> more) {
  std::set<std::string> names;
  std::vector<Rule> rules = first.rules();
  for (const Rule& rule : rules) names.insert(rule.name);
  for (Rule& rule : more) {
    rule.name = unused_name(std::move(rule.name), names);
    rules.push_back(std::move(rule));
  }
  return RuleBook::parse(rules_to_yaml(rules), "the given rules, written anew");
}

std::vector<std::string> tell_discovery(const Discovery& discovery) {
  std::vector<std::string> out;
  out.push_back(fmt::format(
      "rules       {} discovered, they match {} of {} lines{}; {} clusters at eps {:g}",
      discovery.rules.size(), discovery.covered_lines, discovery.lines,
      discovery.given_lines > 0 ? fmt::format(", given rules decide {}", discovery.given_lines) : "",
      discovery.clusters.members.size(), discovery.clusters.eps));
  for (const EpsTrial& trial : discovery.clusters.trials)
    out.push_back(fmt::format(
        "            eps {:<6g} {:>6} clusters, {}stability {:.3f}", trial.eps, trial.clusters,
        // Of one label all clusters are pure.
        discovery.labels > 1 ? fmt::format("purity {:.4f}, ", trial.purity) : "", trial.stability));
  if (discovery.control_lines > 0)
    out.push_back(fmt::format("            no rule is made from {} with control characters, as colours are",
                              number_of(discovery.control_lines, "line")));
  if (discovery.long_lines > 0)
    out.push_back(fmt::format("            no rule is made from {} of more than {} bytes",
                              number_of(discovery.long_lines, "line"), kMaxShapedBytes));
  if (!discovery.refusals.empty())
    out.push_back("            no rule was made where a candidate is or does this:");
  for (const Refusal& refusal : discovery.refusals)
    out.push_back(fmt::format("              {}: {}, {}", refusal.reason,
                              number_of(refusal.candidates, "candidate"), number_of(refusal.lines, "line")));
  return out;
}

}  // namespace logsieve
