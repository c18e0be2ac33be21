#include "cascade/judgement.h"

#include <algorithm>
#include <cassert>
#include <vector>

#include "cascade/known_words.h"
#include "encoder/form_encoder.h"
#include "encoder/sentence_encoder.h"

namespace logsieve {

namespace {

bool is_labelled(const Bundle& bundle, const PrototypeAnswer& nearest, std::string_view form) {
  return nearest.nearest < bundle.forms.size() && bundle.forms[nearest.nearest] == form;
}

}  // namespace

NoveltyMeasures novelty_measures(const Bundle& bundle, const SentenceEncoder* encoder, std::string_view form,
                                 std::span<const float> embedding, float nearest) {
  NoveltyMeasures measures;
  measures.nearest = nearest;
  if (encoder != nullptr && bundle.novelty.limits().least_words > 0.0F)
    measures.words = static_cast<float>(known_word_share(
        *encoder, form, [&](std::string_view word) { return bundle.novelty.knows_word(word); }));
  bundle.novelty.measure(form, embedding, measures);
  return measures;
}

void head_probabilities(const Bundle& bundle, const SentenceEncoder* encoder, std::string_view form,
                        std::span<const float> embedding, std::span<float> probabilities) {
  std::array<float, kWordDim> words;
  FormView view{embedding, {}, form};
  if (bundle.head.sees_words()) {
    assert(encoder != nullptr);
    FormEncoder(*encoder, bundle.spelling).word_extremes(form, words);
    view.words = words;
  }
  bundle.head.predict(view, probabilities);
}

void judge_forms(const Bundle& bundle, const SentenceEncoder* encoder,
                 std::span<const std::string_view> forms, std::span<const float> embeddings,
                 std::span<FormJudgement> judgements, std::span<NearestForms> nearest) {
  std::vector<float> probabilities(bundle.head.classes());
  std::vector<PrototypeAnswer> prototypes(judgements.size());
  bundle.prototypes.answer(embeddings, prototypes, nearest);
  for (std::size_t i = 0; i < judgements.size(); ++i) {
    FormJudgement& judgement = judgements[i];
    head_probabilities(bundle, encoder, forms[i], embeddings.subspan(i * kDim, kDim), probabilities);
    judgement.model = bundle.head.answer(probabilities);
    judgement.prototype = prototypes[i];
    if (!is_labelled(bundle, judgement.prototype, forms[i]))
      judgement.novelty = bundle.novelty.sign(novelty_measures(
          bundle, encoder, forms[i], embeddings.subspan(i * kDim, kDim), judgement.prototype.similarity));
    judgement.is_rare_label = judgement.prototype.label != kNoLabel && !judgement.is_novel();
  }
}

FormJudgement judge_form(const Bundle& bundle, const SentenceEncoder* encoder, std::string_view form,
                         std::span<const float> embedding) {
  FormJudgement judgement;
  judge_forms(bundle, encoder, {&form, 1}, embedding, {&judgement, 1});
  return judgement;
}

Decision decide(const FormJudgement& judgement, std::span<const Tier> tiers, const SecondOpinions& opinions) {
  const auto passes = [&](Tier tier) { return std::find(tiers.begin(), tiers.end(), tier) != tiers.end(); };
  if (judgement.is_decided && judgement.decided == kNoLabel) return {};
  if (judgement.is_decided)
    return {{judgement.decided, judgement.decided_similarity, Tier::kPrototype, -1}, false, false};
  const bool may_ask = opinions.has_llm && passes(Tier::kLlm);
  const SoftmaxAnswer& model = judgement.model;
  if (passes(Tier::kModel) && model.is_sure && !judgement.is_novel() && !judgement.is_rare_label) {
    const bool is_second = may_ask && opinions.complement && model.probability < opinions.below;
    return {{model.label, model.probability, Tier::kModel, -1}, is_second, is_second};
  }
  // What a person has labelled is not asked: an accepted answer of the LLM is never paid for again.
  if (passes(Tier::kLlm) && judgement.labelled != kNoLabel)
    return {{judgement.labelled, kLabelledConfidence, Tier::kPrototype, -1}, false, false};
  if (passes(Tier::kLlm) && judgement.is_rare_label)
    return {
        {judgement.prototype.label, judgement.prototype.confidence, Tier::kPrototype, -1}, may_ask, false};
  return {{kNoLabel, 0.0F, Tier::kNone, -1}, may_ask, false};
}

}  // namespace logsieve
