#include "rules/rule_engine.h"

#include <algorithm>
#include <bit>
#include <cassert>
#include <limits>
#include <numeric>
#include <re2/re2.h>
#include <utility>

#include "rules/word_index.h"

namespace logsieve {
namespace {

constexpr std::uint32_t kAnySource = 0;
constexpr std::uint32_t kUnknownSource = std::numeric_limits<std::uint32_t>::max();
constexpr std::size_t kWordBits = 64;

// Rank 0 wins over all others: by priority, then by the order of the file.
std::vector<std::uint32_t> rules_by_rank(const std::vector<Rule>& rules) {
  std::vector<std::uint32_t> order(rules.size());
  std::iota(order.begin(), order.end(), 0U);
  std::stable_sort(order.begin(), order.end(),
                   [&](std::uint32_t a, std::uint32_t b) { return rules[a].priority > rules[b].priority; });
  return order;
}

std::vector<std::string> distinct_sources(const std::vector<Rule>& rules) {
  std::vector<std::string> sources;
  for (const Rule& rule : rules)
    if (!rule.source.empty()) sources.push_back(rule.source);
  std::sort(sources.begin(), sources.end());
  sources.erase(std::unique(sources.begin(), sources.end()), sources.end());
  return sources;
}

}  // namespace

struct RuleEngine::Scratch::State {
  WordIndex::Scratch words;
  std::vector<std::unique_ptr<RE2>> re2;  // by rank; null until the rule's first trial
};

struct RuleEngine::Impl {
  RuleBook book;
  std::vector<std::uint32_t> order;         // by rank: index in the book
  std::vector<std::string> sources;         // sorted
  std::vector<std::uint32_t> rank_sources;  // by rank: kAnySource, or the place among the sources + 1
  WordIndex words;                          // of the patterns by rank

  std::uint32_t source_id(std::string_view source) const {
    const auto it = std::lower_bound(sources.begin(), sources.end(), source);
    if (it == sources.end() || *it != source) return kUnknownSource;
    return static_cast<std::uint32_t>(it - sources.begin()) + 1;
  }
  const Rule& rule_at(std::size_t rank) const { return book.rules()[order[rank]]; }
  bool is_match(std::size_t rank, std::string_view message, Scratch::State& scratch) const;
};

bool RuleEngine::Impl::is_match(std::size_t rank, std::string_view message, Scratch::State& scratch) const {
  std::unique_ptr<RE2>& re2 = scratch.re2[rank];
  if (!re2) re2 = std::make_unique<RE2>(rule_at(rank).pattern, RE2::Quiet);
  return re2->Match(re2::StringPiece(message.data(), message.size()), 0, message.size(), RE2::UNANCHORED,
                    nullptr, 0);
}

RuleEngine::Scratch::Scratch() = default;
RuleEngine::Scratch::Scratch(Scratch&&) noexcept = default;
RuleEngine::Scratch& RuleEngine::Scratch::operator=(Scratch&&) noexcept = default;
RuleEngine::Scratch::~Scratch() = default;

RuleEngine::RuleEngine(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
RuleEngine::RuleEngine(RuleEngine&&) noexcept = default;
RuleEngine& RuleEngine::operator=(RuleEngine&&) noexcept = default;
RuleEngine::~RuleEngine() = default;

Result<RuleEngine> RuleEngine::compile(RuleBook book) {
  auto impl = std::make_unique<Impl>();
  impl->book = std::move(book);
  impl->order = rules_by_rank(impl->book.rules());
  impl->sources = distinct_sources(impl->book.rules());
  std::vector<std::string> patterns;
  for (std::size_t rank = 0; rank < impl->order.size(); ++rank) {
    const Rule& rule = impl->rule_at(rank);
    impl->rank_sources.push_back(rule.source.empty() ? kAnySource : impl->source_id(rule.source));
    patterns.push_back(rule.pattern);
  }
  auto words = WordIndex::build(patterns);
  if (!words) return std::move(words).error().with_context("compiling the rules");
  impl->words = std::move(*words);
  return RuleEngine(std::move(impl));
}

RuleEngine::Scratch RuleEngine::make_scratch() const {
  Scratch scratch;
  scratch.state_ = std::make_unique<Scratch::State>();
  scratch.state_->words = impl_->words.make_scratch();
  scratch.state_->re2.resize(impl_->order.size());
  return scratch;
}

std::int32_t RuleEngine::match(std::string_view message, std::string_view source, Scratch& scratch) const {
  assert(scratch.state_ != nullptr);
  impl_->words.find(message, scratch.state_->words);
  const std::uint32_t id = impl_->sources.empty() ? kUnknownSource : impl_->source_id(source);
  std::int32_t winner = -1;
  std::vector<std::uint64_t>& candidates = scratch.state_->words.candidates;
  for (std::size_t word = 0; word < candidates.size(); ++word) {
    // All bits are cleared for the next message, also those behind the winner.
    for (std::uint64_t bits = std::exchange(candidates[word], 0); bits != 0 && winner < 0; bits &= bits - 1) {
      const std::size_t rank = word * kWordBits + static_cast<std::size_t>(std::countr_zero(bits));
      const std::uint32_t wanted = impl_->rank_sources[rank];
      if ((wanted == kAnySource || wanted == id) && impl_->is_match(rank, message, *scratch.state_))
        winner = static_cast<std::int32_t>(impl_->order[rank]);
    }
  }
  return winner;
}

std::vector<RuleEngine::Span> RuleEngine::spans(std::size_t index, std::string_view message) const {
  const RE2 re2(impl_->book.rules()[index].pattern, RE2::Quiet);
  std::vector<re2::StringPiece> groups(static_cast<std::size_t>(re2.NumberOfCapturingGroups()) + 1);
  const re2::StringPiece text(message.data(), message.size());
  if (!re2.Match(text, 0, text.size(), RE2::UNANCHORED, groups.data(), static_cast<int>(groups.size())))
    return {};
  const auto span = [&](const std::string& name, const re2::StringPiece& group) {
    const auto begin = static_cast<std::size_t>(group.data() - message.data());
    return Span{name, begin, begin + group.size()};
  };
  std::vector<Span> spans{span("", groups[0])};
  for (const auto& [number, name] : re2.CapturingGroupNames()) {
    const re2::StringPiece& group = groups[static_cast<std::size_t>(number)];
    if (group.data() != nullptr) spans.push_back(span(name, group));
  }
  return spans;
}

const RuleBook& RuleEngine::book() const {
  return impl_->book;
}

std::vector<std::size_t> RuleEngine::rules_without_words() const {
  std::vector<std::size_t> indexes;
  for (const std::uint32_t rank : impl_->words.without_words()) indexes.push_back(impl_->order[rank]);
  return indexes;
}

}  // namespace logsieve
