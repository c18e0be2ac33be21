#include "training/discover/rule_proof.h"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <re2/re2.h>
#include <set>
#include <utility>

#include "anomaly/timestamp.h"
#include "rules/pattern_automaton.h"
#include "rules/pattern_demand.h"
#include "rules/rule_checks.h"
#include "training/discover/near_misses.h"
#include "training/fit/scores.h"

namespace logsieve {
namespace {

re2::StringPiece piece(std::string_view text) {
  return {text.data(), text.size()};
}

// The latest of the timestamps that can be read, as it stands in the data; of equal times the last in order of bytes.
std::string last_timestamp(const LabelledData& data) {
  TimeMs latest = 0;
  std::string text;
  for (const LabelledLine& line : data.lines) {
    const auto found = parse_timestamp(line.timestamp, 0, 0);
    if (!found || (!text.empty() && found->time < latest)) continue;
    if (text.empty() || found->time > latest || line.timestamp > text) text = line.timestamp;
    latest = found->time;
  }
  return text;
}

// Whether the text can stand in a book.
bool is_sample(std::string_view text) {
  return text.size() <= kMaxSampleBytes;
}

}  // namespace

MatchedMessages matched_messages(const re2::RE2& pattern, std::string_view prefix, LabelId label,
                                 const LabelledMessages& messages) {
  MatchedMessages matched;
  for (const LabelledMessage& message : messages.with_prefix(prefix)) {
    if (!RE2::PartialMatch(piece(message.text), pattern)) continue;
    const bool is_own = label != kNoLabel && message.label == label;
    (is_own ? matched.own : matched.foreign)
        .push_back(static_cast<std::size_t>(&message - messages.all().data()));
  }
  return matched;
}

void count_matched(std::span<const std::size_t> matched, const LabelledMessages& messages,
                   RuleCertificate& certificate) {
  std::set<std::size_t> forms;
  for (const std::size_t message : matched) {
    forms.insert(messages.all()[message].form);
    certificate.lines += messages.all()[message].lines;
  }
  certificate.messages = matched.size();
  certificate.forms = forms.size();
}

RuleProver::RuleProver(const LabelledData& data, const LabelledMessages& messages)
    : messages_(messages), of_label_(data.labels.size()), until_(last_timestamp(data)), sha256_(data.sha256) {
  for (const LabelledMessage& message : messages.all()) {
    count(message, all_);
    if (message.label != kNoLabel) count(message, of_label_[static_cast<std::size_t>(message.label)]);
  }
}

void RuleProver::count(const LabelledMessage& message, Counts& counts) {
  ++counts.messages;
  if (message.is_held_out) ++counts.held_out;
}

RuleProof RuleProver::prove(const RuleClaim& claim) const {
  RuleProof proof;
  if (claim.pattern.size() > kMaxPatternBytes) {
    proof.refusal = "longer than a pattern may be";
    return proof;
  }
  const RE2 re2(piece(claim.pattern), RE2::Quiet);
  const auto automaton = PatternAutomaton::make(claim.pattern);
  if (!re2.ok() || !automaton || re2.ProgramSize() > kMostProgramSize) {
    proof.refusal = re2.ok() ? "larger than an automaton should be" : "not text that RE2 can read";
    return proof;
  }
  const PatternDemand demand = pattern_demand(*automaton);
  if (demand.literal_bytes < kLeastLiteralBytes || demand.literal_words < kLeastLiteralWords) {
    proof.refusal = fmt::format("fewer than {} letters or {} words that never change", kLeastLiteralBytes,
                                kLeastLiteralWords);
    return proof;
  }
  try_on_messages(re2, demanded_prefix(*automaton), claim, proof);
  if (proof.refusal.empty()) try_near_misses(re2, claim, proof);
  return proof;
}

void RuleProver::try_on_messages(const re2::RE2& re2, std::string_view prefix, const RuleClaim& claim,
                                 RuleProof& proof) const {
  MatchedMessages matched = matched_messages(re2, prefix, claim.label, messages_);
  if (!matched.foreign.empty()) {
    // Lines with a say come first: the others may only say what those leave open.
    const auto with_say =
        std::find_if(matched.foreign.begin(), matched.foreign.end(),
                     [&](std::size_t message) { return !messages_.all()[message].is_held_out; });
    const bool is_held_out = with_say == matched.foreign.end();
    proof.refusal = is_held_out ? kRefusedByHeldOut : "matches lines of other labels";
    proof.witness = messages_.all()[is_held_out ? matched.foreign.front() : *with_say].text;
    return;
  }
  proof.matched = std::move(matched.own);
  if (!std::includes(proof.matched.begin(), proof.matched.end(), claim.members.begin(),
                     claim.members.end())) {
    proof.refusal = "misses lines that it was made from";
  } else if (proof.matched.size() < claim.min_messages) {
    proof.refusal = claim.min_messages == 1 ? std::string(kRefusedWithoutLine)
                                            : fmt::format("fewer than {} distinct lines", claim.min_messages);
  }
  if (!proof.refusal.empty()) return;
  RuleCertificate& certificate = proof.certificate;
  count_matched(proof.matched, messages_, certificate);
  const Counts& own = of_label_[static_cast<std::size_t>(claim.label)];
  certificate.other_messages = all_.messages - own.messages;
  certificate.held_out = all_.held_out - own.held_out;
  // Rounded down to what the book states.
  certificate.precision_bound =
      std::floor(1e4 * wilson_interval(certificate.messages, certificate.messages).low) / 1e4;
  certificate.data_sha256 = sha256_;
  certificate.until = until_;
}

void RuleProver::try_near_misses(const re2::RE2& re2, const RuleClaim& claim, RuleProof& proof) const {
  std::string_view sample = claim.sample;
  for (const std::size_t message : proof.matched)
    if (sample.empty() && is_sample(messages_.all()[message].text)) sample = messages_.all()[message].text;
  if (sample.empty()) {
    proof.refusal = "its lines are longer than a sample may be";
    return;
  }
  for (std::string& miss : near_misses(claim.pattern, std::string(sample))) {
    if (RE2::PartialMatch(miss, re2)) {
      proof.refusal = kRefusedByNearMiss;
      proof.witness = std::move(miss);
      return;
    }
    if (is_sample(miss)) proof.near_misses.push_back(std::move(miss));
  }
}

}  // namespace logsieve
