#include "training/evaluate/evaluation.h"

#include <algorithm>
#include <numeric>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "cascade/cascade.h"
#include "cascade/judgement.h"
#include "rules/rule_engine.h"
#include "training/fit/form_vectors.h"

namespace logsieve {
namespace {

// What was said of each line of the data, by whichever fold held it out. Indexed like data.lines.
struct HeldOutAnswers {
  std::vector<ScoredRow> before;
  std::vector<ScoredRow> after;
  std::vector<bool> form_was_seen;
};

std::span<const float> row(std::span<const float> vectors, std::size_t form) {
  return vectors.subspan(form * kDim, kDim);
}

// The lines that a fold trains on, as data of their own, with the vectors of their forms.
struct TrainingPart {
  LabelledData data;
  std::vector<float> vectors;
  std::vector<bool> has_form;  // by form of the whole data
};

TrainingPart training_part(const LabelledData& data, std::span<const float> vectors,
                           std::span<const std::size_t> fold_of_line, std::size_t fold) {
  TrainingPart part;
  part.data.labels = data.labels;
  part.data.sha256 = data.sha256;
  part.has_form.assign(data.forms.size(), false);
  for (std::size_t i = 0; i < data.lines.size(); ++i) {
    if (fold_of_line[i] == fold) continue;
    part.data.lines.push_back(data.lines[i]);
    part.has_form[data.lines[i].form] = true;
  }
  fold_to_forms(part.data);
  std::unordered_map<std::string_view, std::size_t> form_index;
  for (std::size_t i = 0; i < data.forms.size(); ++i) form_index.emplace(data.forms[i].text, i);
  part.vectors.reserve(part.data.forms.size() * kDim);
  for (const LabelledForm& form : part.data.forms) {
    const auto vector = row(vectors, form_index.at(form.text));
    part.vectors.insert(part.vectors.end(), vector.begin(), vector.end());
  }
  return part;
}

// Judges the lines that `is_tested` names with one bundle.
Result<void> judge_lines(const LabelledData& data, std::span<const float> vectors, const Bundle& bundle,
                         const std::vector<bool>& is_tested, HeldOutAnswers& answers) {
  auto engine = RuleEngine::compile(bundle.rules);
  if (!engine) return std::move(engine).error();
  RuleEngine::Scratch scratch = engine->make_scratch();
  // Labels are compared by name: a bundle may number them otherwise than the file.
  const auto known = [&](LabelId label) {
    return label == kNoLabel ? kNoLabel : data.labels.find(bundle.labels.name(label));
  };
  std::vector<FormJudgement> judgements(data.forms.size());
  std::vector<bool> is_judged(data.forms.size(), false);
  for (std::size_t i = 0; i < data.lines.size(); ++i) {
    if (!is_tested[i]) continue;
    const LabelledLine& line = data.lines[i];
    if (!is_judged[line.form]) judgements[line.form] = judge_embedding(bundle, row(vectors, line.form));
    is_judged[line.form] = true;
    const FormJudgement& judgement = judgements[line.form];
    answers.before[i] = {line.label, known(judgement.model.label), judgement.model.probability, Tier::kModel};
    const std::int32_t rule = engine->match(line.message, line.source, scratch);
    const Verdict verdict =
        rule < 0 ? decide(judgement, kAllTiers, {}).verdict
                 : Verdict{bundle.labels.find(bundle.rules.rules()[static_cast<std::size_t>(rule)].label),
                           kRuleConfidence, Tier::kRule, rule};
    answers.after[i] = {line.label, known(verdict.label), verdict.confidence, verdict.tier};
  }
  return ok();
}

HeldOutAnswers empty_answers(const LabelledData& data) {
  HeldOutAnswers answers;
  answers.before.resize(data.lines.size());
  answers.after.resize(data.lines.size());
  answers.form_was_seen.assign(data.lines.size(), false);
  return answers;
}

std::vector<LabelId> labels_with_rows(const LabelledData& data) {
  std::vector<std::size_t> rows(data.labels.size(), 0);
  for (const LabelledLine& line : data.lines) ++rows[static_cast<std::size_t>(line.label)];
  std::vector<LabelId> labels;
  for (std::size_t i = 0; i < rows.size(); ++i)
    if (rows[i] >= kMinRows) labels.push_back(static_cast<LabelId>(i));
  return labels;
}

// Share of forms whose lines are answered rightly, each form counted once, by the share of its lines.
double accuracy_by_form(const LabelledData& data, const HeldOutAnswers& answers,
                        const std::vector<bool>& is_scored) {
  std::vector<std::size_t> right(data.forms.size(), 0);
  std::vector<std::size_t> rows(data.forms.size(), 0);
  for (std::size_t i = 0; i < data.lines.size(); ++i) {
    if (!is_scored[i]) continue;
    ++rows[data.lines[i].form];
    right[data.lines[i].form] += answers.before[i].answer == answers.before[i].truth ? 1U : 0U;
  }
  double sum = 0;
  std::size_t forms = 0;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (rows[i] == 0) continue;
    sum += static_cast<double>(right[i]) / static_cast<double>(rows[i]);
    ++forms;
  }
  return forms == 0 ? 0.0 : sum / static_cast<double>(forms);
}

Evaluation summarise(const LabelledData& data, const HeldOutAnswers& answers) {
  Evaluation result;
  result.labels = data.labels;
  result.lines = data.lines.size();
  result.forms = data.forms.size();
  result.scored_labels = labels_with_rows(data);
  result.forms_of_label.assign(data.labels.size(), 0);
  for (const LabelledForm& form : data.forms) ++result.forms_of_label[static_cast<std::size_t>(form.label)];
  const auto seen = std::count(answers.form_was_seen.begin(), answers.form_was_seen.end(), true);
  result.seen_form_share =
      data.lines.empty() ? 0.0 : static_cast<double>(seen) / static_cast<double>(data.lines.size());

  std::vector<bool> is_scored(data.lines.size(), false);
  std::vector<ScoredRow> before;
  for (std::size_t i = 0; i < data.lines.size(); ++i) {
    is_scored[i] =
        std::binary_search(result.scored_labels.begin(), result.scored_labels.end(), data.lines[i].label);
    if (is_scored[i]) before.push_back(answers.before[i]);
  }
  result.before = score(before, kMinRows);
  double f1 = 0;
  for (const LabelScore& label : result.before.labels)
    if (std::binary_search(result.scored_labels.begin(), result.scored_labels.end(), label.label))
      f1 += label.f1;
  result.macro_f1_before =
      result.scored_labels.empty() ? 0.0 : f1 / static_cast<double>(result.scored_labels.size());
  result.form_accuracy_before = accuracy_by_form(data, answers, is_scored);
  result.confusions_before = confusions(before);
  result.after = score(answers.after, kMinRows);
  return result;
}

// The floors below which a label goes to the prototypes are meant for the whole data. A fold trains on
// (folds - 1) / folds of it, so they shrink by as much: otherwise a label with just enough forms would be scored
// as if it had none.
TrainOptions options_of_fold(TrainOptions options, std::size_t folds) {
  options.min_rows = std::max<std::size_t>(2, options.min_rows * (folds - 1) / folds);
  options.min_forms = std::max<std::size_t>(2, options.min_forms * (folds - 1) / folds);
  return options;
}

}  // namespace

Result<Evaluation> cross_validate(const LabelledData& data, const RuleBook& rules,
                                  const SentenceEncoder& encoder, Protocol protocol,
                                  const TrainOptions& options,
                                  const std::optional<DiscoveryOptions>& discovery) {
  auto vectors = encode_forms(data, encoder, options.threads);
  if (!vectors) return std::move(vectors).error();
  const std::vector<std::size_t> fold_of_line = line_folds(data, protocol, options.folds, options.seed);
  const std::size_t folds =
      fold_of_line.empty() ? 0 : 1 + *std::max_element(fold_of_line.begin(), fold_of_line.end());
  if (folds < 2)
    return Error{ErrorCode::kBadInput,
                 "this data cannot be split: it has one " + std::string(protocol_name(protocol))}
        .with_help("choose another --protocol, or give more data");
  HeldOutAnswers answers = empty_answers(data);
  const TrainOptions fold_options = options_of_fold(options, folds);
  for (std::size_t fold = 0; fold < folds; ++fold) {
    const TrainingPart part = training_part(data, *vectors, fold_of_line, fold);
    RuleBook book = rules;
    if (discovery) {
      auto found = discover_rules(part.data, part.vectors, kDim, *discovery);
      if (!found) return std::move(found).error();
      auto joined = joined_books(rules, std::move(found->rules));
      if (!joined) return std::move(joined).error();
      book = std::move(*joined);
    }
    auto bundle = train_on_vectors(part.data, part.vectors, std::move(book), fold_options, nullptr);
    if (!bundle) return std::move(bundle).error().with_context("fold " + std::to_string(fold + 1));
    std::vector<bool> is_tested(data.lines.size(), false);
    for (std::size_t i = 0; i < data.lines.size(); ++i) {
      is_tested[i] = fold_of_line[i] == fold;
      if (is_tested[i]) answers.form_was_seen[i] = part.has_form[data.lines[i].form];
    }
    if (auto judged = judge_lines(data, *vectors, *bundle, is_tested, answers); !judged)
      return std::move(judged).error();
  }
  Evaluation result = summarise(data, answers);
  result.protocol = protocol_name(protocol);
  result.folds = folds;
  return result;
}

Result<Evaluation> evaluate_bundle(const LabelledData& data, const Bundle& bundle,
                                   const SentenceEncoder& encoder, std::size_t threads) {
  auto vectors = encode_forms(data, encoder, threads);
  if (!vectors) return std::move(vectors).error();
  HeldOutAnswers answers = empty_answers(data);
  const std::unordered_set<std::string_view> trained(bundle.forms.begin(), bundle.forms.end());
  for (std::size_t i = 0; i < data.lines.size(); ++i)
    answers.form_was_seen[i] = trained.contains(data.forms[data.lines[i].form].text);
  const std::vector<bool> is_tested(data.lines.size(), true);
  if (auto judged = judge_lines(data, *vectors, bundle, is_tested, answers); !judged)
    return std::move(judged).error();
  Evaluation result = summarise(data, answers);
  result.protocol = "model";
  return result;
}

}  // namespace logsieve
