#include "rules/literal_needs.h"

#include <algorithm>
#include <cctype>
#include <iterator>
#include <utility>

#include "rules/required_literals.h"

namespace logsieve {
namespace {

// A run of more texts becomes a clause: products of classes and alternations grow without end.
constexpr std::size_t kMaxRunTexts = 16;
constexpr std::size_t kMaxClauseLiterals = 64;
constexpr std::size_t kMaxRunBytes = 64;
// A second condition only pays if it is rarely met: every hit costs a call back.
constexpr std::size_t kMinSecondLiteral = 4;
// Lengths are only compared with 0 or each other; they saturate far below overflow.
constexpr std::size_t kLongEnough = 1U << 20U;

void sort_out(LiteralSet& literals) {
  std::sort(literals.begin(), literals.end());
  literals.erase(std::unique(literals.begin(), literals.end()), literals.end());
}

std::size_t shortest(const LiteralSet& literals) {
  std::size_t least = kLongEnough;
  for (const Literal& literal : literals) least = std::min(least, literal.text.size());
  return least;
}

std::string lower(std::string text) {
  for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return text;
}

// Whether every text that holds `longer` holds `part`.
bool implies(const Literal& longer, const Literal& part) {
  if (longer.is_caseless && !part.is_caseless) return false;
  const std::string text = part.is_caseless ? lower(longer.text) : longer.text;
  return text.find(part.text) != std::string::npos;
}

// Without the literals that imply another one: "user " says it for "user id " as well.
LiteralSet without_implied(const LiteralSet& literals) {
  LiteralSet kept;
  for (const Literal& literal : literals) {
    const auto is_said = [&](const Literal& other) { return other != literal && implies(literal, other); };
    if (std::none_of(literals.begin(), literals.end(), is_said)) kept.push_back(literal);
  }
  return kept;
}

// No clause if a literal is too short to say anything.
std::optional<LiteralSet> clause_of(LiteralSet literals) {
  if (literals.empty() || shortest(literals) < kMinLiteral) return std::nullopt;
  for (Literal& literal : literals)
    if (literal.text.size() > kMaxLiteral) literal.text.erase(0, literal.text.size() - kMaxLiteral);
  sort_out(literals);
  if (literals.size() <= kMaxClauseLiterals) literals = without_implied(literals);
  if (literals.size() > kMaxClauseLiterals) return std::nullopt;
  return literals;
}

// The longer its shortest literal and the fewer literals, the rarer is a clause.
bool is_rarer(const LiteralSet& a, const LiteralSet& b) {
  const std::size_t length_a = shortest(a);
  const std::size_t length_b = shortest(b);
  return length_a != length_b ? length_a > length_b : a.size() < b.size();
}

void append(const Literal& tail, Literal& head) {
  if (tail.is_caseless && !head.is_caseless) head.text = lower(std::move(head.text));
  const bool must_lower = head.is_caseless && !tail.is_caseless;
  head.text += must_lower ? lower(tail.text) : tail.text;
  head.is_caseless = head.is_caseless || tail.is_caseless;
}

LiteralSet product(LiteralSet heads, const LiteralSet& tails) {
  if (tails.size() == 1) {  // nearly always: one more letter
    for (Literal& head : heads) append(tails[0], head);
    return heads;
  }
  LiteralSet all;
  for (const Literal& head : heads)
    for (const Literal& tail : tails) append(tail, all.emplace_back(head));
  return all;
}

}  // namespace

Needs needs_texts(LiteralSet texts, std::size_t min_length) {
  sort_out(texts);
  return Needs{.is_exact = true, .texts = std::move(texts), .min_length = min_length};
}

Needs needs_nothing(std::size_t min_length) {
  return Needs{.is_exact = false, .texts = {}, .min_length = min_length};
}

Needs repeated(Needs part, std::size_t low, std::optional<std::size_t> high) {
  if (high == 0) return Needs{};
  if (low == 1 && high == 1) return part;
  if (low == 0 && high == 1 && part.is_exact) {
    part.texts.emplace_back();
    return needs_texts(std::move(part.texts), 0);
  }
  Needs needs = needs_nothing(std::min(part.min_length * low, kLongEnough));
  if (low > 0) needs.clauses = best_clauses(std::move(part));
  return needs;
}

Needs either_of(std::vector<Needs> branches) {
  if (branches.size() == 1) return std::move(branches[0]);
  std::size_t min_length = kLongEnough;
  bool is_exact = true;
  LiteralSet all;
  for (const Needs& branch : branches) {
    min_length = std::min(min_length, branch.min_length);
    is_exact = is_exact && branch.is_exact;
    if (is_exact) all.insert(all.end(), branch.texts.begin(), branch.texts.end());
  }
  sort_out(all);
  if (is_exact && all.size() <= kMaxRunTexts) return needs_texts(std::move(all), min_length);

  Needs needs = needs_nothing(min_length);
  LiteralSet one_of;
  for (Needs& branch : branches) {
    const Clauses clauses = best_clauses(std::move(branch));
    if (clauses.empty()) return needs;
    one_of.insert(one_of.end(), clauses[0].begin(), clauses[0].end());
  }
  if (auto clause = clause_of(std::move(one_of))) needs.clauses.push_back(std::move(*clause));
  return needs;
}

void NeedsSequence::flush() {
  if (auto clause = clause_of(std::exchange(run_, {Literal{}}))) clauses_.push_back(std::move(*clause));
  is_whole_ = false;
}

void NeedsSequence::append(Needs part) {
  min_length_ = std::min(min_length_ + part.min_length, kLongEnough);
  if (!part.is_exact) {
    flush();
    std::move(part.clauses.begin(), part.clauses.end(), std::back_inserter(clauses_));
    return;
  }
  const bool is_long = !run_.empty() && run_[0].text.size() > kMaxRunBytes;
  if (run_.size() * part.texts.size() > kMaxRunTexts || is_long) {
    flush();
    run_ = std::move(part.texts);
  } else {
    run_ = product(std::move(run_), part.texts);
  }
}

Needs NeedsSequence::finish() && {
  if (is_whole_) return needs_texts(std::move(run_), min_length_);
  flush();
  return Needs{.is_exact = false, .texts = {}, .clauses = std::move(clauses_), .min_length = min_length_};
}

Clauses best_clauses(Needs needs) {
  if (needs.is_exact) {
    auto clause = clause_of(std::move(needs.texts));
    return clause ? Clauses{std::move(*clause)} : Clauses{};
  }
  std::stable_sort(needs.clauses.begin(), needs.clauses.end(), is_rarer);
  std::size_t kept = std::min<std::size_t>(needs.clauses.size(), 1);
  while (kept < std::min(needs.clauses.size(), kMaxClauses) &&
         shortest(needs.clauses[kept]) >= kMinSecondLiteral)
    ++kept;
  needs.clauses.resize(kept);
  return std::move(needs.clauses);
}

}  // namespace logsieve
