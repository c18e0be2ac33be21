#include "cascade/judgement.h"

#include <algorithm>
#include <vector>

namespace logsieve {

FormJudgement judge_embedding(const Bundle& bundle, std::span<const float> embedding) {
  FormJudgement judgement;
  std::vector<float> probabilities(bundle.head.classes());
  bundle.head.predict(embedding, probabilities);
  judgement.model = bundle.head.answer(probabilities);
  judgement.prototype = bundle.prototypes.answer(embedding);
  judgement.is_novel = judgement.prototype.similarity < bundle.prototypes.parameters().novelty_similarity;
  judgement.is_rare_label = judgement.prototype.label != kNoLabel;
  return judgement;
}

Decision decide(const FormJudgement& judgement, std::span<const Tier> tiers, const SecondOpinions& opinions) {
  const auto passes = [&](Tier tier) { return std::find(tiers.begin(), tiers.end(), tier) != tiers.end(); };
  const bool may_ask = opinions.has_llm && passes(Tier::kLlm);
  const SoftmaxAnswer& model = judgement.model;
  if (passes(Tier::kModel) && model.is_sure && !judgement.is_novel && !judgement.is_rare_label) {
    const bool is_second = may_ask && opinions.complement && model.probability < opinions.below;
    return {{model.label, model.probability, Tier::kModel, -1}, is_second, is_second};
  }
  if (passes(Tier::kLlm) && judgement.is_rare_label)
    return {
        {judgement.prototype.label, judgement.prototype.confidence, Tier::kPrototype, -1}, may_ask, false};
  return {{kNoLabel, model.probability, Tier::kNone, -1}, may_ask, false};
}

}  // namespace logsieve
