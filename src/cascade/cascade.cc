#include "cascade/cascade.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdlib>
#include <functional>
#include <unordered_map>
#include <utility>

#include "base/failpoint.h"
#include "base/hash.h"
#include "base/threads.h"
#include "cascade/line_numbers.h"
#include "encoder/form_encoder.h"
#include "llm/prompt.h"
#include "mask/masker.h"

namespace logsieve {
namespace {

// Lines a worker takes at a time: small enough to share 4,096 lines among many threads, large enough that
// handing them out costs nothing beside masking them.
constexpr std::size_t kLinesPerTask = 256;
constexpr std::size_t kFormsPerTask = 64;  // judged together: a few passes over the labelled forms

// Longer forms, of records with a dump in them, hardly ever come twice.
constexpr std::size_t kMaxSharedForm = std::size_t{16} << 10U;

// A record that ends the program, as a fault in a tier would, where a test asks for it.
void die_of_poison(std::span<const Record> records) {
  static const std::string_view poison = failpoint_text("cascade.record");
  if (poison.empty()) return;
  for (const Record& record : records)
    if (record.message.find(poison) != std::string_view::npos) std::abort();
}

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
  std::vector<LabelId> rule_labels;  // [rules]
  FormCache cache;
  std::unordered_map<std::string_view, std::size_t> labelled_rows = {};  // of the bundle's forms
  std::vector<CascadeWorker> workers = {};                               // [threads], of resolve
  std::atomic<std::uint64_t> judged{0};
  EmbeddingListener listener = {};
  bool keeps_numbers = false;

  FormEncoder reader() const { return {encoder, bundle.spelling}; }
  std::span<const Tier> route(std::string_view source) const {
    const auto it = options.routes.find(source);
    return it == options.routes.end() ? std::span<const Tier>(kAllTiers) : std::span<const Tier>(it->second);
  }

  bool is_risk(LabelId label) const {
    const auto& risks = options.risk_labels;
    return label != kNoLabel &&
           std::find(risks.begin(), risks.end(), bundle.labels.name(label)) != risks.end();
  }

  void scan_stretch(std::span<const Record> records, std::span<Verdict> verdicts,
                    std::span<FormEntry*> entries, ScannedLines::Own& own, CascadeWorker& worker) const;
  FormEntry* find_or_add(ScannedLines::Own& own, CascadeWorker& worker) const;
  void note_labelled(std::string_view form, FormJudgement& judgement) const;
  void apply_decision(std::string_view form, std::span<const float> embedding,
                      FormJudgement& judgement) const;
  bool may_be_asked(const FormJudgement& judgement) const;
  Result<void> embed_all(std::span<const std::string_view> forms, std::span<float> embeddings,
                         std::size_t threads) const;
  Result<void> judge_all(std::span<const std::string_view> forms, std::span<KnownForm> known,
                         std::size_t threads) const;
};

FormEntry* Cascade::Impl::find_or_add(ScannedLines::Own& own, CascadeWorker& worker) const {
  if (worker.form.size() <= kMaxSharedForm) return worker.front.find_or_add(worker.form);
  return own.long_forms.emplace_back(std::make_unique<FormEntry>(worker.form, Hash128{})).get();
}

void Cascade::Impl::scan_stretch(std::span<const Record> records, std::span<Verdict> verdicts,
                                 std::span<FormEntry*> entries, ScannedLines::Own& own,
                                 CascadeWorker& worker) const {
  die_of_poison(records);
  for (std::size_t i = 0; i < records.size(); ++i) {
    const Record& record = records[i];
    if (keeps_numbers) {
      mask(record.message, worker.form, worker.values);
      append_numbers(record.message, worker.values, own.numbers);
      own.number_ends.push_back(own.numbers.size());
    } else {
      mask(record.message, worker.form);
    }
    entries[i] = find_or_add(own, worker);
    if (!contains(route(record.source), Tier::kRule)) continue;
    const std::int32_t rule = engine.match(record.message, record.source, worker.rules);
    if (rule < 0) continue;
    verdicts[i] = {rule_labels[static_cast<std::size_t>(rule)], kRuleConfidence, Tier::kRule, rule};
  }
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

// A form that the bundle was trained with has its vector there.
Result<void> Cascade::Impl::embed_all(std::span<const std::string_view> forms, std::span<float> embeddings,
                                      std::size_t threads) const {
  std::vector<std::string_view> unknown;
  std::vector<std::size_t> places;
  const std::vector<float>& vectors = bundle.prototypes.parameters().vectors;
  for (std::size_t i = 0; i < forms.size(); ++i) {
    const auto known = labelled_rows.find(forms[i]);
    if (known == labelled_rows.end()) {
      unknown.push_back(forms[i]);
      places.push_back(i);
    } else {
      std::copy_n(vectors.data() + known->second * kDim, kDim, embeddings.data() + i * kDim);
    }
  }
  if (unknown.size() == forms.size()) return reader().encode(forms, embeddings, threads);
  std::vector<float> encoded(unknown.size() * kDim);
  if (auto done = reader().encode(unknown, encoded, threads); !done) return done;
  for (std::size_t i = 0; i < places.size(); ++i)
    std::copy_n(encoded.data() + i * kDim, kDim, embeddings.data() + places[i] * kDim);
  return ok();
}

// Embeds each form once, for the judgement and for the examples of a question: a second pass would halve the speed
// on a log of unknown forms.
Result<void> Cascade::Impl::judge_all(std::span<const std::string_view> forms, std::span<KnownForm> known,
                                      std::size_t threads) const {
  std::vector<float> embeddings(forms.size() * kDim);
  if (auto embedded = embed_all(forms, embeddings, threads); !embedded) return embedded;
  parallel_for((forms.size() + kFormsPerTask - 1) / kFormsPerTask, threads,
               [&](std::size_t task, std::size_t) {
                 const std::size_t begin = task * kFormsPerTask;
                 const std::size_t count = std::min(kFormsPerTask, forms.size() - begin);
                 const auto block = std::span<const float>(embeddings).subspan(begin * kDim, count * kDim);
                 std::array<FormJudgement, kFormsPerTask> judgements;
                 std::array<NearestForms, kFormsPerTask> near;
                 const std::size_t wanted = options.opinions.has_llm ? count : 0;
                 judge_forms(bundle, &encoder, forms.subspan(begin, count), block,
                             std::span(judgements).first(count), std::span(near).first(wanted));
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
  auto decided = DecidedForms::create(options.decided, bundle.labels, FormEncoder(encoder, bundle.spelling),
                                      options.threads);
  if (!decided) return std::move(decided).error();
  const std::size_t cache_bytes = options.max_cache_bytes;
  std::unique_ptr<Impl> impl(new Impl{std::move(bundle), std::move(encoder), std::move(*engine),
                                      std::move(options), std::move(*decided), std::move(rule_labels),
                                      FormCache(cache_bytes)});
  for (std::size_t row = 0; row < impl->bundle.forms.size(); ++row)
    impl->labelled_rows.try_emplace(impl->bundle.forms[row], row);
  Cascade cascade(std::move(impl));
  for (std::size_t i = 0; i < cascade.impl_->options.threads; ++i)
    cascade.impl_->workers.push_back(cascade.make_worker());
  return cascade;
}

CascadeWorker Cascade::make_worker() const {
  return {impl_->engine.make_scratch(), {}, {}, {}};
}

ScannedLines Cascade::scan(std::span<const Record> records, CascadeWorker& worker) const {
  ScannedLines lines;
  lines.table = impl_->cache.table();
  lines.verdicts.resize(records.size());
  lines.entries.resize(records.size());
  lines.own.resize(1);
  worker.front.use(lines.table);
  impl_->scan_stretch(records, lines.verdicts, lines.entries, lines.own[0], worker);
  return lines;
}

std::vector<FormEntry*> Cascade::claim(const ScannedLines& lines, std::vector<const FormEntry*>& awaited) {
  std::vector<FormEntry*> claimed;
  for (std::size_t i = 0; i < lines.entries.size(); ++i) {
    FormEntry* const entry = lines.entries[i];
    if (lines.verdicts[i].tier == Tier::kRule || entry->is_judged.load(std::memory_order_acquire)) continue;
    awaited.push_back(entry);
    if (!entry->is_claimed.exchange(true, std::memory_order_relaxed)) claimed.push_back(entry);
  }
  return claimed;
}

Result<void> Cascade::judge(std::span<FormEntry* const> claimed, std::size_t threads) const {
  if (claimed.empty()) return ok();
  std::vector<std::string_view> forms;
  forms.reserve(claimed.size());
  for (const FormEntry* entry : claimed) forms.push_back(entry->form);
  std::vector<KnownForm> known(forms.size());
  if (auto judged = impl_->judge_all(forms, known, threads); !judged) return judged;
  for (std::size_t i = 0; i < claimed.size(); ++i) {
    claimed[i]->known = std::move(known[i]);
    claimed[i]->is_judged.store(true, std::memory_order_release);
  }
  impl_->judged += claimed.size();
  return ok();
}

ResolvedBatch Cascade::verdicts_of(std::span<const Record> records, ScannedLines lines) const {
  ResolvedBatch batch;
  auto kept = std::make_shared<ScannedLines>(std::move(lines));
  batch.verdicts = std::move(kept->verdicts);
  batch.forms.reserve(records.size());
  for (const FormEntry* entry : kept->entries) batch.forms.push_back(entry->form);
  for (const ScannedLines::Own& own : kept->own) {
    std::size_t begin = 0;
    for (const std::size_t end : own.number_ends) {
      batch.numbers.push_back(std::span(own.numbers).subspan(begin, end - begin));
      begin = end;
    }
  }
  for (std::size_t i = 0; i < records.size(); ++i) {
    if (batch.verdicts[i].tier == Tier::kRule) continue;
    const FormJudgement& judgement = kept->entries[i]->known.judgement;
    const Decision decision = decide(judgement, impl_->route(records[i].source), impl_->options.opinions);
    batch.verdicts[i] = decision.verdict;
    if (decision.asks_llm) batch.pending.push_back({i, decision.is_second_opinion});
  }
  batch.storage = std::move(kept);
  return batch;
}

Result<ResolvedBatch> Cascade::resolve(std::span<const Record> records) {
  const std::size_t tasks = (records.size() + kLinesPerTask - 1) / kLinesPerTask;
  ScannedLines lines;
  lines.table = impl_->cache.table();
  lines.verdicts.resize(records.size());
  lines.entries.resize(records.size());
  lines.own.resize(tasks);
  for (CascadeWorker& worker : impl_->workers) worker.front.use(lines.table);
  parallel_for(tasks, impl_->options.threads, [&](std::size_t task, std::size_t worker) {
    const std::size_t begin = task * kLinesPerTask;
    const std::size_t count = std::min(kLinesPerTask, records.size() - begin);
    impl_->scan_stretch(records.subspan(begin, count), std::span(lines.verdicts).subspan(begin, count),
                        std::span(lines.entries).subspan(begin, count), lines.own[task],
                        impl_->workers[worker]);
  });
  std::vector<const FormEntry*> awaited;
  if (auto judged = judge(claim(lines, awaited), impl_->options.threads); !judged)
    return std::move(judged).error();
  return verdicts_of(records, std::move(lines));
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
  if (auto encoded = impl_->reader().encode({&form, 1}, embedding, 1); !encoded)
    return std::move(encoded).error();
  return embedding;
}

void Cascade::listen_to_embeddings(EmbeddingListener listener) {
  impl_->listener = std::move(listener);
}

void Cascade::keep_numbers(bool keeps) {
  impl_->keeps_numbers = keeps;
}

Result<FormJudgement> Cascade::judgement_of(std::string_view form) const {
  const std::shared_ptr<FormTable> table = impl_->cache.table();
  if (const FormEntry* known = table->find_judged(form)) return known->known.judgement;
  KnownForm judged;
  if (auto done = impl_->judge_all({&form, 1}, {&judged, 1}, 1); !done) return std::move(done).error();
  return judged.judgement;
}

Result<LlmQuestion> Cascade::question(std::string_view form) const {
  const std::shared_ptr<FormTable> table = impl_->cache.table();
  std::vector<std::size_t> rows;
  if (const FormEntry* known = table->find_judged(form)) rows = known->known.nearest;
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

std::size_t Cascade::threads() const {
  return impl_->options.threads;
}
const SentenceEncoder& Cascade::encoder() const {
  return impl_->encoder;
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
