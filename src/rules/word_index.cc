#include "rules/word_index.h"

#include <map>
#include <utility>

#include "rules/required_literals.h"

namespace logsieve {
namespace {

constexpr std::size_t kWordBits = 64;
const Literal kLongS{"\xC5\xBF"};
const Literal kKelvin{"\xE2\x84\xAA"};

void add(std::uint32_t pattern, std::vector<std::uint64_t>& candidates) {
  candidates[pattern / kWordBits] |= std::uint64_t{1} << (pattern % kWordBits);
}

void add_all(const std::vector<std::uint32_t>& patterns, std::vector<std::uint64_t>& candidates) {
  for (const std::uint32_t pattern : patterns) add(pattern, candidates);
}

}  // namespace

// What Vectorscan calls back with.
struct WordIndex::Words {
  const WordIndex& index;
  Scratch& scratch;
};

Result<WordIndex> WordIndex::build(const std::vector<std::string>& patterns) {
  WordIndex index;
  index.patterns_ = patterns.size();
  LiteralReader reader;
  std::map<Literal, std::vector<Posting>> words;  // sorted, so that the same book gives the same index
  for (std::uint32_t pattern = 0; pattern < patterns.size(); ++pattern) {
    const RequiredLiterals needed = reader.read(patterns[pattern]).value_or(RequiredLiterals{});
    for (const Clauses& clauses : needed.alternatives) {
      const auto alternative = static_cast<std::uint32_t>(index.alternatives_.size());
      index.alternatives_.push_back({pattern, static_cast<std::uint8_t>((1U << clauses.size()) - 1)});
      for (std::size_t clause = 0; clause < clauses.size(); ++clause)
        for (const Literal& literal : clauses[clause])
          words[literal].push_back({alternative, static_cast<std::uint8_t>(1U << clause)});
    }
    if (needed.alternatives.empty()) index.without_words_.push_back(pattern);
    if (needed.folds_s_or_k) index.fold_s_or_k_.push_back(pattern);
  }
  std::vector<Literal> literals;
  for (const auto& [literal, postings] : words) {
    literals.push_back(literal);
    index.posting_begin_.push_back(static_cast<std::uint32_t>(index.postings_.size()));
    index.postings_.insert(index.postings_.end(), postings.begin(), postings.end());
  }
  index.posting_begin_.push_back(static_cast<std::uint32_t>(index.postings_.size()));
  index.first_odd_fold_ = static_cast<std::uint32_t>(literals.size());
  if (!index.fold_s_or_k_.empty()) literals.insert(literals.end(), {kLongS, kKelvin});
  auto scanner = LiteralScanner::compile(literals);
  if (!scanner) return std::move(scanner).error();
  index.scanner_ = std::move(*scanner);
  return index;
}

WordIndex::Scratch WordIndex::make_scratch() const {
  Scratch scratch;
  scratch.scan = scanner_.make_scratch();
  scratch.clauses_met.resize(alternatives_.size());
  scratch.touched.reserve(alternatives_.size());
  scratch.candidates.resize((patterns_ + kWordBits - 1) / kWordBits);
  return scratch;
}

void WordIndex::on_hit(void* context, std::uint32_t literal) {
  const auto& [index, scratch] = *static_cast<const Words*>(context);
  if (literal >= index.first_odd_fold_) {
    scratch.has_odd_fold = true;
    return;
  }
  for (std::uint32_t i = index.posting_begin_[literal]; i < index.posting_begin_[literal + 1]; ++i) {
    const auto [alternative, clause] = index.postings_[i];
    std::uint8_t& met = scratch.clauses_met[alternative];
    if (met == 0) scratch.touched.push_back(alternative);
    met = static_cast<std::uint8_t>(met | clause);
  }
}

void WordIndex::find(std::string_view text, Scratch& scratch) const {
  Words words{*this, scratch};
  const bool is_scanned = scanner_.scan(text, scratch.scan, &on_hit, &words);
  for (const std::uint32_t number : scratch.touched) {
    const auto [pattern, all_clauses] = alternatives_[number];
    if (std::exchange(scratch.clauses_met[number], std::uint8_t{0}) == all_clauses)
      add(pattern, scratch.candidates);
  }
  scratch.touched.clear();
  add_all(without_words_, scratch.candidates);
  if (std::exchange(scratch.has_odd_fold, false)) add_all(fold_s_or_k_, scratch.candidates);
  if (is_scanned) return;
  for (std::uint32_t pattern = 0; pattern < patterns_; ++pattern) add(pattern, scratch.candidates);
}

}  // namespace logsieve
