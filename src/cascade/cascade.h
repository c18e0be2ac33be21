// The tiers in order: rules on the raw line, then regression, LLM and prototypes on its form.
//
// Thread use: `resolve` is called by one thread and works on `threads` threads. `scan`, `judge` and `verdicts_of` are its
// parts, for a pipeline whose threads each have a chunk of their own (chunk_pipeline.h). A form is judged once and
// remembered, so its cost is paid once a run; what a form gets never depends on batch, thread or neighbour.
#ifndef LOGSIEVE_CASCADE_CASCADE_H_
#define LOGSIEVE_CASCADE_CASCADE_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "bundle/bundle.h"
#include "cascade/config.h"
#include "cascade/decided_forms.h"
#include "cascade/form_cache.h"
#include "cascade/judgement.h"
#include "encoder/sentence_encoder.h"
#include "llm/llm_client.h"
#include "mask/masker.h"
#include "record/record.h"
#include "record/verdict.h"
#include "rules/rule_engine.h"

namespace logsieve {

// A line whose verdict waits for the LLM.
struct PendingLine {
  std::size_t index;  // in the batch
  bool is_second_opinion;
};

// What one thread writes to; of one cascade.
struct CascadeWorker {
  RuleEngine::Scratch rules;
  FormFront front;
  std::string form;
  std::vector<MaskedValue> values;
};

// Lines after the rules and the look-up of their forms.
struct ScannedLines {
  // What a stretch of lines brings with it.
  struct Own {
    std::vector<std::unique_ptr<FormEntry>> long_forms;  // not worth a place in the table
    std::vector<double> numbers;  // as in line_numbers.h, one line after the other; only if they are kept
    std::vector<std::size_t> number_ends;
  };
  std::shared_ptr<FormTable> table;  // keeps the entries
  std::vector<Verdict> verdicts;     // [records]; tier kRule where a rule has decided
  std::vector<FormEntry*> entries;   // [records]
  std::vector<Own> own;              // [stretches]
};

struct ResolvedBatch {
  std::vector<Verdict> verdicts;        // [records]; of a pending line: what holds if the LLM stays silent
  std::vector<std::string_view> forms;  // [records]; valid while the batch lives
  std::vector<PendingLine> pending;
  std::vector<std::span<const double>> numbers;  // [records] as in line_numbers.h; none unless they are kept
  std::shared_ptr<const void> storage;           // of forms and numbers

  std::span<const double> numbers_of(std::size_t record) const {
    return numbers.empty() ? std::span<const double>() : numbers[record];
  }
};

struct CascadeCounters {
  std::array<std::uint64_t, kTierCount> lines{};  // by the tier that decided
  std::uint64_t forms = 0;                        // judged by the model
};

struct CascadeOptions {
  std::size_t threads = 1;
  std::map<std::string, std::vector<Tier>, std::less<>> routes;
  SecondOpinions opinions;  // with has_llm, lines are left pending for it
  Disagreement on_disagreement = Disagreement::kAbstain;
  // Labels that raise an alert: a verdict of one is never taken back by what the LLM says, so that no line can talk an
  // alert away.
  std::vector<std::string> risk_labels = {};
  std::vector<DecidedLabel> decided;  // by a person; they hold from now on, without training
  std::size_t max_cache_bytes = std::size_t{64} << 20U;  // of forms kept; all are dropped when it is reached
};

class Cascade {
 public:
  // Errors: kInvalidRule, kCorruptModel (a rule's label, or the encoder, is not the bundle's).
  static Result<Cascade> open(Bundle bundle, SentenceEncoder encoder, CascadeOptions options);
  Cascade(Cascade&&) noexcept;
  Cascade& operator=(Cascade&&) noexcept;
  ~Cascade();

  // Every tier but the LLM.
  Result<ResolvedBatch> resolve(std::span<const Record> records);

  CascadeWorker make_worker() const;
  // Rules, masks and the look-up of forms. Thread-safe, with a worker a thread.
  ScannedLines scan(std::span<const Record> records, CascadeWorker& worker) const;
  // The forms of these lines that the caller must now give to `judge`, since nobody else does, in order of lines; in
  // `awaited` all that are not judged yet, a form as often as it stands there. Thread-safe.
  static std::vector<FormEntry*> claim(const ScannedLines& lines, std::vector<const FormEntry*>& awaited);
  // Embeds and judges claimed forms. Thread-safe; works on `threads` threads. Errors: the encoder's.
  Result<void> judge(std::span<FormEntry* const> claimed, std::size_t threads) const;
  // Verdicts of lines whose forms are all judged. Thread-safe.
  ResolvedBatch verdicts_of(std::span<const Record> records, ScannedLines lines) const;

  // The verdict of a pending line once the LLM has answered (or could not).
  Verdict settle(const Verdict& provisional, bool is_second_opinion, const LlmAnswer& answer) const;
  // The question for a form, with its nearest labelled forms as examples.
  Result<LlmQuestion> question(std::string_view form) const;
  // From memory if this form has been judged, else judged now.
  Result<FormJudgement> judgement_of(std::string_view form) const;
  // Embedding of a form, [kDim].
  Result<std::vector<float>> embed(std::string_view form) const;
  // `listener` is told each form that `resolve` judges, once, in order of lines; an empty one ends that.
  using EmbeddingListener = std::function<void(std::string_view form, std::span<const float> embedding)>;
  void listen_to_embeddings(EmbeddingListener listener);
  // Whether `resolve` gives the numbers of lines too.
  void keep_numbers(bool keeps);

  std::size_t threads() const;
  const Bundle& bundle() const;
  const SentenceEncoder& encoder() const;
  const RuleEngine& rules() const;
  std::uint64_t judged_forms() const;

 private:
  struct Impl;
  explicit Cascade(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

// Confidence of a rule's verdict: a rule in a book is there because it was never wrong on known data.
inline constexpr float kRuleConfidence = 1.0F;
// Confidence of an LLM's verdict: it states none itself, and its own words about it are not calibrated.
inline constexpr float kLlmConfidence = 0.9F;

}  // namespace logsieve

#endif  // LOGSIEVE_CASCADE_CASCADE_H_
