#include "training/discover/book_review.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <map>
#include <memory>
#include <optional>
#include <re2/re2.h>
#include <set>
#include <utility>

#include "base/number_of.h"
#include "base/random.h"
#include "rules/pattern_automaton.h"
#include "rules/pattern_demand.h"
#include "rules/rule_engine.h"
#include "training/discover/rule_record.h"

namespace logsieve {
namespace {

re2::StringPiece piece(std::string_view text) {
  return {text.data(), text.size()};
}

struct CompiledRule {
  const Rule* rule = nullptr;
  std::unique_ptr<RE2> re2;
  std::optional<PatternAutomaton> automaton;
  std::string prefix;  // every text that it matches begins with it
  PatternOutline outline;
  std::vector<std::string> samples;  // `match`
  std::vector<std::string> made;     // texts from random paths that RE2 confirms

  bool matches(std::string_view text) const {
    return text.starts_with(prefix) && RE2::PartialMatch(piece(text), *re2);
  }
  bool is_anchored() const { return automaton && automaton->begins_at_start() && automaton->ends_at_end(); }
};

CompiledRule compiled(const Rule& rule, std::size_t index) {
  CompiledRule out;
  out.rule = &rule;
  out.re2 = std::make_unique<RE2>(piece(rule.pattern), RE2::Quiet);
  out.automaton = PatternAutomaton::make(rule.pattern);
  out.samples = rule.match;
  if (!out.automaton) return out;
  out.prefix = demanded_prefix(*out.automaton);
  out.outline = PatternOutline(*out.automaton);
  Random random(index);
  for (std::size_t i = 0; i < kMadeTexts; ++i)
    if (std::string text = out.automaton->sample(random); out.matches(text))
      out.made.push_back(std::move(text));
  return out;
}

bool can_meet(const Rule& a, const Rule& b) {
  return a.source.empty() || b.source.empty() || a.source == b.source;
}

class Reviewer {
 public:
  explicit Reviewer(const RuleBook& book) {
    for (const Rule& rule : book.rules()) rules_.push_back(compiled(rule, rules_.size()));
    order_.resize(rules_.size());
    for (std::size_t i = 0; i < order_.size(); ++i) order_[i] = i;
    std::stable_sort(order_.begin(), order_.end(), [&](std::size_t a, std::size_t b) {
      return rules_[a].rule->priority > rules_[b].rule->priority;
    });
    rank_.resize(rules_.size());
    for (std::size_t place = 0; place < order_.size(); ++place) rank_[order_[place]] = place;
    review_.rules = rules_.size();
    review_.undecided_with.resize(rules_.size());
  }

  BookReview run() {
    for (std::size_t i = 0; i < rules_.size(); ++i)
      for (std::size_t j = 0; j < i; ++j)
        if (can_meet(*rules_[i].rule, *rules_[j].rule)) compare(j, i);
    for (std::size_t i = 0; i < rules_.size(); ++i) look_for_shadows(i);
    return std::move(review_);
  }

 private:
  // A text that fits both; nullopt where none is known.
  std::optional<std::string> common_text(std::size_t a, std::size_t b) {
    if (!rules_[a].outline.meets(rules_[b].outline)) {
      ++review_.decided_pairs;
      return std::nullopt;
    }
    for (const auto& [from, to] : {std::pair{a, b}, std::pair{b, a}})
      for (const auto* texts : {&rules_[from].samples, &rules_[from].made})
        for (const std::string& text : *texts)
          if (rules_[to].matches(text)) return text;
    if (!(rules_[a].is_anchored() || rules_[b].is_anchored()) || !rules_[a].automaton ||
        !rules_[b].automaton) {
      leave_open(a, b);
      return std::nullopt;
    }
    OverlapResult result = find_overlap(rules_[a].rule->pattern, *rules_[a].automaton,
                                        rules_[b].rule->pattern, *rules_[b].automaton);
    if (result.overlap == Overlap::kFound) return std::move(result.witness);
    if (result.overlap == Overlap::kNone)
      ++review_.decided_pairs;
    else
      leave_open(a, b);
    return std::nullopt;
  }

  void leave_open(std::size_t a, std::size_t b) {
    ++review_.undecided_pairs;
    if (rules_[a].rule->label == rules_[b].rule->label ||
        rules_[a].rule->priority != rules_[b].rule->priority)
      return;
    for (const auto& [rule, other] : {std::pair{a, b}, std::pair{b, a}})
      if (!review_.undecided_with[rule]) review_.undecided_with[rule] = other;
  }

  void compare(std::size_t a, std::size_t b) {
    auto text = common_text(a, b);
    if (!text) return;
    const bool is_same = rules_[a].rule->label == rules_[b].rule->label;
    const Rule& first = *rules_[rank_[a] < rank_[b] ? a : b].rule;
    const bool is_settled = rules_[a].rule->priority != rules_[b].rule->priority;
    const std::string why = is_settled ? "by its priority" : "because it stands first";
    if (is_same) {
      add(FindingKind::kOverlaps, b, a, std::move(*text), fmt::format("{} wins {}", first.name, why));
    } else {
      add(FindingKind::kContradicts, b, a, std::move(*text),
          fmt::format("labels {} and {}; {} wins {}", rules_[b].rule->label, rules_[a].rule->label,
                      first.name, why),
          !is_settled);
    }
  }

  void add(FindingKind kind, std::size_t rule, std::size_t other, std::string sample, std::string detail,
           bool is_grave = false) {
    review_.findings.push_back({kind, rules_[rule].rule->name, rules_[other].rule->name, std::move(sample),
                                std::move(detail), is_grave});
  }

  // The rule that wins `text` over `rule`, or `rule` itself.
  std::size_t winner(const std::string& text, std::size_t rule) const {
    for (const std::size_t other : order_) {
      if (other == rule) break;
      const Rule& before = *rules_[other].rule;
      // A rule of one source takes a text from a rule of all sources only there.
      if ((before.source.empty() || before.source == rules_[rule].rule->source) &&
          rules_[other].matches(text))
        return other;
    }
    return rule;
  }

  void look_for_shadows(std::size_t i) {
    std::size_t first_winner = i;
    const auto all_taken = [&](const std::vector<std::string>& texts) {
      return std::all_of(texts.begin(), texts.end(), [&](const std::string& text) {
        const std::size_t by = winner(text, i);
        if (by != i && first_winner == i) first_winner = by;
        return by != i;
      });
    };
    if (!all_taken(rules_[i].samples)) return;
    const bool is_unreachable = all_taken(rules_[i].made);
    add(is_unreachable ? FindingKind::kUnreachable : FindingKind::kShadowed, i, first_winner,
        rules_[i].samples.front(), fmt::format("{} comes first", rules_[first_winner].rule->name),
        is_unreachable);
  }

  std::vector<CompiledRule> rules_;
  std::vector<std::size_t> order_;  // by priority, then as in the book
  std::vector<std::size_t> rank_;   // by rule: its place in order_
  BookReview review_;
};

void add_data_findings(const RuleBook& book, const std::vector<RuleRecord>& records, LabelledBy labelled_by,
                       BookReview& review) {
  const auto add = [&](FindingKind kind, const Rule& rule, std::string sample, std::string detail,
                       bool is_grave = false) {
    review.findings.push_back({kind, rule.name, "", std::move(sample), std::move(detail), is_grave});
  };
  for (std::size_t i = 0; i < records.size(); ++i) {
    const Rule& rule = book.rules()[i];
    const RuleRecord& record = records[i];
    if (record.wrong > 0)
      add(FindingKind::kWrong, rule, record.first_wrong.message,
          fmt::format("{} of the {} lines that it decides carry another label; this one is labelled {}",
                      record.wrong, record.decided, record.first_wrong.label),
          true);
    if (std::string why = contradiction(rule, record, labelled_by); !why.empty()) {
      add(FindingKind::kBrokenCertificate, rule, record.first_matched_wrong.message, std::move(why), true);
    } else if (rule.certificate && record.counts.messages > 0) {
      const double bound = record.counts.precision_bound;
      if (bound < rule.certificate->precision_bound - 1e-4)  // books round
        add(FindingKind::kWeakerCertificate, rule, "",
            fmt::format("{} distinct lines here prove a precision of {:.3f}, the book says {:.3f}",
                        record.counts.messages, bound, rule.certificate->precision_bound));
    }
    if (record.decided == 0) add(FindingKind::kNeverFires, rule, "", "decides no line of the data");
  }
}

}  // namespace

std::string_view finding_name(FindingKind kind) {
  constexpr std::array<std::string_view, 10> kNames = {
      "contradicts",        "unreachable",        "shadowed",    "overlaps", "wrong",
      "broken certificate", "weaker certificate", "never fires", "swallows", "not proved"};
  return kNames[static_cast<std::size_t>(kind)];
}

Result<BookReview> review_book(const RuleBook& book, const LabelledData* data, LabelledBy labelled_by) {
  BookReview review = Reviewer(book).run();
  if (data != nullptr) {
    review.lines = data->lines.size();
    auto records = record_rules(book, *data);
    if (!records) return std::move(records).error();
    add_data_findings(book, *records, labelled_by, review);
  }
  std::map<std::string_view, std::size_t> place;
  for (std::size_t i = 0; i < book.rules().size(); ++i) place.emplace(book.rules()[i].name, i);
  std::stable_sort(review.findings.begin(), review.findings.end(),
                   [&](const RuleFinding& a, const RuleFinding& b) {
                     const std::size_t place_a = place.at(a.rule);
                     const std::size_t place_b = place.at(b.rule);
                     return place_a != place_b ? place_a < place_b : a.kind < b.kind;
                   });
  return review;
}

Result<std::vector<RuleFinding>> swallowed_kinds(const RuleBook& book, std::span<const Rule> unlabelled) {
  std::vector<RuleFinding> findings;
  if (unlabelled.empty()) return findings;
  auto engine = RuleEngine::compile(book);
  if (!engine) return std::move(engine).error();
  RuleEngine::Scratch scratch = engine->make_scratch();
  struct Swallowed {
    std::set<const Rule*> kinds;  // all lie in one span, so their order is that of the draft
    std::string sample;           // of the first
  };
  std::map<std::int32_t, Swallowed> by_rule;
  for (const Rule& kind : unlabelled) {
    for (const std::string& sample : kind.match) {
      const std::int32_t rule = engine->match(sample, kind.source, scratch);
      if (rule < 0) continue;
      Swallowed& swallowed = by_rule[rule];
      if (swallowed.kinds.empty()) swallowed = {{}, sample};
      swallowed.kinds.insert(&kind);
    }
  }
  for (auto& [rule, swallowed] : by_rule) {
    findings.push_back({FindingKind::kSwallows, book.rules()[static_cast<std::size_t>(rule)].name,
                        (*swallowed.kinds.begin())->name, std::move(swallowed.sample),
                        fmt::format("it decides samples of {} without a label: is that what they are?",
                                    number_of(swallowed.kinds.size(), "rule"))});
  }
  return findings;
}

}  // namespace logsieve
