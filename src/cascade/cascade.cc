#include "cascade/cascade.h"

#include <algorithm>
#include <array>
#include <functional>
#include <unordered_map>
#include <utility>

#include "base/hash.h"
#include "base/threads.h"
#include "cascade/line_numbers.h"
#include "llm/prompt.h"
#include "mask/masker.h"

namespace logsieve {
namespace {

// Lines a worker takes at a time: small enough to share 4,096 lines among many threads, large enough that
// handing them out costs nothing beside masking them.
constexpr std::size_t kLinesPerTask = 256;
constexpr std::size_t kFormsPerTask = 64;  // judged together: a few passes over the labelled forms

struct FormHash {
  using is_transparent = void;
  std::size_t operator()(std::string_view form) const { return xxh3_128(form).low; }
};
// What is remembered of a form. The nearest labelled forms only where the LLM may be asked about it.
struct KnownForm {
  FormJudgement judgement;
  std::vector<std::size_t> nearest;
};
using FormCache = std::unordered_map<std::string, KnownForm, FormHash, std::equal_to<>>;

struct MaskedTask {
  std::string arena;              // the forms of its lines, one after the other
  std::vector<std::size_t> ends;  // [lines]
  std::vector<double> numbers;    // of its lines, one after the other
  std::vector<std::size_t> number_ends;
};
using MaskedTasks = std::vector<MaskedTask>;

std::vector<std::size_t> rows_of(const NearestForms& nearest) {
  std::vector<std::size_t> rows;
  for (std::size_t i = 0; i < nearest.count; ++i) rows.push_back(nearest.forms[i].form);
  return rows;
}

bool contains(std::span<const Tier> tiers, Tier tier) {
  return std::find(tiers.begin(), tiers.end(), tier) != tiers.end();
}

// What may leave the machine of a form. Taking invisible characters out can bring parts of a value together: it is
// masked again before it is redacted.
std::string outgoing_form(std::string_view form) {
  std::string masked;
  mask(prompt_text(form, 4 * kMaxFormBytes), masked);
  return outgoing_text(masked, kMaxFormBytes);
}

}  // namespace

struct Cascade::Impl {
  Bundle bundle;
  SentenceEncoder encoder;
  RuleEngine engine;
  CascadeOptions options;
  DecidedForms decided;
  std::vector<LabelId> rule_labels;            // [rules]
  std::vector<RuleEngine::Scratch> scratches;  // [threads]
  FormCache cache;
  std::uint64_t judged = 0;
  EmbeddingListener listener = {};
  bool keeps_numbers = false;

  std::span<const Tier> route(std::string_view source) const {
    const auto it = options.routes.find(source);
    return it == options.routes.end() ? std::span<const Tier>(kAllTiers) : std::span<const Tier>(it->second);
  }

  bool is_risk(LabelId label) const {
    const auto& risks = options.risk_labels;
    return label != kNoLabel &&
           std::find(risks.begin(), risks.end(), bundle.labels.name(label)) != risks.end();
  }

  void mask_and_match(std::span<const Record> records, MaskedTasks& tasks, std::vector<Verdict>& verdicts);
  void note_labelled(std::string_view form, FormJudgement& judgement) const;
  void apply_decision(std::string_view form, std::span<const float> embedding,
                      FormJudgement& judgement) const;
  bool may_be_asked(const FormJudgement& judgement) const;
  Result<void> judge_all(std::span<const std::string_view> forms, std::span<KnownForm> known) const;
  Result<void> remember_new(std::span<const std::string_view> forms, std::span<const Verdict> verdicts);
};

void Cascade::Impl::mask_and_match(std::span<const Record> records, MaskedTasks& tasks,
                                   std::vector<Verdict>& verdicts) {
  parallel_for(tasks.size(), options.threads, [&](std::size_t task, std::size_t worker) {
    const std::size_t begin = task * kLinesPerTask;
    const std::size_t end = std::min(records.size(), begin + kLinesPerTask);
    std::string form;
    std::vector<MaskedValue> values;
    for (std::size_t i = begin; i < end; ++i) {
      if (keeps_numbers) {
        mask(records[i].message, form, values);
        append_numbers(records[i].message, values, tasks[task].numbers);
        tasks[task].number_ends.push_back(tasks[task].numbers.size());
      } else {
        mask(records[i].message, form);
      }
      tasks[task].arena += form;
      tasks[task].ends.push_back(tasks[task].arena.size());
      if (!contains(route(records[i].source), Tier::kRule)) continue;
      const std::int32_t rule = engine.match(records[i].message, records[i].source, scratches[worker]);
      if (rule < 0) continue;
      verdicts[i] = {rule_labels[static_cast<std::size_t>(rule)], kRuleConfidence, Tier::kRule, rule};
    }
  });
}

// By any route that there is.
bool Cascade::Impl::may_be_asked(const FormJudgement& judgement) const {
  if (!options.opinions.has_llm) return false;
  if (decide(judgement, kAllTiers, options.opinions).asks_llm) return true;
  return std::any_of(options.routes.begin(), options.routes.end(), [&](const auto& entry) {
    return decide(judgement, entry.second, options.opinions).asks_llm;
  });
}

void Cascade::Impl::note_labelled(std::string_view form, FormJudgement& judgement) const {
  const std::size_t nearest = judgement.prototype.nearest;
  if (nearest < bundle.forms.size() && bundle.forms[nearest] == form)
    judgement.labelled = bundle.prototypes.parameters().labels[nearest];
}

void Cascade::Impl::apply_decision(std::string_view form, std::span<const float> embedding,
                                   FormJudgement& judgement) const {
  const auto found = decided.find(form, embedding, judgement.prototype.similarity);
  if (!found) return;
  judgement.is_decided = true;
  judgement.decided = found->label;
  judgement.decided_similarity = found->similarity;
}

// Embeds each form once, for the judgement and for the examples of a question: a second pass would halve the speed
// on a log of unknown forms.
Result<void> Cascade::Impl::judge_all(std::span<const std::string_view> forms,
                                      std::span<KnownForm> known) const {
  std::vector<float> embeddings(forms.size() * kDim);
  if (auto encoded = encoder.encode(forms, embeddings, options.threads); !encoded) return encoded;
  parallel_for((forms.size() + kFormsPerTask - 1) / kFormsPerTask, options.threads,
               [&](std::size_t task, std::size_t) {
                 const std::size_t begin = task * kFormsPerTask;
                 const std::size_t count = std::min(kFormsPerTask, forms.size() - begin);
                 const auto block = std::span<const float>(embeddings).subspan(begin * kDim, count * kDim);
                 std::array<FormJudgement, kFormsPerTask> judgements;
                 std::array<NearestForms, kFormsPerTask> near;
                 const std::size_t wanted = options.opinions.has_llm ? count : 0;
                 judge_embeddings(bundle, block, std::span(judgements).first(count),
                                  std::span(near).first(wanted));
                 for (std::size_t i = 0; i < count; ++i) {
                   note_labelled(forms[begin + i], judgements[i]);
                   apply_decision(forms[begin + i], block.subspan(i * kDim, kDim), judgements[i]);
                   known[begin + i].judgement = judgements[i];
                   if (may_be_asked(judgements[i])) known[begin + i].nearest = rows_of(near[i]);
                 }
               });
  if (listener)
    for (std::size_t i = 0; i < forms.size(); ++i)
      listener(forms[i], std::span<const float>(embeddings).subspan(i * kDim, kDim));
  return ok();
}

// Judges the forms of undecided lines that the cache does not hold yet.
Result<void> Cascade::Impl::remember_new(std::span<const std::string_view> forms,
                                         std::span<const Verdict> verdicts) {
  if (cache.size() > options.max_cached_forms) cache.clear();
  std::vector<std::string_view> fresh;
  for (std::size_t i = 0; i < forms.size(); ++i) {
    if (verdicts[i].tier == Tier::kRule || cache.contains(forms[i])) continue;
    fresh.push_back(cache.try_emplace(std::string(forms[i])).first->first);
  }
  if (fresh.empty()) return ok();
  std::vector<KnownForm> known(fresh.size());
  if (auto judged_now = judge_all(fresh, known); !judged_now) return judged_now;
  for (std::size_t i = 0; i < fresh.size(); ++i) cache.find(fresh[i])->second = std::move(known[i]);
  judged += fresh.size();
  return ok();
}

Cascade::Cascade(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Cascade::Cascade(Cascade&&) noexcept = default;
Cascade& Cascade::operator=(Cascade&&) noexcept = default;
Cascade::~Cascade() = default;

Result<Cascade> Cascade::open(Bundle bundle, SentenceEncoder encoder, CascadeOptions options) {
  if (encoder.weights_sha256() != bundle.encoder_weights_sha256 ||
      encoder.vocab_sha256() != bundle.encoder_vocab_sha256)
    return Error{ErrorCode::kCorruptModel, "the encoder is not the one that this bundle was trained with"}
        .with_help("name the right folder by LOGSIEVE_ENCODER_DIR, or train again with this one");
  if (bundle.mask_version != kMaskVersion)
    return Error{ErrorCode::kCorruptModel, "the bundle was trained with mask version " +
                                               std::to_string(bundle.mask_version) + ", this program has " +
                                               std::to_string(kMaskVersion)}
        .with_help("train the bundle again: logsieve train DATA.csv --out DIR");
  std::vector<LabelId> rule_labels;
  for (const Rule& rule : bundle.rules.rules()) {
    rule_labels.push_back(bundle.labels.find(rule.label));
    if (rule_labels.back() == kNoLabel)
      return Error{
          ErrorCode::kInvalidRule,
          "rule \"" + rule.name + "\" has a label that the bundle does not know: \"" + rule.label + "\""};
  }
  auto engine = RuleEngine::compile(bundle.rules);
  if (!engine) return std::move(engine).error();
  options.threads = std::max<std::size_t>(options.threads, 1);
  auto decided = DecidedForms::create(options.decided, bundle.labels, encoder, options.threads);
  if (!decided) return std::move(decided).error();
  auto impl = std::make_unique<Impl>(Impl{std::move(bundle),
                                          std::move(encoder),
                                          std::move(*engine),
                                          std::move(options),
                                          std::move(*decided),
                                          std::move(rule_labels),
                                          {},
                                          {},
                                          0,
                                          {}});
  for (std::size_t i = 0; i < impl->options.threads; ++i)
    impl->scratches.push_back(impl->engine.make_scratch());
  return Cascade(std::move(impl));
}

Result<ResolvedBatch> Cascade::resolve(std::span<const Record> records) {
  auto tasks = std::make_shared<MaskedTasks>((records.size() + kLinesPerTask - 1) / kLinesPerTask);
  ResolvedBatch batch;
  batch.verdicts.resize(records.size());
  impl_->mask_and_match(records, *tasks, batch.verdicts);
  batch.forms.reserve(records.size());
  for (const MaskedTask& task : *tasks) {
    std::size_t begin = 0;
    for (const std::size_t end : task.ends) {
      batch.forms.push_back(std::string_view(task.arena).substr(begin, end - begin));
      begin = end;
    }
    begin = 0;
    for (const std::size_t end : task.number_ends) {
      batch.numbers.push_back(std::span(task.numbers).subspan(begin, end - begin));
      begin = end;
    }
  }
  batch.storage = std::move(tasks);
  if (auto remembered = impl_->remember_new(batch.forms, batch.verdicts); !remembered)
    return std::move(remembered).error();
  for (std::size_t i = 0; i < records.size(); ++i) {
    if (batch.verdicts[i].tier == Tier::kRule) continue;
    const FormJudgement& judgement = impl_->cache.find(batch.forms[i])->second.judgement;
    const Decision decision = decide(judgement, impl_->route(records[i].source), impl_->options.opinions);
    batch.verdicts[i] = decision.verdict;
    if (decision.asks_llm) batch.pending.push_back({i, decision.is_second_opinion});
  }
  return batch;
}

Verdict Cascade::settle(const Verdict& provisional, bool is_second_opinion, const LlmAnswer& answer) const {
  const Verdict nothing{kNoLabel, 0.0F, Tier::kNone, -1};
  if (answer.status == LlmStatus::kUnavailable || impl_->is_risk(provisional.label)) return provisional;
  // "Unclassified" is no opinion of its own: the model's verdict stands, a line without one stays without.
  if (answer.status == LlmStatus::kAbstained) return is_second_opinion ? provisional : nothing;
  if (is_second_opinion && answer.label == provisional.label) return provisional;
  if (is_second_opinion && impl_->options.on_disagreement == Disagreement::kAbstain) return nothing;
  return {answer.label, kLlmConfidence, Tier::kLlm, -1};
}

Result<std::vector<float>> Cascade::embed(std::string_view form) const {
  std::vector<float> embedding(kDim);
  if (auto encoded = impl_->encoder.encode({&form, 1}, embedding, 1); !encoded)
    return std::move(encoded).error();
  return embedding;
}

void Cascade::listen_to_embeddings(EmbeddingListener listener) {
  impl_->listener = std::move(listener);
}

void Cascade::keep_numbers(bool keeps) {
  impl_->keeps_numbers = keeps;
}

Result<FormJudgement> Cascade::judge(std::string_view form) const {
  if (const auto known = impl_->cache.find(form); known != impl_->cache.end()) return known->second.judgement;
  KnownForm judged;
  if (auto done = impl_->judge_all({&form, 1}, {&judged, 1}); !done) return std::move(done).error();
  return judged.judgement;
}

Result<LlmQuestion> Cascade::question(std::string_view form) const {
  std::vector<std::size_t> rows;
  if (const auto known = impl_->cache.find(form); known != impl_->cache.end()) rows = known->second.nearest;
  if (rows.empty()) {
    auto embedding = embed(form);
    if (!embedding) return std::move(embedding).error();
    for (const Neighbour& neighbour : impl_->bundle.prototypes.nearest(*embedding, NearestForms::kMost))
      rows.push_back(neighbour.form);
  }
  LlmQuestion question;
  question.form = outgoing_form(form);
  for (const std::size_t row : rows)
    question.examples.emplace_back(
        impl_->bundle.forms[row],
        std::string(impl_->bundle.labels.name(impl_->bundle.prototypes.parameters().labels[row])));
  return question;
}

const Bundle& Cascade::bundle() const {
  return impl_->bundle;
}
const RuleEngine& Cascade::rules() const {
  return impl_->engine;
}
std::uint64_t Cascade::judged_forms() const {
  return impl_->judged;
}

}  // namespace logsieve
