// What the model makes of one form, and what a route makes of that: the decisions of the cascade, without I/O.
#ifndef LOGSIEVE_CASCADE_JUDGEMENT_H_
#define LOGSIEVE_CASCADE_JUDGEMENT_H_

#include <array>
#include <span>
#include <string_view>

#include "bundle/bundle.h"
#include "encoder/sentence_encoder.h"
#include "head/novelty.h"
#include "head/prototypes.h"
#include "head/softmax_head.h"
#include "record/verdict.h"

namespace logsieve {

// All that a route can decide from. Depends on the form alone.
struct FormJudgement {
  SoftmaxAnswer model;
  PrototypeAnswer prototype;
  NoveltySign novelty = NoveltySign::kNone;  // why it is unlike all training data; a labelled form never is
  // A person's decision about this form, or one almost the same (decided_forms.h): it stands before all else here.
  bool is_decided = false;
  LabelId decided = kNoLabel;  // kNoLabel: nobody may label it
  float decided_similarity = 0.0F;
  // The label of this very form in the data that the bundle was trained with; kNoLabel: it is not among them.
  LabelId labelled = kNoLabel;
  bool is_rare_label = false;  // the prototypes answer it: its label is none that the regression knows

  bool is_novel() const { return novelty != NoveltySign::kNone; }
};

// One judgement a form: `embeddings` is row-major [forms.size(), kDim], of the forms as the bundle spells them.
// `encoder` gives the words of forms to a head that looks at them; null: none may. O(labelled forms) each; a
// judgement has the same bits in any company.
void judge_forms(const Bundle& bundle, const SentenceEncoder* encoder,
                 std::span<const std::string_view> forms, std::span<const float> embeddings,
                 std::span<FormJudgement> judgements, std::span<NearestForms> nearest = {});
FormJudgement judge_form(const Bundle& bundle, const SentenceEncoder* encoder, std::string_view form,
                         std::span<const float> embedding);
// The regression's probabilities of a form, [bundle.head.classes()].
void head_probabilities(const Bundle& bundle, const SentenceEncoder* encoder, std::string_view form,
                        std::span<const float> embedding, std::span<float> probabilities);

// How far a form is from the training data; `nearest` is the cosine of its nearest labelled form. Without an encoder its
// words are taken for known.
NoveltyMeasures novelty_measures(const Bundle& bundle, const SentenceEncoder* encoder, std::string_view form,
                                 std::span<const float> embedding, float nearest);

struct SecondOpinions {
  bool has_llm = false;     // otherwise the prototypes stand in for it
  bool complement = false;  // ask it also where the model is sure, but below `below`
  float below = 0.9F;
};

struct Decision {
  Verdict verdict;  // what holds if the LLM stays silent
  bool asks_llm = false;
  bool is_second_opinion = false;
};

// Confidence of a labelled form's own label: it is the training data's, which may have errors of its own.
inline constexpr float kLabelledConfidence = 0.99F;

inline constexpr std::array<Tier, 3> kAllTiers = {Tier::kRule, Tier::kModel, Tier::kLlm};

// For a line that no rule decided; `tiers` is the route of its source.
Decision decide(const FormJudgement& judgement, std::span<const Tier> tiers, const SecondOpinions& opinions);

}  // namespace logsieve

#endif  // LOGSIEVE_CASCADE_JUDGEMENT_H_
