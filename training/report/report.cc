#include "training/report/report.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <set>
#include <string_view>
#include <utility>

#include "anomaly/timestamp.h"
#include "encoder/sentence_encoder.h"
#include "rules/rule_engine.h"
#include "training/discover/form_clusters.h"
#include "training/fit/folds.h"
#include "training/report/label_errors.h"
#include "training/report/projection.h"

namespace logsieve {
namespace {

constexpr std::size_t kFolds = 5;
constexpr std::size_t kSeeds = 3;
// Up to so many forms three seeds and the negative control cost a few seconds.
constexpr std::size_t kMostFormsForSeeds = 1000;
constexpr std::size_t kShownForms = 15;  // of the hardest, of suspected labels
constexpr std::size_t kShownConflicts = 20;
constexpr std::size_t kShownNext = 20;
constexpr double kHard = 0.5;  // probability of the true label below which a form is hard

// What cross-validation looks at.
struct Judged {
  LabelledData data;
  std::vector<float> vectors;
};

// All of the data, or some of its forms with all their lines, dealt by label in proportion.
Judged judged_part(const LabelledData& data, std::span<const float> vectors, std::uint64_t seed) {
  if (data.forms.size() <= kMostJudgedForms) return {data, {vectors.begin(), vectors.end()}};
  std::vector<LabelId> labels;
  std::vector<std::size_t> lines;
  for (const LabelledForm& form : data.forms) {
    labels.push_back(form.label);
    lines.push_back(form.lines);
  }
  const std::size_t parts = (data.forms.size() + kMostJudgedForms - 1) / kMostJudgedForms;
  const std::vector<std::size_t> part = form_folds(labels, lines, parts, seed);
  Judged judged;
  judged.data.labels = data.labels;
  judged.data.sha256 = data.sha256;
  for (const LabelledLine& line : data.lines)
    if (part[line.form] == 0) judged.data.lines.push_back(line);
  std::vector<bool> is_taken(data.forms.size(), false);
  for (const LabelledLine& line : judged.data.lines) {
    if (is_taken[line.form]) continue;
    is_taken[line.form] = true;
    const auto vector = vectors.subspan(line.form * kDim, kDim);
    judged.vectors.insert(judged.vectors.end(), vector.begin(), vector.end());
  }
  // Numbers forms by their first line, as the vectors are.
  fold_to_forms(judged.data);
  return judged;
}

// How the lines of each form fared while it was held out.
struct FormFate {
  std::size_t first_line = 0;
  std::size_t lines = 0;
  std::size_t answered = 0;
  std::size_t right = 0;
};

std::vector<FormFate> fates_of(const LabelledData& data, const HeldOutAnswers& answers) {
  std::vector<FormFate> fates(data.forms.size());
  for (std::size_t i = 0; i < data.lines.size(); ++i) {
    FormFate& fate = fates[data.lines[i].form];
    if (fate.lines == 0) fate.first_line = i;
    ++fate.lines;
    fate.answered += answers.after[i].answer != kNoLabel ? 1U : 0U;
    fate.right += answers.after[i].answer == answers.after[i].truth ? 1U : 0U;
  }
  return fates;
}

// Each run tests every form once; the lowest of their intervals.
Interval lowest_form_interval(const std::vector<Evaluation>& runs) {
  Interval lowest{1.0, 1.0};
  for (const Evaluation& run : runs) {
    const double answered = std::round(run.after_by_form.coverage * static_cast<double>(run.forms));
    const double right = std::round(run.after_by_form.answered_accuracy * answered);
    const Interval interval =
        wilson_interval(static_cast<std::size_t>(right), static_cast<std::size_t>(answered));
    if (interval.low <= lowest.low) lowest = interval;
  }
  return lowest;
}

class Analysis {
 public:
  Analysis(const Judged& judged, const EvaluationRuns& runs)
      : data_(judged.data), vectors_(judged.vectors), runs_(runs), fates_(fates_of(data_, runs.answers)) {}

  std::vector<std::vector<std::size_t>> confusion() const {
    const std::size_t labels = data_.labels.size();
    std::vector<std::vector<std::size_t>> counts(labels, std::vector<std::size_t>(labels + 1, 0));
    for (const ScoredRow& row : runs_.answers.after)
      ++counts[static_cast<std::size_t>(row.truth)]
              [row.answer == kNoLabel ? labels : static_cast<std::size_t>(row.answer)];
    return counts;
  }

  std::vector<JudgedForm> hardest() const {
    std::vector<std::size_t> forms;
    for (std::size_t i = 0; i < data_.forms.size(); ++i)
      if (is_scored(data_.forms[i].label) && probability(i, data_.forms[i].label) < kHard) forms.push_back(i);
    std::stable_sort(forms.begin(), forms.end(), [&](std::size_t a, std::size_t b) {
      return probability(a, data_.forms[a].label) < probability(b, data_.forms[b].label);
    });
    forms.resize(std::min(forms.size(), kShownForms));
    std::vector<JudgedForm> out;
    for (const std::size_t form : forms) out.push_back(judged(form, likeliest(form)));
    return out;
  }

  std::vector<JudgedForm> suspected(std::size_t& total) const {
    std::vector<LabelId> given;
    for (const LabelledForm& form : data_.forms)
      given.push_back(is_scored(form.label) ? form.label : kNoLabel);
    const auto found = suspected_labels(runs_.answers.probabilities, data_.labels.size(), given);
    total = found.size();
    std::vector<JudgedForm> out;
    for (std::size_t i = 0; i < std::min(found.size(), kShownForms); ++i)
      out.push_back(judged(found[i].item, found[i].likelier));
    return out;
  }

  // Clusters in which something was refused or mistaken, by lines times uncertainty.
  std::vector<LabelNext> next(std::size_t threads) const {
    std::vector<std::pair<double, LabelNext>> ranked;
    for (const std::vector<std::size_t>& forms : cluster_forms(data_, vectors_, kDim, threads).members) {
      LabelNext entry;
      for (const std::size_t form : forms) {
        entry.lines += fates_[form].lines;
        entry.unsure_lines += fates_[form].lines - fates_[form].right;
        entry.uncertainty += 1.0 - probability(form, likeliest(form));
      }
      if (entry.unsure_lines == 0) continue;
      entry.forms = forms.size();
      entry.uncertainty /= static_cast<double>(forms.size());
      const std::size_t middle = middle_of(forms);
      entry.message = data_.lines[fates_[middle].first_line].message;
      entry.label = data_.labels.name(data_.forms[middle].label);
      entry.likeliest = data_.labels.name(likeliest(middle));
      ranked.emplace_back(static_cast<double>(entry.lines) * entry.uncertainty, std::move(entry));
    }
    std::stable_sort(ranked.begin(), ranked.end(),
                     [](const auto& a, const auto& b) { return a.first > b.first; });
    std::vector<LabelNext> out;
    for (std::size_t i = 0; i < std::min(ranked.size(), kShownNext); ++i)
      out.push_back(std::move(ranked[i].second));
    return out;
  }

  std::vector<MapPoint> map(std::array<double, 2>& explained) const {
    const Projection plane = principal_plane(vectors_, kDim);
    explained = plane.explained;
    std::vector<MapPoint> points;
    for (std::size_t i = 0; i < data_.forms.size(); ++i)
      points.push_back({plane.points[i], data_.forms[i].label, 2 * fates_[i].answered > fates_[i].lines,
                        2 * fates_[i].right > fates_[i].lines, data_.forms[i].text});
    return points;
  }

 private:
  bool is_scored(LabelId label) const {
    const auto& scored = runs_.runs.front().scored_labels;
    return std::binary_search(scored.begin(), scored.end(), label);
  }
  double probability(std::size_t form, LabelId label) const {
    if (label == kNoLabel) return 0.0;
    return static_cast<double>(
        runs_.answers.probabilities[form * data_.labels.size() + static_cast<std::size_t>(label)]);
  }
  // kNoLabel where the fold had no regression.
  LabelId likeliest(std::size_t form) const {
    const auto row = std::span<const float>(runs_.answers.probabilities)
                         .subspan(form * data_.labels.size(), data_.labels.size());
    const auto best = std::max_element(row.begin(), row.end());
    return *best > 0.0F ? static_cast<LabelId>(best - row.begin()) : kNoLabel;
  }
  JudgedForm judged(std::size_t form, LabelId other) const {
    const FormFate& fate = fates_[form];
    const LabelId own = data_.forms[form].label;
    return {data_.lines[fate.first_line].message,
            fate.lines,
            std::string(data_.labels.name(own)),
            std::string(data_.labels.name(other)),
            probability(form, other),
            probability(form, own),
            std::string(data_.labels.name(runs_.answers.after[fate.first_line].answer))};
  }
  // The form nearest to the mean of all.
  std::size_t middle_of(const std::vector<std::size_t>& forms) const {
    std::vector<double> mean(kDim, 0.0);
    for (const std::size_t form : forms)
      for (std::size_t d = 0; d < kDim; ++d) mean[d] += static_cast<double>(vectors_[form * kDim + d]);
    std::size_t best = forms.front();
    double nearest = -2.0;
    for (const std::size_t form : forms) {
      double cosine = 0.0;
      for (std::size_t d = 0; d < kDim; ++d)
        cosine += mean[d] * static_cast<double>(vectors_[form * kDim + d]);
      if (cosine > nearest) best = form;
      nearest = std::max(nearest, cosine);
    }
    return best;
  }

  const LabelledData& data_;
  std::span<const float> vectors_;
  const EvaluationRuns& runs_;
  std::vector<FormFate> fates_;
};

void describe_data(const ReportInputs& inputs, Report& report) {
  const LabelledData& data = inputs.data;
  report.data_name = inputs.data_name;
  report.data_sha256 = data.sha256;
  report.lines = data.lines.size();
  report.forms = data.forms.size();
  report.rejected = data.rejected_records;
  report.left_out = data.left_out;
  std::set<std::string_view> sources;
  std::vector<std::set<std::string_view>> sources_of(data.labels.size());
  report.labels.resize(data.labels.size());
  TimeMs first = 0;
  TimeMs last = 0;
  for (const LabelledLine& line : data.lines) {
    const auto label = static_cast<std::size_t>(line.label);
    ++report.labels[label].lines;
    sources.insert(line.source);
    sources_of[label].insert(line.source);
    const auto time = parse_timestamp(line.timestamp, 0, 0);
    if (!time) continue;
    if (report.first_time.empty() || time->time < first) {
      first = time->time;
      report.first_time = line.timestamp;
    }
    if (report.last_time.empty() || time->time > last) {
      last = time->time;
      report.last_time = line.timestamp;
    }
  }
  report.sources = sources.size();
  for (const LabelledForm& form : data.forms) ++report.labels[static_cast<std::size_t>(form.label)].forms;
  const SoftmaxParameters& head = inputs.bundle.head.parameters();
  for (std::size_t i = 0; i < report.labels.size(); ++i) {
    LabelReport& label = report.labels[i];
    label.name = data.labels.names()[i];
    label.sources = sources_of[i].size();
    const LabelId in_bundle = inputs.bundle.labels.find(label.name);
    for (std::size_t k = 0; k < head.labels.size(); ++k) {
      if (head.labels[k] != in_bundle) continue;
      label.has_regression = true;
      label.threshold = static_cast<double>(head.thresholds[k]);
    }
    const auto& by_prototypes = inputs.bundle.prototypes.parameters().answered_labels;
    label.has_prototypes = std::binary_search(by_prototypes.begin(), by_prototypes.end(), in_bundle);
  }
}

void describe_conflicts(const LabelledData& data, Report& report) {
  std::map<std::size_t, std::map<LabelId, std::size_t>> votes;
  for (const LabelledLine& line : data.lines)
    if (data.forms[line.form].has_conflict) ++votes[line.form][line.label];
  report.conflicting_forms = votes.size();
  for (const auto& [form, of_label] : votes) {
    ConflictReport conflict{data.forms[form].text, std::string(data.labels.name(data.forms[form].label)), {}};
    for (const auto& [label, lines] : of_label) conflict.votes.emplace_back(data.labels.name(label), lines);
    std::stable_sort(conflict.votes.begin(), conflict.votes.end(),
                     [](const auto& a, const auto& b) { return a.second > b.second; });
    report.conflicts.push_back(std::move(conflict));
  }
  std::stable_sort(
      report.conflicts.begin(), report.conflicts.end(),
      [](const ConflictReport& a, const ConflictReport& b) { return a.votes[1].second > b.votes[1].second; });
  report.conflicts.resize(std::min(report.conflicts.size(), kShownConflicts));
}

Result<void> describe_rules(const ReportInputs& inputs, Report& report) {
  report.rules = inputs.bundle.rules.rules();
  auto engine = RuleEngine::compile(inputs.bundle.rules);
  if (!engine) return std::move(engine).error();
  RuleEngine::Scratch scratch = engine->make_scratch();
  for (const LabelledLine& line : inputs.data.lines)
    report.ruled_lines += engine->match(line.message, line.source, scratch) >= 0 ? 1U : 0U;
  return ok();
}

}  // namespace

Result<Report> make_report(const ReportInputs& inputs) {
  Report report;
  report.told = inputs.told;
  report.seed = inputs.options.seed;
  report.mask_version = inputs.bundle.mask_version;
  report.spelling = inputs.bundle.spelling;
  report.spellings = inputs.spellings;
  report.encoder_sha256 = inputs.bundle.encoder_weights_sha256;
  describe_data(inputs, report);
  describe_conflicts(inputs.data, report);
  if (auto described = describe_rules(inputs, report); !described) return std::move(described).error();

  const Judged judged = judged_part(inputs.data, inputs.vectors, inputs.options.seed);
  report.judged_forms = judged.data.forms.size();
  const bool is_small = report.judged_forms <= kMostFormsForSeeds;
  const EvaluationPlan plan{SplitBy::kForm, kFolds, is_small ? kSeeds : 1, is_small};
  auto runs =
      cross_validate(judged.data, judged.vectors, inputs.rules, plan, inputs.options, inputs.discovery);
  if (!runs) return std::move(runs).error().with_context("the report's cross-validation");
  report.evaluation = std::move(*runs);
  auto ablations = ablations_of(judged.data, judged.vectors, inputs.bundle.spelling, inputs.options);
  if (!ablations) return std::move(ablations).error().with_context("the report's ablations");
  report.ablations = std::move(*ablations);
  const Analysis analysis(judged, report.evaluation);
  report.form_interval = lowest_form_interval(report.evaluation.runs);
  report.confusion = analysis.confusion();
  report.hardest = analysis.hardest();
  report.suspected = analysis.suspected(report.suspected_forms);
  report.next = analysis.next(inputs.options.threads);
  report.map = analysis.map(report.explained);
  return report;
}

}  // namespace logsieve
