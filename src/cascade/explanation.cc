#include "cascade/explanation.h"

#include <algorithm>
#include <fmt/format.h>

namespace logsieve {
namespace {

constexpr std::size_t kNearest = 5;
constexpr std::size_t kQuotedBytes = 60;

std::string in_quotes(std::string_view form) {
  if (form.size() <= kQuotedBytes) return fmt::format("\"{}\"", form);
  return fmt::format("\"{}…\"", form.substr(0, kQuotedBytes));
}

// The threshold of a label's class; 2 if the regression does not know the label.
float threshold_of(const SoftmaxHead& head, LabelId label) {
  const SoftmaxParameters& parameters = head.parameters();
  const auto it = std::find(parameters.labels.begin(), parameters.labels.end(), label);
  return it == parameters.labels.end()
             ? 2.0F
             : parameters.thresholds[static_cast<std::size_t>(it - parameters.labels.begin())];
}

// The nearest labelled form, and its label where that is not the one that was answered.
std::string near_text(const Cascade& cascade, const PrototypeAnswer& nearest, LabelId answered = kNoLabel) {
  const Bundle& bundle = cascade.bundle();
  if (bundle.prototypes.size() == 0) return "no labelled form to compare with";
  const LabelId label = bundle.prototypes.parameters().labels[nearest.nearest];
  return fmt::format("nearest {} ({:.2f}{}{})", in_quotes(bundle.forms[nearest.nearest]), nearest.similarity,
                     label == answered ? "" : ", labelled ",
                     label == answered ? "" : bundle.labels.name(label));
}

// Never rounds a probability up to a threshold that it has missed.
int percent_below(float share) {
  return static_cast<int>(100 * share);
}

std::string_view novelty_text(NoveltySign sign) {
  switch (sign) {
    case NoveltySign::kWords:
      return "hardly a known word in it";
    case NoveltySign::kNearest:
      return "unlike any labelled line";
    case NoveltySign::kClasses:
      return "unlike the lines of any label";
    case NoveltySign::kOther:
      return "more like prose or source code than like a labelled line";
    case NoveltySign::kNone:
      break;
  }
  return "familiar";
}

std::string why_nothing(const Cascade& cascade, const FormJudgement& judgement) {
  const SoftmaxAnswer& model = judgement.model;
  if (judgement.is_novel())
    return fmt::format("{}; {}", novelty_text(judgement.novelty), near_text(cascade, judgement.prototype));
  if (model.label == kNoLabel) return near_text(cascade, judgement.prototype);
  if (model.is_sure)
    return fmt::format("the route's tiers were not sure; {}", near_text(cascade, judgement.prototype));
  const float threshold = threshold_of(cascade.bundle().head, model.label);
  const std::string asked =
      threshold > 1.0F ? "this label is never sure enough" : fmt::format("{:.0f} % needed", 100 * threshold);
  return fmt::format("best guess {} at {} %, {}; {}", cascade.bundle().labels.name(model.label),
                     percent_below(model.probability), asked, near_text(cascade, judgement.prototype));
}

}  // namespace

Result<std::string> why(const Cascade& cascade, const Verdict& verdict, std::string_view form) {
  if (verdict.tier == Tier::kRule)
    return fmt::format("rule {}",
                       cascade.bundle().rules.rules()[static_cast<std::size_t>(verdict.rule)].name);
  if (verdict.tier == Tier::kLlm) return std::string("the LLM's answer");
  const auto judgement = cascade.judgement_of(form);
  if (!judgement) return judgement.error();
  if (verdict.tier == Tier::kNone) return why_nothing(cascade, *judgement);
  if (verdict.tier == Tier::kPrototype) return near_text(cascade, judgement->prototype, verdict.label);
  return fmt::format("{:.0f} % sure, {:.0f} % needed; {}", 100 * verdict.confidence,
                     100 * threshold_of(cascade.bundle().head, verdict.label),
                     near_text(cascade, judgement->prototype, verdict.label));
}

Result<Explanation> explain(Cascade& cascade, std::string_view message, std::string_view source) {
  const Record record{1, message, source, message};
  auto resolved = cascade.resolve({&record, 1});
  if (!resolved) return std::move(resolved).error();
  Explanation explanation;
  explanation.form = resolved->forms[0];
  explanation.verdict = resolved->verdicts[0];
  if (explanation.verdict.rule >= 0)
    explanation.rule_spans =
        cascade.rules().spans(static_cast<std::size_t>(explanation.verdict.rule), message);
  auto judgement = cascade.judgement_of(explanation.form);
  if (!judgement) return std::move(judgement).error();
  explanation.judgement = *judgement;
  auto sentence = why(cascade, explanation.verdict, explanation.form);
  if (!sentence) return std::move(sentence).error();
  explanation.why = std::move(*sentence);

  auto embedding = cascade.embed(explanation.form);
  if (!embedding) return std::move(embedding).error();
  const Bundle& bundle = cascade.bundle();
  explanation.measures = novelty_measures(bundle, &cascade.encoder(), explanation.form, *embedding,
                                          explanation.judgement.prototype.similarity);
  std::vector<float> probabilities(bundle.head.classes());
  head_probabilities(bundle, &cascade.encoder(), explanation.form, *embedding, probabilities);
  for (std::size_t i = 0; i < probabilities.size(); ++i)
    explanation.probabilities.emplace_back(bundle.labels.name(bundle.head.parameters().labels[i]),
                                           probabilities[i]);
  std::stable_sort(explanation.probabilities.begin(), explanation.probabilities.end(),
                   [](const auto& a, const auto& b) { return a.second > b.second; });
  for (const Neighbour& neighbour : bundle.prototypes.nearest(*embedding, kNearest))
    explanation.nearest.push_back({bundle.forms[neighbour.form],
                                   std::string(bundle.labels.name(neighbour.label)), neighbour.similarity});
  return explanation;
}

}  // namespace logsieve
