#include "training/evaluate/evaluation.h"

#include <algorithm>
#include <cmath>
#include <set>
#include <string_view>
#include <unordered_set>
#include <utility>

#include "base/progress.h"
#include "base/random.h"
#include "training/evaluate/leaks.h"
#include "training/fit/form_vectors.h"

namespace logsieve {
namespace {

double share(std::size_t part, std::size_t whole) {
  return whole == 0 ? 0.0 : static_cast<double>(part) / static_cast<double>(whole);
}

// Labels with enough lines, in the first those that two parts at least hold.
void choose_scored_labels(const LabelledData& data, const Split* split, Evaluation& result) {
  std::vector<std::size_t> rows(data.labels.size(), 0);
  std::vector<std::set<std::size_t>> parts(data.labels.size());
  for (std::size_t i = 0; i < data.lines.size(); ++i) {
    const auto label = static_cast<std::size_t>(data.lines[i].label);
    ++rows[label];
    if (split != nullptr && split->part_of_line[i] != Split::kNoPart)
      parts[label].insert(split->part_of_line[i]);
  }
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (rows[i] < kMinRows) continue;
    const bool is_testable = split == nullptr || parts[i].size() >= 2;
    (is_testable ? result.scored_labels : result.untestable_labels).push_back(static_cast<LabelId>(i));
  }
}

// Whether a near duplicate of each form is among what judged its lines.
std::size_t lines_of_seen_families(const LabelledData& data, const HeldOutAnswers& answers,
                                   const Split* split, const std::vector<std::size_t>& family) {
  if (split == nullptr) return 0;
  std::set<std::pair<std::size_t, std::size_t>> taught;  // (family, part)
  for (std::size_t i = 0; i < data.lines.size(); ++i)
    if (split->part_of_line[i] != Split::kNoPart)
      taught.emplace(family[data.lines[i].form], split->part_of_line[i]);
  std::size_t seen = 0;
  for (std::size_t i = 0; i < data.lines.size(); ++i) {
    if (!answers.is_tested[i]) continue;
    const std::size_t own = family[data.lines[i].form];
    const std::size_t part = split->part_of_line[i];
    const auto first = taught.lower_bound({own, 0});
    const auto last = taught.upper_bound({own, Split::kNoPart});
    seen += std::any_of(first, last,
                        [&](const auto& entry) {
                          return split->is_by_time ? entry.second < part : entry.second != part;
                        })
                ? 1U
                : 0U;
  }
  return seen;
}

double novel_form_share(const LabelledData& data, const HeldOutAnswers& answers) {
  std::vector<bool> is_tested(data.forms.size(), false);
  for (std::size_t i = 0; i < data.lines.size(); ++i)
    if (answers.is_tested[i]) is_tested[data.lines[i].form] = true;
  std::size_t tested = 0;
  std::size_t novel = 0;
  for (std::size_t form = 0; form < is_tested.size(); ++form) {
    tested += is_tested[form] ? 1U : 0U;
    novel += is_tested[form] && answers.is_novel[form] ? 1U : 0U;
  }
  return share(novel, tested);
}

// Weight of each tested line such that its form counts once.
std::vector<double> form_weights(const LabelledData& data, const std::vector<std::size_t>& lines) {
  std::vector<std::size_t> of_form(data.forms.size(), 0);
  for (const std::size_t line : lines) ++of_form[data.lines[line].form];
  std::vector<double> weights;
  weights.reserve(lines.size());
  for (const std::size_t line : lines)
    weights.push_back(1.0 / static_cast<double>(of_form[data.lines[line].form]));
  return weights;
}

std::vector<ScoredRow> rows_of(const std::vector<ScoredRow>& answers, const std::vector<std::size_t>& lines) {
  std::vector<ScoredRow> rows;
  rows.reserve(lines.size());
  for (const std::size_t line : lines) rows.push_back(answers[line]);
  return rows;
}

Result<ShuffledControl> run_control(LabelledData data, std::span<const float> vectors, const Split& split,
                                    TrainOptions options, const std::function<void()>& tick) {
  // Where nothing can be learned, weaker penalties take long to learn it, and say nothing more; nor do spellings.
  options.tries_strengths = false;
  options.spelling = Spelling::kWords;
  std::vector<LabelId> labels;
  for (const LabelledForm& form : data.forms) labels.push_back(form.label);
  Random random(options.seed);
  random.shuffle(labels);
  for (LabelledLine& line : data.lines) line.label = labels[line.form];
  for (std::size_t i = 0; i < labels.size(); ++i) {
    data.forms[i].label = labels[i];
    data.forms[i].has_conflict = false;
  }
  auto answers = held_out_answers(data, vectors, {}, split, options, {}, tick);
  if (!answers) return std::move(answers).error();
  const Evaluation run = summarise(data, *answers, &split);
  ShuffledControl control;
  std::size_t forms = 0;
  std::vector<std::size_t> of_label(data.labels.size(), 0);
  std::vector<bool> is_counted(data.forms.size(), false);
  for (std::size_t i = 0; i < data.lines.size(); ++i) {
    const LabelledLine& line = data.lines[i];
    if (!answers->is_tested[i] || is_counted[line.form] ||
        !std::binary_search(run.scored_labels.begin(), run.scored_labels.end(), line.label))
      continue;
    is_counted[line.form] = true;
    ++forms;
    ++of_label[static_cast<std::size_t>(line.label)];
  }
  control.form_accuracy = run.before_by_form.accuracy;
  control.form_prior = share(*std::max_element(of_label.begin(), of_label.end()), forms);
  control.interval = wilson_interval(
      static_cast<std::size_t>(std::llround(control.form_accuracy * static_cast<double>(forms))), forms);
  control.answered = 1.0 - run.after.abstain_rate;
  return control;
}

}  // namespace

Evaluation summarise(const LabelledData& data, const HeldOutAnswers& answers, const Split* split) {
  Evaluation result;
  result.labels = data.labels;
  result.lines = data.lines.size();
  result.forms = data.forms.size();
  choose_scored_labels(data, split, result);
  result.forms_of_label.assign(data.labels.size(), 0);
  for (const LabelledForm& form : data.forms) ++result.forms_of_label[static_cast<std::size_t>(form.label)];
  const std::vector<std::size_t> family = families_of_forms(data);
  result.families = family.empty() ? 0 : 1 + *std::max_element(family.begin(), family.end());

  std::vector<std::size_t> tested;
  std::vector<std::size_t> scored;
  std::size_t seen = 0;
  for (std::size_t i = 0; i < data.lines.size(); ++i) {
    if (!answers.is_tested[i]) continue;
    tested.push_back(i);
    seen += answers.form_was_seen[i] ? 1U : 0U;
    if (std::binary_search(result.scored_labels.begin(), result.scored_labels.end(), data.lines[i].label))
      scored.push_back(i);
  }
  result.tested_lines = tested.size();
  result.seen_form_share = share(seen, tested.size());
  result.novel_form_share = novel_form_share(data, answers);
  result.seen_family_share = share(lines_of_seen_families(data, answers, split, family), tested.size());

  const std::vector<ScoredRow> before = rows_of(answers.before, scored);
  result.before = score(before, kMinRows);
  result.before_by_form = weighted_scores(before, form_weights(data, scored));
  result.macro_f1_before = macro_f1(result.before, result.scored_labels);
  result.form_macro_f1_before = macro_f1(result.before_by_form, result.scored_labels);
  result.risk_before = risk_coverage(before);
  result.reliability_before = reliability_bins(before);
  result.confusions_before = confusions(before);
  const std::vector<ScoredRow> after = rows_of(answers.after, tested);
  result.after = score(after, kMinRows);
  result.after_by_form = weighted_scores(after, form_weights(data, tested));
  return result;
}

Result<EvaluationRuns> cross_validate(const LabelledData& data, std::span<const float> vectors,
                                      const RuleBook& rules, const EvaluationPlan& plan,
                                      const TrainOptions& options,
                                      const std::optional<DiscoveryOptions>& discovery) {
  EvaluationRuns result;
  const std::size_t seeds = depends_on_seed(plan.split) ? std::max<std::size_t>(plan.seeds, 1) : 1;
  std::optional<Progress> progress;
  std::size_t done = 0;
  const auto tick = [&] { progress->update(++done); };
  for (std::size_t run = 0; run < seeds; ++run) {
    TrainOptions run_options = options;
    run_options.seed = options.seed + run;
    auto split = split_lines(data, plan.split, plan.folds, run_options.seed);
    if (!split) return std::move(split).error();
    if (!progress) progress.emplace("folds", split->tested_parts() * (seeds + (plan.has_control ? 1 : 0)));
    auto answers = held_out_answers(data, vectors, rules, *split, run_options, discovery, tick);
    if (!answers) return std::move(answers).error();
    Evaluation& evaluation = result.runs.emplace_back(summarise(data, *answers, &*split));
    evaluation.protocol = split_name(plan.split);
    evaluation.folds = split->tested_parts();
    evaluation.seed = run_options.seed;
    if (run > 0) continue;
    result.answers = std::move(*answers);
    if (!plan.has_control) continue;
    auto control = run_control(data, vectors, *split, run_options, tick);
    if (!control) return std::move(control).error().with_context("negative control");
    result.control = *control;
  }
  result.suspicions = suspected_leaks(data, result.runs.front(), result.control);
  return result;
}

Result<EvaluationRuns> evaluate_bundle(const LabelledData& given, const Bundle& bundle,
                                       const SentenceEncoder& encoder, std::size_t threads) {
  const LabelledData data = with_labels_of(given, bundle);
  auto vectors = encode_forms(data, encoder, threads, bundle.spelling);
  if (!vectors) return std::move(vectors).error();
  HeldOutAnswers answers = no_answers(data);
  const std::unordered_set<std::string_view> trained(bundle.forms.begin(), bundle.forms.end());
  for (std::size_t i = 0; i < data.lines.size(); ++i)
    answers.form_was_seen[i] = trained.contains(data.forms[data.lines[i].form].text);
  const std::vector<bool> is_tested(data.lines.size(), true);
  if (auto judged = judge_lines(data, *vectors, bundle, &encoder, is_tested, answers); !judged)
    return std::move(judged).error();
  EvaluationRuns result;
  Evaluation& evaluation = result.runs.emplace_back(summarise(data, answers, nullptr));
  evaluation.protocol = "model";
  evaluation.seed = bundle.seed;
  result.answers = std::move(answers);
  result.suspicions = suspected_leaks(data, evaluation, {});
  return result;
}

}  // namespace logsieve
