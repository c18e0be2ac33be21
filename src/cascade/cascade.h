// The tiers in order: rules on the raw line, then regression, LLM and prototypes on its form.
//
// Thread use: one thread calls `resolve`; inside it works on `threads` threads. A form is judged once and
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
#include "cascade/judgement.h"
#include "encoder/sentence_encoder.h"
#include "llm/llm_client.h"
#include "record/record.h"
#include "record/verdict.h"
#include "rules/rule_engine.h"

namespace logsieve {

// A line whose verdict waits for the LLM.
struct PendingLine {
  std::size_t index;  // in the batch
  bool is_second_opinion;
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
  std::vector<DecidedLabel> decided;       // by a person; they hold from now on, without training
  std::size_t max_cached_forms = 200'000;  // judged forms kept; the whole cache is dropped when it is full
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
  // The verdict of a pending line once the LLM has answered (or could not).
  Verdict settle(const Verdict& provisional, bool is_second_opinion, const LlmAnswer& answer) const;
  // The question for a form, with its nearest labelled forms as examples.
  Result<LlmQuestion> question(std::string_view form) const;
  // From memory if `resolve` has judged this form, else judged now.
  Result<FormJudgement> judge(std::string_view form) const;
  // Embedding of a form, [kDim].
  Result<std::vector<float>> embed(std::string_view form) const;
  // `listener` is told each form that `resolve` embeds, once, in order of lines; an empty one ends that.
  using EmbeddingListener = std::function<void(std::string_view form, std::span<const float> embedding)>;
  void listen_to_embeddings(EmbeddingListener listener);
  // Whether `resolve` gives the numbers of lines too.
  void keep_numbers(bool keeps);

  const Bundle& bundle() const;
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
