#include "training/evaluate/comparison.h"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <map>
#include <nlohmann/json.hpp>
#include <tuple>
#include <unordered_set>
#include <utility>

#include "base/utf8.h"
#include "training/evaluate/held_out.h"
#include "training/fit/form_vectors.h"

namespace logsieve {
namespace {

using Json = nlohmann::ordered_json;
constexpr std::size_t kShownChanges = 60;

bool is_right(const ScoredRow& row) {
  return row.answer == row.truth;
}

void count(bool first, bool second, PairedCounts& counts) {
  ++(first && second ? counts.both
     : first         ? counts.only_first
     : second        ? counts.only_second
                     : counts.neither);
}

SideScores side_scores(const LabelledData& data, const Bundle& bundle, const std::vector<ScoredRow>& rows) {
  const Scores scores = score(rows);
  SideScores side{1.0 - scores.abstain_rate, scores.accuracy, scores.answered_accuracy};
  const std::unordered_set<std::string_view> trained(bundle.forms.begin(), bundle.forms.end());
  std::size_t seen_lines = 0;
  for (const LabelledForm& form : data.forms) {
    if (!trained.contains(form.text)) continue;
    ++side.seen_forms;
    seen_lines += form.lines;
  }
  side.seen_form_share = static_cast<double>(seen_lines) / static_cast<double>(data.lines.size());
  return side;
}

PairedCounts counts_by_form(const LabelledData& data, const std::array<HeldOutAnswers, 2>& answers) {
  std::vector<std::array<std::size_t, 2>> right(data.forms.size());
  std::vector<std::size_t> lines(data.forms.size());
  for (std::size_t i = 0; i < data.lines.size(); ++i) {
    const std::size_t form = data.lines[i].form;
    ++lines[form];
    for (std::size_t side = 0; side < 2; ++side)
      right[form][side] += is_right(answers[side].after[i]) ? 1U : 0U;
  }
  PairedCounts counts;
  for (std::size_t form = 0; form < lines.size(); ++form)
    count(2 * right[form][0] > lines[form], 2 * right[form][1] > lines[form], counts);
  return counts;
}

std::vector<ChangedLine> changed_lines(const LabelledData& data,
                                       const std::array<HeldOutAnswers, 2>& answers) {
  using Key = std::tuple<std::size_t, LabelId, LabelId, LabelId, Tier, Tier>;
  std::map<Key, std::size_t> index;
  std::vector<ChangedLine> changed;
  for (std::size_t i = 0; i < data.lines.size(); ++i) {
    const ScoredRow& first = answers[0].after[i];
    const ScoredRow& second = answers[1].after[i];
    if (first.answer == second.answer) continue;
    const Key key{data.lines[i].form, first.truth, first.answer, second.answer, first.tier, second.tier};
    const auto [at, is_new] = index.try_emplace(key, changed.size());
    if (is_new)
      changed.push_back(
          {data.lines[i].message,
           std::string(data.labels.name(first.truth)),
           {std::string(data.labels.name(first.answer)), std::string(data.labels.name(second.answer))},
           {first.tier, second.tier},
           0,
           is_right(second),
           is_right(first)});
    ++changed[at->second].lines;
  }
  const auto rank = [](const ChangedLine& line) { return line.is_worse ? 0 : line.is_better ? 1 : 2; };
  std::stable_sort(changed.begin(), changed.end(), [&](const ChangedLine& a, const ChangedLine& b) {
    return rank(a) != rank(b) ? rank(a) < rank(b) : a.lines > b.lines;
  });
  return changed;
}

Json counts_json(const PairedCounts& counts) {
  return {{"both_right", counts.both},
          {"only_first_right", counts.only_first},
          {"only_second_right", counts.only_second},
          {"both_wrong", counts.neither},
          {"p_value", counts.p_value}};
}

std::string counts_text(std::string_view title, const PairedCounts& counts) {
  return fmt::format(
      "{:<8} both right {}, only the first {}, only the second {}, neither {}; McNemar p = {:.4g}\n", title,
      counts.both, counts.only_first, counts.only_second, counts.neither, counts.p_value);
}

std::string seen_text(const Comparison& comparison) {
  const auto& [first, second] = comparison.sides;
  std::string text = fmt::format(
      "test lines whose form was in training: first {:.1f} % ({} forms), second {:.1f} % ({} forms)\n",
      100 * first.seen_form_share, first.seen_forms, 100 * second.seen_form_share, second.seen_forms);
  if (first.is_leaky() || second.is_leaky())
    text +=
        fmt::format("suspect: the scores of {} are too good; compare on lines that neither was trained on\n",
                    first.is_leaky() && second.is_leaky() ? "both bundles"
                    : first.is_leaky()                    ? "the first bundle"
                                                          : "the second bundle");
  return text;
}

}  // namespace

double mcnemar_exact(std::size_t only_first, std::size_t only_second) {
  const std::size_t fewer = std::min(only_first, only_second);
  const double trials = static_cast<double>(only_first + only_second);
  double tail = 0.0;
  for (std::size_t k = 0; k <= fewer; ++k) {
    const auto x = static_cast<double>(k);
    tail += std::exp(std::lgamma(trials + 1) - std::lgamma(x + 1) - std::lgamma(trials - x + 1) -
                     trials * std::log(2.0));
  }
  return std::min(1.0, 2.0 * tail);
}

Result<Comparison> compare_bundles(const LabelledData& given, const Bundle& first, const Bundle& second,
                                   const SentenceEncoder& encoder, std::size_t threads) {
  for (const Bundle* bundle : {&first, &second})
    if (bundle->encoder_weights_sha256 != encoder.weights_sha256())
      return Error{ErrorCode::kInvalidArgument, std::string("the encoder is not the one that the ") +
                                                    (bundle == &first ? "first" : "second") +
                                                    " bundle was trained with"}
          .with_help("compare bundles of one encoder, and name its folder by --encoder-dir");
  const LabelledData data = with_labels_of(with_labels_of(given, first), second);
  const std::vector<bool> is_tested(data.lines.size(), true);
  std::array<HeldOutAnswers, 2> answers = {no_answers(data), no_answers(data)};
  Comparison comparison;
  FormReader reader(encoder, threads);
  std::vector<std::string_view> forms;
  for (const LabelledForm& form : data.forms) forms.push_back(form.text);
  for (std::size_t side = 0; side < 2; ++side) {
    const Bundle& bundle = side == 0 ? first : second;
    auto vectors = reader.vectors(forms, bundle.spelling);
    if (!vectors) return std::move(vectors).error();
    if (auto judged = judge_lines(data, *vectors, bundle, &encoder, is_tested, answers[side]); !judged)
      return std::move(judged).error().with_context(side == 0 ? "the first bundle" : "the second bundle");
    comparison.sides[side] = side_scores(data, bundle, answers[side].after);
  }
  comparison.lines = data.lines.size();
  comparison.forms = data.forms.size();
  for (std::size_t i = 0; i < data.lines.size(); ++i)
    count(is_right(answers[0].after[i]), is_right(answers[1].after[i]), comparison.by_line);
  comparison.by_form = counts_by_form(data, answers);
  for (PairedCounts* counts : {&comparison.by_line, &comparison.by_form})
    counts->p_value = mcnemar_exact(counts->only_first, counts->only_second);
  comparison.changed = changed_lines(data, answers);
  return comparison;
}

nlohmann::ordered_json to_json(const Comparison& comparison) {
  Json sides = Json::array();
  for (const SideScores& side : comparison.sides)
    sides.push_back({{"coverage", side.coverage},
                     {"accuracy", side.accuracy},
                     {"answered_accuracy", side.answered_accuracy},
                     {"seen_form_share", side.seen_form_share},
                     {"seen_forms", side.seen_forms},
                     {"is_leaky", side.is_leaky()}});
  Json changed = Json::array();
  for (const ChangedLine& line : comparison.changed)
    changed.push_back({{"message", to_valid_utf8(line.message)},
                       {"lines", line.lines},
                       {"truth", to_valid_utf8(line.truth)},
                       {"first", to_valid_utf8(line.answers[0])},
                       {"first_tier", tier_name(line.tiers[0])},
                       {"second", to_valid_utf8(line.answers[1])},
                       {"second_tier", tier_name(line.tiers[1])},
                       {"change", line.is_worse    ? "worse"
                                  : line.is_better ? "better"
                                                   : "neither"}});
  return {{"lines", comparison.lines},
          {"forms", comparison.forms},
          {"bundles", sides},
          {"by_line", counts_json(comparison.by_line)},
          {"by_form", counts_json(comparison.by_form)},
          {"changed", changed}};
}

std::string to_text(const Comparison& comparison) {
  std::string text = fmt::format("{} lines, {} forms\n", comparison.lines, comparison.forms);
  for (std::size_t side = 0; side < 2; ++side) {
    const SideScores& scores = comparison.sides[side];
    text += fmt::format("{:<8} answered {:.3f}, right where answered {:.4f}, right of all {:.4f}\n",
                        side == 0 ? "first" : "second", scores.coverage, scores.answered_accuracy,
                        scores.accuracy);
  }
  text += seen_text(comparison);
  text += counts_text("by form", comparison.by_form) + counts_text("by line", comparison.by_line);
  std::size_t lines = 0;
  for (const ChangedLine& line : comparison.changed) lines += line.lines;
  text += fmt::format("\n{} lines of {} kinds changed\n", lines, comparison.changed.size());
  for (std::size_t i = 0; i < std::min(kShownChanges, comparison.changed.size()); ++i) {
    const ChangedLine& line = comparison.changed[i];
    text += fmt::format("{} {:>6}  {} ({}) -> {} ({}){}\n         {}\n",
                        line.is_worse    ? "-"
                        : line.is_better ? "+"
                                         : " ",
                        line.lines, printable(line.answers[0]), tier_name(line.tiers[0]),
                        printable(line.answers[1]), tier_name(line.tiers[1]),
                        line.is_worse || line.is_better ? "" : ", truly " + printable(line.truth),
                        printable(line.message));
  }
  if (comparison.changed.size() > kShownChanges)
    text += fmt::format("… {} kinds more: --json has all\n", comparison.changed.size() - kShownChanges);
  return text;
}

}  // namespace logsieve
