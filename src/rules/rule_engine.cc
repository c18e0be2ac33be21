#include "rules/rule_engine.h"

#include <algorithm>
#include <bit>
#include <cassert>
#include <hs/hs.h>
#include <limits>
#include <new>
#include <numeric>
#include <re2/re2.h>
#include <utility>

#include "rules/compiled_patterns.h"
#include "rules/pattern_bytes.h"

namespace logsieve {
namespace {

constexpr std::uint32_t kAnySource = 0;
constexpr std::uint32_t kUnknownSource = std::numeric_limits<std::uint32_t>::max();
constexpr std::uint32_t kNoRank = std::numeric_limits<std::uint32_t>::max();
constexpr std::size_t kWordBits = 64;

struct ScratchDeleter {
  void operator()(hs_scratch_t* scratch) const { hs_free_scratch(scratch); }
};
using ScratchPtr = std::unique_ptr<hs_scratch_t, ScratchDeleter>;

bool re2_matches(const RE2& re2, std::string_view text) {
  return re2.Match(re2::StringPiece(text.data(), text.size()), 0, text.size(), RE2::UNANCHORED, nullptr, 0);
}

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

// A rule at its rank: rank 0 wins over all others.
struct RankedRule {
  std::uint32_t index = 0;   // in the book
  std::uint32_t source = 0;  // kAnySource, or its place among the sources + 1
  RunTraits run;
  std::unique_ptr<RE2> re2;
};

}  // namespace

struct RuleEngine::Scratch::State {
  ScratchPtr scan;                      // null where there is no database
  std::vector<std::uint64_t> doubtful;  // a bit a rank, for RE2 to decide; all zero between matches
};

struct RuleEngine::Impl {
  RuleBook book;
  std::vector<std::string> patterns;  // by rank
  CompiledPatterns compiled;          // by rank
  std::vector<std::string> sources;   // sorted
  std::vector<RankedRule> ranked;
  std::vector<std::uint32_t> re2_only;     // ranks
  std::vector<std::uint32_t> fold_s_or_k;  // ranks
  ScratchPtr prototype;
  bool is_cached = false;

  void rank_rules();
  std::uint32_t source_id(std::string_view source) const;
  bool is_considered(std::uint32_t rank, std::uint32_t source) const {
    return ranked[rank].source == kAnySource || ranked[rank].source == source;
  }
  std::uint32_t match(std::string_view message, std::uint32_t source, Scratch::State& scratch) const;
  std::uint32_t one_by_one(std::string_view message, std::uint32_t source) const;
};

namespace {

// One scan's state; what Vectorscan calls back with.
struct Scan {
  const std::vector<RankedRule>& ranked;
  std::vector<std::uint64_t>& doubtful;
  std::uint32_t source;
  bool is_ascii;
  std::uint32_t best = kNoRank;  // of those that need no second opinion

  void doubt(std::uint32_t rank) { doubtful[rank / kWordBits] |= std::uint64_t{1} << (rank % kWordBits); }

  bool needs_re2(const RankedRule& rule) const {
    return rule.run.mode != RunMode::kExact || (rule.run.is_wide && !is_ascii);
  }

  // Nonzero stops the scan: nothing wins over rank 0.
  static int on_hit(unsigned rank, unsigned long long, unsigned long long, unsigned, void* context) {
    Scan& scan = *static_cast<Scan*>(context);
    const RankedRule& rule = scan.ranked[rank];
    if (rule.source != kAnySource && rule.source != scan.source) return 0;
    if (scan.needs_re2(rule)) {
      scan.doubt(rank);
      return 0;
    }
    scan.best = std::min(scan.best, rank);
    return scan.best == 0 ? 1 : 0;
  }

  // The best rank once RE2 has spoken on the doubtful ones, which are all cleared.
  std::uint32_t settle(std::string_view message) {
    for (std::size_t word = 0; word < doubtful.size(); ++word) {
      std::uint64_t bits = std::exchange(doubtful[word], 0);
      for (; bits != 0; bits &= bits - 1) {
        const auto rank =
            static_cast<std::uint32_t>(word * kWordBits) + static_cast<std::uint32_t>(std::countr_zero(bits));
        if (rank < best && re2_matches(*ranked[rank].re2, message)) best = rank;
      }
    }
    return best;
  }
};

}  // namespace

void RuleEngine::Impl::rank_rules() {
  sources = distinct_sources(book.rules());
  const std::vector<std::uint32_t> order = rules_by_rank(book.rules());
  for (std::uint32_t rank = 0; rank < order.size(); ++rank) {
    const Rule& rule = book.rules()[order[rank]];
    const RunTraits& run = compiled.traits[rank];
    ranked.push_back({order[rank], rule.source.empty() ? kAnySource : source_id(rule.source), run,
                      std::make_unique<RE2>(rule.pattern, RE2::Quiet)});
    if (run.mode == RunMode::kRe2Only) re2_only.push_back(rank);
    if (run.folds_s_or_k) fold_s_or_k.push_back(rank);
  }
}

std::uint32_t RuleEngine::Impl::source_id(std::string_view source) const {
  const auto it = std::lower_bound(sources.begin(), sources.end(), source);
  if (it == sources.end() || *it != source) return kUnknownSource;
  return static_cast<std::uint32_t>(it - sources.begin()) + 1;
}

std::uint32_t RuleEngine::Impl::match(std::string_view message, std::uint32_t source,
                                      Scratch::State& scratch) const {
  Scan scan{ranked, scratch.doubtful, source, is_ascii(message)};
  if (compiled.database) {
    const char* begin = message.empty() ? "" : message.data();
    const auto size = static_cast<unsigned>(message.size());
    const hs_error_t status = hs_scan_vector(compiled.database.get(), &begin, &size, 1, 0, scratch.scan.get(),
                                             &Scan::on_hit, &scan);
    if (status == HS_SCAN_TERMINATED) return scan.settle(message);
    assert(status == HS_SUCCESS);  // anything else is a wrong argument, such as another engine's scratch
  }
  for (const std::uint32_t rank : re2_only)
    if (is_considered(rank, source)) scan.doubt(rank);
  if (!scan.is_ascii && !fold_s_or_k.empty() && has_odd_fold(message))
    for (const std::uint32_t rank : fold_s_or_k)
      if (is_considered(rank, source)) scan.doubt(rank);
  return scan.settle(message);
}

std::uint32_t RuleEngine::Impl::one_by_one(std::string_view message, std::uint32_t source) const {
  for (std::uint32_t rank = 0; rank < ranked.size(); ++rank)
    if (is_considered(rank, source) && re2_matches(*ranked[rank].re2, message)) return rank;
  return kNoRank;
}

RuleEngine::Scratch::Scratch() = default;
RuleEngine::Scratch::Scratch(Scratch&&) noexcept = default;
RuleEngine::Scratch& RuleEngine::Scratch::operator=(Scratch&&) noexcept = default;
RuleEngine::Scratch::~Scratch() = default;

RuleEngine::RuleEngine(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
RuleEngine::RuleEngine(RuleEngine&&) noexcept = default;
RuleEngine& RuleEngine::operator=(RuleEngine&&) noexcept = default;
RuleEngine::~RuleEngine() = default;

Result<RuleEngine> RuleEngine::compile(RuleBook book, std::string_view cache) {
  auto impl = std::make_unique<Impl>();
  impl->book = std::move(book);
  for (const std::uint32_t index : rules_by_rank(impl->book.rules()))
    impl->patterns.push_back(impl->book.rules()[index].pattern);
  auto cached = from_cache(cache, impl->patterns);
  impl->is_cached = cached.has_value();
  if (cached) {
    impl->compiled = std::move(*cached);
  } else {
    auto compiled = compile_patterns(impl->patterns);
    if (!compiled) return std::move(compiled).error().with_context("compiling the rules");
    impl->compiled = std::move(*compiled);
  }
  impl->rank_rules();
  hs_scratch_t* scratch = nullptr;
  if (impl->compiled.database && hs_alloc_scratch(impl->compiled.database.get(), &scratch) != HS_SUCCESS)
    return Error{ErrorCode::kInternal, "no scratch memory for the rule engine"};
  impl->prototype.reset(scratch);
  return RuleEngine(std::move(impl));
}

std::string RuleEngine::serialize() const {
  return to_cache(impl_->compiled, impl_->patterns);
}
bool RuleEngine::came_from_cache() const {
  return impl_->is_cached;
}
const RuleBook& RuleEngine::book() const {
  return impl_->book;
}

RuleEngine::Scratch RuleEngine::make_scratch() const {
  Scratch scratch;
  scratch.state_ = std::make_unique<Scratch::State>();
  scratch.state_->doubtful.resize((impl_->ranked.size() + kWordBits - 1) / kWordBits);
  hs_scratch_t* clone = nullptr;
  if (impl_->prototype && hs_clone_scratch(impl_->prototype.get(), &clone) != HS_SUCCESS)
    throw std::bad_alloc();
  scratch.state_->scan.reset(clone);
  return scratch;
}

std::int32_t RuleEngine::match(std::string_view message, std::string_view source, Scratch& scratch) const {
  assert(scratch.state_ != nullptr);
  const std::uint32_t id = impl_->sources.empty() ? kUnknownSource : impl_->source_id(source);
  // Vectorscan counts bytes in 32 bits.
  const bool is_scannable = message.size() <= std::numeric_limits<unsigned>::max();
  const std::uint32_t rank =
      is_scannable ? impl_->match(message, id, *scratch.state_) : impl_->one_by_one(message, id);
  return rank == kNoRank ? -1 : static_cast<std::int32_t>(impl_->ranked[rank].index);
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

std::vector<std::size_t> RuleEngine::rules_left_to_re2() const {
  std::vector<std::size_t> indexes;
  for (const std::uint32_t rank : impl_->re2_only) indexes.push_back(impl_->ranked[rank].index);
  return indexes;
}

}  // namespace logsieve
