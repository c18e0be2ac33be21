#include "training/evaluate/held_out.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "cascade/cascade.h"
#include "cascade/judgement.h"
#include "encoder/sentence_encoder.h"
#include "mask/masker.h"
#include "rules/rule_engine.h"

namespace logsieve {
namespace {

std::span<const float> row(std::span<const float> vectors, std::size_t form) {
  return vectors.subspan(form * kDim, kDim);
}

// The lines that a part is judged by, as data of their own, with the vectors of their forms.
struct TrainingPart {
  LabelledData data;
  std::vector<float> vectors;
  std::vector<bool> has_form;  // by form of the whole data
};

TrainingPart training_part(const LabelledData& data, std::span<const float> vectors, const Split& split,
                           std::size_t tested_part) {
  TrainingPart part;
  part.data.labels = data.labels;
  part.data.sha256 = data.sha256;
  part.has_form.assign(data.forms.size(), false);
  for (std::size_t i = 0; i < data.lines.size(); ++i) {
    if (!split.is_trained_on(i, tested_part)) continue;
    part.data.lines.push_back(data.lines[i]);
    part.has_form[data.lines[i].form] = true;
  }
  fold_to_forms(part.data);
  std::unordered_map<std::string_view, std::size_t> form_index;
  for (std::size_t i = 0; i < data.forms.size(); ++i) form_index.emplace(data.forms[i].text, i);
  std::string masked;
  for (const LabelledLine& line : data.counterexamples) {
    mask(line.message, masked);
    const auto form = form_index.find(masked);
    if (form == form_index.end() || part.has_form[form->second]) part.data.counterexamples.push_back(line);
  }
  part.vectors.reserve(part.data.forms.size() * kDim);
  for (const LabelledForm& form : part.data.forms) {
    const auto vector = row(vectors, form_index.at(form.text));
    part.vectors.insert(part.vectors.end(), vector.begin(), vector.end());
  }
  return part;
}

// Otherwise a label with just enough forms would be scored as if it had none.
TrainOptions options_of_part(TrainOptions options, std::size_t parts) {
  options.min_rows = std::max<std::size_t>(2, options.min_rows * (parts - 1) / parts);
  options.min_forms = std::max<std::size_t>(2, options.min_forms * (parts - 1) / parts);
  return options;
}

// Vectors of all forms in the spelling of a bundle; none where that is plain words.
Result<std::vector<float>> vectors_of(const LabelledData& data, Spelling spelling,
                                      const TrainOptions& options) {
  if (spelling == Spelling::kWords) return std::vector<float>();
  std::vector<std::string_view> forms;
  for (const LabelledForm& form : data.forms) forms.push_back(form.text);
  return options.reader->vectors(forms, spelling);
}

// Forms are judged once, lines one by one.
class Judge {
 public:
  Judge(const LabelledData& data, std::span<const float> vectors, const Bundle& bundle,
        const SentenceEncoder* encoder, HeldOutAnswers& answers)
      : data_(data),
        vectors_(vectors),
        bundle_(bundle),
        encoder_(encoder),
        answers_(answers),
        judgements_(data.forms.size()),
        is_judged_(data.forms.size(), false) {
    for (std::size_t i = 0; i < bundle.labels.size(); ++i)
      known_.push_back(data.labels.find(bundle.labels.name(static_cast<LabelId>(i))));
  }

  void judge(std::size_t index, std::int32_t rule) {
    const LabelledLine& line = data_.lines[index];
    const FormJudgement& judgement = judgement_of(line.form);
    answers_.before[index] = {line.label, known(judgement.model.label), judgement.model.probability,
                              Tier::kModel};
    const Verdict verdict =
        rule < 0 ? decide(judgement, kAllTiers, {}).verdict
                 : Verdict{bundle_.labels.find(bundle_.rules.rules()[static_cast<std::size_t>(rule)].label),
                           kRuleConfidence, Tier::kRule, rule};
    answers_.after[index] = {line.label, known(verdict.label), verdict.confidence, verdict.tier};
    answers_.is_tested[index] = true;
  }

 private:
  LabelId known(LabelId label) const {
    return label == kNoLabel ? kNoLabel : known_[static_cast<std::size_t>(label)];
  }

  const FormJudgement& judgement_of(std::size_t form) {
    if (is_judged_[form]) return judgements_[form];
    is_judged_[form] = true;
    judgements_[form] = judge_form(bundle_, encoder_, data_.forms[form].text, row(vectors_, form));
    answers_.is_novel[form] = judgements_[form].is_novel();
    std::vector<float> probabilities(bundle_.head.classes());
    head_probabilities(bundle_, encoder_, data_.forms[form].text, row(vectors_, form), probabilities);
    const auto of_form =
        std::span<float>(answers_.probabilities).subspan(form * data_.labels.size(), data_.labels.size());
    std::fill(of_form.begin(), of_form.end(), 0.0F);
    for (std::size_t k = 0; k < probabilities.size(); ++k) {
      const LabelId label = known(bundle_.head.parameters().labels[k]);
      if (label != kNoLabel) of_form[static_cast<std::size_t>(label)] = probabilities[k];
    }
    return judgements_[form];
  }

  const LabelledData& data_;
  std::span<const float> vectors_;
  const Bundle& bundle_;
  const SentenceEncoder* encoder_;
  HeldOutAnswers& answers_;
  std::vector<FormJudgement> judgements_;
  std::vector<bool> is_judged_;
  std::vector<LabelId> known_;  // the bundle's labels as the data numbers them
};

}  // namespace

HeldOutAnswers no_answers(const LabelledData& data) {
  HeldOutAnswers answers;
  answers.before.resize(data.lines.size());
  answers.after.resize(data.lines.size());
  answers.is_tested.assign(data.lines.size(), false);
  answers.form_was_seen.assign(data.lines.size(), false);
  answers.probabilities.assign(data.forms.size() * data.labels.size(), 0.0F);
  answers.is_novel.assign(data.forms.size(), false);
  return answers;
}

Result<void> judge_lines(const LabelledData& data, std::span<const float> vectors, const Bundle& bundle,
                         const SentenceEncoder* encoder, const std::vector<bool>& is_tested,
                         HeldOutAnswers& answers) {
  auto engine = RuleEngine::compile(bundle.rules);
  if (!engine) return std::move(engine).error();
  RuleEngine::Scratch scratch = engine->make_scratch();
  Judge judge(data, vectors, bundle, encoder, answers);
  for (std::size_t i = 0; i < data.lines.size(); ++i)
    if (is_tested[i]) judge.judge(i, engine->match(data.lines[i].message, data.lines[i].source, scratch));
  return ok();
}

LabelledData with_labels_of(LabelledData data, const Bundle& bundle) {
  std::vector<std::string> names = data.labels.names();
  names.insert(names.end(), bundle.labels.names().begin(), bundle.labels.names().end());
  const LabelSet all(std::move(names));
  for (LabelledLine& line : data.lines) line.label = all.find(data.labels.name(line.label));
  for (LabelledForm& form : data.forms) form.label = all.find(data.labels.name(form.label));
  data.labels = all;
  return data;
}

Result<HeldOutAnswers> held_out_answers(const LabelledData& data, std::span<const float> vectors,
                                        const RuleBook& rules, const Split& split,
                                        const TrainOptions& options,
                                        const std::optional<DiscoveryOptions>& discovery,
                                        const std::function<void()>& tick) {
  HeldOutAnswers answers = no_answers(data);
  const TrainOptions part_options = options_of_part(options, split.parts);
  for (std::size_t tested = split.first_tested(); tested < split.parts; ++tested) {
    const TrainingPart part = training_part(data, vectors, split, tested);
    RuleBook book = rules;
    if (discovery) {
      auto found = discover_rules(part.data, part.vectors, kDim, *discovery, rules);
      if (!found) return std::move(found).error();
      auto joined = joined_books(rules, std::move(found->rules));
      if (!joined) return std::move(joined).error();
      book = std::move(*joined);
    }
    auto bundle = train_on_vectors(part.data, part.vectors, std::move(book), part_options, nullptr);
    if (!bundle) return std::move(bundle).error().with_context("fold " + std::to_string(tested + 1));
    std::vector<bool> is_tested(data.lines.size(), false);
    for (std::size_t i = 0; i < data.lines.size(); ++i) {
      is_tested[i] = split.part_of_line[i] == tested;
      if (is_tested[i]) answers.form_was_seen[i] = part.has_form[data.lines[i].form];
    }
    auto read = vectors_of(data, bundle->spelling, options);
    if (!read) return std::move(read).error();
    if (auto judged =
            judge_lines(data, read->empty() ? vectors : *read, *bundle, options.encoder, is_tested, answers);
        !judged)
      return std::move(judged).error();
    tick();
  }
  return answers;
}

}  // namespace logsieve
