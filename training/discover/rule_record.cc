#include "training/discover/rule_record.h"

#include <algorithm>
#include <fmt/format.h>
#include <map>
#include <re2/re2.h>
#include <utility>

#include "rules/pattern_automaton.h"
#include "rules/pattern_demand.h"
#include "rules/rule_engine.h"
#include "training/discover/labelled_messages.h"
#include "training/discover/rule_proof.h"
#include "training/fit/scores.h"

namespace logsieve {
namespace {

constexpr double kBookRounding = 1e-4;  // of precision_bound

// The distinct lines of one source, and how many carry each label.
struct SourceMessages {
  SourceMessages(const LabelledData& data, std::string_view source) : messages(data, {source, false}) {
    for (const LabelledMessage& message : messages.all()) ++of_label[message.label];
  }
  LabelledMessages messages;
  std::map<LabelId, std::size_t> of_label;
};

void record_matches(const Rule& rule, LabelId label, const LabelledData& data, const SourceMessages& source,
                    RuleRecord& record) {
  const RE2 re2(rule.pattern, RE2::Quiet);
  const auto automaton = PatternAutomaton::make(rule.pattern);
  const MatchedMessages matched =
      matched_messages(re2, automaton ? demanded_prefix(*automaton) : "", label, source.messages);
  const auto all = source.messages.all();
  record.matched_wrong = matched.foreign.size();
  if (!matched.foreign.empty()) {
    const LabelledMessage& wrong = all[matched.foreign.front()];
    record.first_matched_wrong = {std::string(wrong.text), wrong.label == kNoLabel
                                                               ? "Unclassified, or in several ways"
                                                               : std::string(data.labels.name(wrong.label))};
  }
  RuleCertificate& counts = record.counts;
  count_matched(matched.own, source.messages, counts);
  const auto own = label == kNoLabel ? source.of_label.end() : source.of_label.find(label);
  counts.other_messages = all.size() - (own == source.of_label.end() ? 0 : own->second);
  if (counts.messages > 0) counts.precision_bound = wilson_interval(counts.messages, counts.messages).low;
  counts.data_sha256 = data.sha256;
}

}  // namespace

Result<std::vector<RuleRecord>> record_rules(const RuleBook& book, const LabelledData& data) {
  auto engine = RuleEngine::compile(book);
  if (!engine) return std::move(engine).error();
  RuleEngine::Scratch scratch = engine->make_scratch();
  std::vector<RuleRecord> records(book.rules().size());
  std::vector<LabelId> labels;
  for (const Rule& rule : book.rules()) labels.push_back(data.labels.find(rule.label));
  const auto add = [&](const LabelledLine& line) {
    const std::int32_t rule = engine->match(line.message, line.source, scratch);
    if (rule < 0) return;
    RuleRecord& record = records[static_cast<std::size_t>(rule)];
    ++record.decided;
    if (line.label != kNoLabel && line.label == labels[static_cast<std::size_t>(rule)]) return;
    if (record.wrong++ == 0) record.first_wrong = {line.message, std::string(data.labels.name(line.label))};
  };
  for (const LabelledLine& line : data.lines) add(line);
  for (const LabelledLine& line : data.counterexamples) add(line);
  std::map<std::string_view, SourceMessages> of_source;
  for (std::size_t i = 0; i < records.size(); ++i) {
    const Rule& rule = book.rules()[i];
    if (!rule.certificate) continue;
    const SourceMessages& source = of_source.try_emplace(rule.source, data, rule.source).first->second;
    record_matches(rule, labels[i], data, source, records[i]);
  }
  return records;
}

std::string contradiction(const Rule& rule, const RuleRecord& record, LabelledBy labelled_by) {
  if (!rule.certificate) return "";
  if (record.matched_wrong > 0)
    return fmt::format("{} distinct line{} of other labels match{}; this one is labelled {}",
                       record.matched_wrong, record.matched_wrong == 1 ? "" : "s",
                       record.matched_wrong == 1 ? "es" : "", record.first_matched_wrong.label);
  const RuleCertificate& said = *rule.certificate;
  const RuleCertificate& found = record.counts;
  if (said.data_sha256.empty() || said.data_sha256 != found.data_sha256 ||
      said.is_labelled_by_book != (labelled_by == LabelledBy::kBook))
    return "";
  // Other lines are known only while the book names the same ones. Fewer are no false claim.
  const bool claims_others = !said.is_labelled_by_book && said.other_messages > found.other_messages;
  if (said.messages == found.messages && said.lines == found.lines && said.forms == found.forms &&
      !claims_others && said.held_out <= said.other_messages &&
      said.precision_bound <= found.precision_bound + kBookRounding)
    return "";
  return fmt::format(
      "it says lines {}, distinct {}, forms {}, of other labels {}, precision {:.4f}; the same data has {}, "
      "{}, {}, {}, "
      "{:.4f}",
      said.lines, said.messages, said.forms, said.other_messages, said.precision_bound, found.lines,
      found.messages, found.forms, found.other_messages, found.precision_bound);
}

}  // namespace logsieve
