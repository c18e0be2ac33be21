// Training of one bundle. The steps, in order: which labels get a regression; out-of-fold logits with whole
// forms held out; temperature and thresholds from those; the final fit on everything; the limits of the
// prototype tier from each form's nearest other forms.
#include "training/fit/trainer.h"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <map>
#include <numeric>
#include <set>
#include <utility>

#include "base/progress.h"
#include "base/random.h"
#include "base/threads.h"
#include "mask/masker.h"
#include "training/fit/folds.h"
#include "training/fit/logistic_regression.h"
#include "training/fit/scores.h"
#include "training/fit/temperature.h"

namespace logsieve {
namespace {

// Probabilities at this tolerance are within 1e-3 of the exact minimum: below what calibration resolves, and a
// quarter of the iterations.
constexpr double kFitTolerance = 1e-4;
// A threshold's precision is estimated as if so many more answers had been seen that are right as often as their
// calibrated confidence says: few forms alone do not make a label safe.
constexpr double kPriorAnswers = 10.0;
constexpr float kLeastThreshold = 0.5F;
constexpr float kNeverAnswered = 2.0F;
// Forms whose nearest neighbours are looked at: enough for a 1 % quantile, and bounded time for large data.
constexpr std::size_t kMostProbes = 4000;
constexpr std::size_t kNeighbours = 24;
constexpr double kNovelShare = 0.01;        // of in-domain forms that may be refused as unlike all others
constexpr double kFalsePrototypes = 0.001;  // of forms with a regression that a rare label may take
constexpr float kLeastSimilarity = 0.5F;
constexpr float kLeastMargin = 0.03F;
constexpr std::size_t kShownPairs = 6;

struct Class {
  LabelId label;
  std::size_t rows = 0;
  std::size_t forms = 0;
};

// The regression's view of the data: the forms whose label it may learn.
struct Problem {
  std::vector<LabelId> labels;     // [classes]
  std::vector<std::size_t> forms;  // index into data.forms
  std::vector<std::int32_t> y;     // class of each
  std::vector<double> weights;     // lines of each
  std::vector<float> x;            // [forms, kDim]
};

std::vector<Class> count_labels(const LabelledData& data) {
  std::vector<Class> classes(data.labels.size());
  for (std::size_t i = 0; i < classes.size(); ++i) classes[i].label = static_cast<LabelId>(i);
  for (const LabelledForm& form : data.forms) {
    classes[static_cast<std::size_t>(form.label)].rows += form.lines;
    ++classes[static_cast<std::size_t>(form.label)].forms;
  }
  return classes;
}

Problem make_problem(const LabelledData& data, std::span<const float> vectors,
                     const std::vector<Class>& classes, const TrainOptions& options) {
  Problem problem;
  std::vector<std::int32_t> class_of(data.labels.size(), -1);
  for (const Class& c : classes) {
    if (c.rows < options.min_rows || c.forms < options.min_forms) continue;
    class_of[static_cast<std::size_t>(c.label)] = static_cast<std::int32_t>(problem.labels.size());
    problem.labels.push_back(c.label);
  }
  // One class alone cannot be told from anything: then every label is answered by the prototypes.
  if (problem.labels.size() < 2) problem.labels.clear();
  if (problem.labels.empty()) return problem;
  for (std::size_t i = 0; i < data.forms.size(); ++i) {
    const std::int32_t y = class_of[static_cast<std::size_t>(data.forms[i].label)];
    if (y < 0) continue;
    problem.forms.push_back(i);
    problem.y.push_back(y);
    problem.weights.push_back(static_cast<double>(data.forms[i].lines));
    const auto vector = vectors.subspan(i * kDim, kDim);
    problem.x.insert(problem.x.end(), vector.begin(), vector.end());
  }
  return problem;
}

Result<LogisticModel> fit(const Problem& problem, std::span<const double> weights,
                          const TrainOptions& options) {
  return fit_logistic({problem.x, kDim, problem.y, problem.labels.size(), weights},
                      {.c = options.c, .tolerance = kFitTolerance, .threads = options.threads});
}

std::vector<std::size_t> folds_of(const LabelledData& data, const Problem& problem,
                                  const TrainOptions& options) {
  std::vector<LabelId> labels;
  std::vector<std::size_t> lines;
  std::size_t fewest = problem.forms.size();
  for (const std::size_t form : problem.forms) {
    labels.push_back(data.forms[form].label);
    lines.push_back(data.forms[form].lines);
  }
  for (std::size_t c = 0; c < problem.labels.size(); ++c)
    fewest = std::min(fewest, static_cast<std::size_t>(std::count(problem.y.begin(), problem.y.end(),
                                                                  static_cast<std::int32_t>(c))));
  // Every fold must leave each class something to learn from, so there are no more folds than forms of a class.
  return form_folds(labels, lines,
                    std::clamp<std::size_t>(options.folds, 2, std::max<std::size_t>(fewest, 2)),
                    options.seed);
}

// Logits of every form by a fit that has not seen it: [forms, classes].
Result<std::vector<double>> out_of_fold_logits(const Problem& problem,
                                               const std::vector<std::size_t>& fold_of,
                                               const TrainOptions& options, Progress& progress) {
  const std::size_t classes = problem.labels.size();
  std::vector<double> logits(problem.forms.size() * classes);
  const std::size_t folds = 1 + *std::max_element(fold_of.begin(), fold_of.end());
  for (std::size_t fold = 0; fold < folds; ++fold) {
    std::vector<double> weights = problem.weights;
    for (std::size_t i = 0; i < weights.size(); ++i)
      if (fold_of[i] == fold) weights[i] = 0;
    auto model = fit(problem, weights, options);
    if (!model) return std::move(model).error();
    for (std::size_t i = 0; i < weights.size(); ++i)
      if (fold_of[i] == fold)
        logistic_scores(*model, std::span<const float>(problem.x).subspan(i * kDim, kDim),
                        std::span<double>(logits).subspan(i * classes, classes));
    progress.update(fold + 1);
  }
  return logits;
}

// The likeliest class of each form and its probability.
struct TopAnswers {
  std::vector<std::int32_t> classes;
  std::vector<double> probabilities;
};

TopAnswers top_answers(std::span<const double> logits, std::size_t classes, double temperature) {
  TopAnswers top;
  std::vector<double> probabilities(classes);
  for (std::size_t at = 0; at < logits.size(); at += classes) {
    softmax(logits.subspan(at, classes), temperature, probabilities);
    const auto best = std::max_element(probabilities.begin(), probabilities.end());
    top.classes.push_back(static_cast<std::int32_t>(best - probabilities.begin()));
    top.probabilities.push_back(*best);
  }
  return top;
}

// The lowest probability of class `c` down to which its out-of-fold answers are right often enough, each form
// counted once.
float threshold_of(std::int32_t c, const TopAnswers& top, const Problem& problem, double precision) {
  std::vector<std::size_t> answers;
  for (std::size_t i = 0; i < top.classes.size(); ++i)
    if (top.classes[i] == c) answers.push_back(i);
  std::stable_sort(answers.begin(), answers.end(),
                   [&](std::size_t a, std::size_t b) { return top.probabilities[a] > top.probabilities[b]; });
  float threshold = kNeverAnswered;
  double right = 0;
  double confidence = 0;
  for (std::size_t n = 0; n < answers.size(); ++n) {
    right += problem.y[answers[n]] == c ? 1.0 : 0.0;
    confidence += top.probabilities[answers[n]];
    const double seen = static_cast<double>(n + 1);
    const double estimate = (right + kPriorAnswers * confidence / seen) / (seen + kPriorAnswers);
    if (estimate >= precision) threshold = static_cast<float>(top.probabilities[answers[n]]);
  }
  return std::max(threshold, kLeastThreshold);
}

struct Calibration {
  double temperature = 1.0;
  std::vector<float> thresholds;
  Scores scores;  // out-of-fold, by line, always answering
  double form_accuracy = 0.0;
  double ece_before = 0.0;  // at temperature 1
  std::vector<Confusion> confusions;
};

std::vector<ScoredRow> scored_rows(const LabelledData& data, const Problem& problem, const TopAnswers& top) {
  std::vector<ScoredRow> rows;
  for (std::size_t i = 0; i < problem.forms.size(); ++i) {
    const LabelledForm& form = data.forms[problem.forms[i]];
    const ScoredRow row{form.label, problem.labels[static_cast<std::size_t>(top.classes[i])],
                        top.probabilities[i], Tier::kModel};
    rows.insert(rows.end(), form.lines, row);
  }
  return rows;
}

Result<Calibration> calibrate(const LabelledData& data, const Problem& problem,
                              std::span<const double> logits, const TrainOptions& options) {
  const std::size_t classes = problem.labels.size();
  auto temperature = fit_temperature({logits, classes, problem.y, problem.weights});
  if (!temperature) return std::move(temperature).error();
  Calibration calibration;
  calibration.temperature = *temperature;
  const TopAnswers top = top_answers(logits, classes, *temperature);
  for (std::size_t c = 0; c < classes; ++c)
    calibration.thresholds.push_back(
        threshold_of(static_cast<std::int32_t>(c), top, problem, options.precision));
  const std::vector<ScoredRow> rows = scored_rows(data, problem, top);
  calibration.scores = score(rows);
  calibration.confusions = confusions(rows);
  calibration.ece_before = score(scored_rows(data, problem, top_answers(logits, classes, 1.0))).ece;
  std::size_t right = 0;
  for (std::size_t i = 0; i < top.classes.size(); ++i) right += top.classes[i] == problem.y[i] ? 1U : 0U;
  calibration.form_accuracy = static_cast<double>(right) / static_cast<double>(problem.forms.size());
  return calibration;
}

// Accuracy where lines, not forms, are dealt to folds: what others publish, and too good. A form's lines are
// spread over the folds in proportion, which is what a random split does on average.
Result<double> leaky_line_accuracy(const LabelledData& data, const Problem& problem,
                                   const TrainOptions& options) {
  Random random(options.seed);
  const std::size_t folds = 5;
  std::vector<std::vector<std::size_t>> lines_in_fold(folds,
                                                      std::vector<std::size_t>(problem.forms.size(), 0));
  for (std::size_t i = 0; i < problem.forms.size(); ++i)
    for (std::size_t line = 0; line < data.forms[problem.forms[i]].lines; ++line)
      ++lines_in_fold[random.below(folds)][i];
  // One fold stands for all: the figure is for comparison only.
  const std::vector<std::size_t>& held_out = lines_in_fold[0];
  std::vector<double> weights = problem.weights;
  for (std::size_t i = 0; i < weights.size(); ++i) weights[i] -= static_cast<double>(held_out[i]);
  auto model = fit(problem, weights, options);
  if (!model) return std::move(model).error();
  std::vector<double> logits(problem.labels.size());
  double right = 0;
  double tested = 0;
  for (std::size_t i = 0; i < held_out.size(); ++i) {
    if (held_out[i] == 0) continue;
    logistic_scores(*model, std::span<const float>(problem.x).subspan(i * kDim, kDim), logits);
    const auto best = std::max_element(logits.begin(), logits.end()) - logits.begin();
    tested += static_cast<double>(held_out[i]);
    if (best == problem.y[i]) right += static_cast<double>(held_out[i]);
  }
  return tested > 0 ? right / tested : 0.0;
}

Result<SoftmaxHead> make_head(const Problem& problem, const Calibration& calibration,
                              const LogisticModel& model) {
  SoftmaxParameters parameters;
  parameters.dim = kDim;
  parameters.labels = problem.labels;
  parameters.weights.assign(model.weights.begin(), model.weights.end());
  parameters.bias.assign(model.bias.begin(), model.bias.end());
  parameters.temperature = static_cast<float>(calibration.temperature);
  parameters.thresholds = calibration.thresholds;
  return SoftmaxHead::create(std::move(parameters));
}

// How near each probed form is to the other forms.
struct Nearness {
  std::vector<float> nearest;          // of any other form
  std::vector<float> false_prototype;  // of a rare-labelled form that would take it; one an affected form
};

Nearness measure_nearness(const LabelledData& data, std::span<const float> vectors, const Prototypes& index,
                          const std::set<LabelId>& rare, const TrainOptions& options) {
  std::vector<std::size_t> probes(data.forms.size());
  std::iota(probes.begin(), probes.end(), std::size_t{0});
  Random random(options.seed);
  random.shuffle(probes);
  probes.resize(std::min(probes.size(), kMostProbes));
  std::vector<std::pair<float, float>> found(probes.size(), {-1.0F, -1.0F});
  parallel_for(probes.size(), options.threads, [&](std::size_t i, std::size_t) {
    const std::size_t form = probes[i];
    const std::vector<Neighbour> near = index.nearest(vectors.subspan(form * kDim, kDim), kNeighbours);
    const Neighbour* first = nullptr;
    for (const Neighbour& neighbour : near) {
      if (neighbour.form == form) continue;
      if (first == nullptr) {
        first = &neighbour;
        found[i].first = neighbour.similarity;
        if (!rare.contains(neighbour.label) || rare.contains(data.forms[form].label)) return;
      } else if (neighbour.label != first->label) {
        if (first->similarity - neighbour.similarity >= kLeastMargin) found[i].second = first->similarity;
        return;
      }
    }
  });
  Nearness nearness;
  for (const auto& [nearest, false_prototype] : found) {
    if (nearest > -1.0F) nearness.nearest.push_back(nearest);
    if (false_prototype > -1.0F) nearness.false_prototype.push_back(false_prototype);
  }
  std::sort(nearness.nearest.begin(), nearness.nearest.end());
  std::sort(nearness.false_prototype.rbegin(), nearness.false_prototype.rend());
  return nearness;
}

Result<Prototypes> make_prototypes(const LabelledData& data, std::span<const float> vectors,
                                   const std::set<LabelId>& rare, const TrainOptions& options) {
  PrototypeParameters parameters;
  parameters.dim = kDim;
  parameters.vectors.assign(vectors.begin(), vectors.end());
  for (const LabelledForm& form : data.forms) parameters.labels.push_back(form.label);
  auto index = Prototypes::create(parameters);
  if (!index) return std::move(index).error();
  const Nearness nearness = measure_nearness(data, vectors, *index, rare, options);
  parameters.answered_labels.assign(rare.begin(), rare.end());
  parameters.min_margin = kLeastMargin;
  parameters.min_similarity = kLeastSimilarity;
  const auto allowed =
      static_cast<std::size_t>(kFalsePrototypes * static_cast<double>(nearness.nearest.size()));
  if (nearness.false_prototype.size() > allowed)
    parameters.min_similarity =
        std::max(kLeastSimilarity, std::nextafter(nearness.false_prototype[allowed], 2.0F));
  if (!nearness.nearest.empty())
    parameters.novelty_similarity =
        nearness
            .nearest[static_cast<std::size_t>(kNovelShare * static_cast<double>(nearness.nearest.size()))];
  return Prototypes::create(std::move(parameters));
}

std::vector<std::string> data_lines(const LabelledData& data, const std::vector<Class>& classes) {
  std::set<std::string_view> sources;
  for (const LabelledLine& line : data.lines) sources.insert(line.source);
  std::vector<std::string> lines = {
      fmt::format("data        {} lines, {} forms, {} labels, {} sources{}", data.lines.size(),
                  data.forms.size(), data.labels.size(), sources.size(),
                  data.rejected_records > 0
                      ? fmt::format("; {} rows without a readable message and label", data.rejected_records)
                      : "")};
  for (const Class& c : classes)
    lines.push_back(fmt::format("            {:<24} {:>7} lines {:>6} forms", data.labels.name(c.label),
                                c.rows, c.forms));
  std::size_t conflicts = 0;
  for (const LabelledForm& form : data.forms) {
    if (!form.has_conflict) continue;
    if (++conflicts <= kShownPairs)
      lines.push_back(
          fmt::format("conflict    more than one label for \"{}\": {} taken, as most of its {} lines say",
                      form.text, data.labels.name(form.label), form.lines));
  }
  if (conflicts > kShownPairs)
    lines.push_back(fmt::format("conflict    … {} forms in all have conflicting labels", conflicts));
  return lines;
}

void add_score_lines(const LabelledData& data, const Problem& problem, const Calibration& calibration,
                     double leaky, TrainSummary& summary) {
  const Scores& scores = calibration.scores;
  summary.lines.push_back(
      fmt::format("scores      whole forms held out: accuracy {:.3f}, macro-F1 {:.3f}, by form {:.3f}, "
                  "coverage at 99 % {:.3f}",
                  scores.accuracy, scores.macro_f1, calibration.form_accuracy, scores.coverage_at_99));
  summary.lines.push_back(fmt::format(
      "            lines held out (leaky, the same forms are in training): accuracy {:.3f}", leaky));
  summary.lines.push_back(fmt::format("calibration temperature {:.3f}; ECE {:.3f} before, {:.3f} after",
                                      calibration.temperature, calibration.ece_before, scores.ece));
  for (std::size_t i = 0; i < std::min(kShownPairs, calibration.confusions.size()); ++i) {
    const Confusion& pair = calibration.confusions[i];
    summary.lines.push_back(fmt::format("confused    {:>6} lines of {} answered as {}", pair.rows,
                                        data.labels.name(pair.truth), data.labels.name(pair.answer)));
  }
  for (std::size_t c = 0; c < problem.labels.size(); ++c)
    summary.lines.push_back(
        calibration.thresholds[c] > 1.0F
            ? fmt::format("threshold   {:<24} never: no out-of-fold answer was sure enough",
                          data.labels.name(problem.labels[c]))
            : fmt::format("threshold   {:<24} {:.3f}", data.labels.name(problem.labels[c]),
                          calibration.thresholds[c]));
}

// Labels of rules that the data does not have join the set; indices of the data's labels move with it.
void add_rule_labels(LabelledData& data, const RuleBook& rules) {
  std::vector<std::string> names = data.labels.names();
  for (const Rule& rule : rules.rules()) names.push_back(rule.label);
  const LabelSet all(std::move(names));
  for (LabelledLine& line : data.lines) line.label = all.find(data.labels.name(line.label));
  for (LabelledForm& form : data.forms) form.label = all.find(data.labels.name(form.label));
  data.labels = all;
}

Result<Calibration> fit_regression(const LabelledData& data, const Problem& problem,
                                   const TrainOptions& options, Bundle& bundle, TrainSummary* summary) {
  const std::vector<std::size_t> fold_of = folds_of(data, problem, options);
  Progress progress("train", 2 + *std::max_element(fold_of.begin(), fold_of.end()));
  auto logits = out_of_fold_logits(problem, fold_of, options, progress);
  if (!logits) return std::move(logits).error();
  auto calibration = calibrate(data, problem, *logits, options);
  if (!calibration) return calibration;
  auto model = fit(problem, problem.weights, options);
  if (!model) return std::move(model).error();
  auto head = make_head(problem, *calibration, *model);
  if (!head) return std::move(head).error();
  bundle.head = std::move(*head);
  if (summary == nullptr) return calibration;
  auto leaky = leaky_line_accuracy(data, problem, options);
  if (!leaky) return std::move(leaky).error();
  add_score_lines(data, problem, *calibration, *leaky, *summary);
  return calibration;
}

}  // namespace

Result<Bundle> train_on_vectors(const LabelledData& given, std::span<const float> vectors, RuleBook rules,
                                const TrainOptions& options, TrainSummary* summary) {
  LabelledData data = given;
  add_rule_labels(data, rules);
  const std::vector<Class> classes = count_labels(data);
  Bundle bundle;
  bundle.labels = data.labels;
  bundle.rules = std::move(rules);
  bundle.data_sha256 = data.sha256;
  bundle.seed = options.seed;
  bundle.mask_version = kMaskVersion;
  for (const LabelledForm& form : data.forms) bundle.forms.push_back(form.text);
  if (summary != nullptr) summary->lines = data_lines(data, classes);

  const Problem problem = make_problem(data, vectors, classes, options);
  if (!problem.labels.empty()) {
    auto calibration = fit_regression(data, problem, options, bundle, summary);
    if (!calibration) return std::move(calibration).error();
  }
  std::set<LabelId> rare;
  for (const Class& c : classes) {
    if (c.forms == 0 || std::binary_search(problem.labels.begin(), problem.labels.end(), c.label)) continue;
    rare.insert(c.label);
    if (summary != nullptr)
      summary->lines.push_back(
          fmt::format("prototypes  {}: {} lines, {} forms; the regression asks for {} and {}{}",
                      data.labels.name(c.label), c.rows, c.forms, options.min_rows, options.min_forms,
                      problem.labels.empty() ? ", for two labels at least" : ""));
  }
  auto prototypes = make_prototypes(data, vectors, rare, options);
  if (!prototypes) return std::move(prototypes).error();
  bundle.prototypes = std::move(*prototypes);
  if (summary != nullptr)
    summary->lines.push_back(fmt::format(
        "limits      unlike all training below cosine {:.3f}; a rare label needs {:.3f}",
        bundle.prototypes.parameters().novelty_similarity, bundle.prototypes.parameters().min_similarity));
  return bundle;
}

Result<Bundle> train(const LabelledData& data, RuleBook rules, const SentenceEncoder& encoder,
                     const TrainOptions& options, TrainSummary& summary) {
  std::vector<float> vectors(data.forms.size() * kDim);
  Progress progress("encode", data.forms.size());
  constexpr std::size_t kFormsPerCall = 512;
  for (std::size_t begin = 0; begin < data.forms.size(); begin += kFormsPerCall) {
    std::vector<std::string_view> texts;
    for (std::size_t i = begin; i < std::min(data.forms.size(), begin + kFormsPerCall); ++i)
      texts.push_back(data.forms[i].text);
    const auto out = std::span<float>(vectors).subspan(begin * kDim, texts.size() * kDim);
    if (auto encoded = encoder.encode(texts, out, options.threads); !encoded)
      return std::move(encoded).error();
    progress.update(begin + texts.size());
  }
  auto bundle = train_on_vectors(data, vectors, std::move(rules), options, &summary);
  if (!bundle) return bundle;
  bundle->encoder_weights_sha256 = encoder.weights_sha256();
  bundle->encoder_vocab_sha256 = encoder.vocab_sha256();
  return bundle;
}

}  // namespace logsieve
