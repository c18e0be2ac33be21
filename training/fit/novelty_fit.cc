#include "training/fit/novelty_fit.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <limits>
#include <numeric>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/random.h"
#include "base/threads.h"
#include "cascade/known_words.h"
#include "head/text_signs.h"
#include "head/word_key.h"
#include "head/word_share.h"
#include "training/fit/gaussian_fit.h"

namespace logsieve {
namespace {

constexpr std::size_t kMostFitted = 15'000;
constexpr std::size_t kMostMeasured = 4'000;
constexpr std::size_t kSeveralForms = 2;  // that a word must be in to be known
constexpr double kPseudoCount = 0.5;
// Forms that are all alike must not make a sign of rounding errors. On a public set and the default one distances spread
// by .27 and .04, scores of signs by one to two.
constexpr double kLeastDistanceSpread = 0.001;
constexpr double kLeastScoreSpread = 0.1;

// The value of which at most `share` of all are smaller.
float low_limit(std::vector<float> values, double share) {
  std::sort(values.begin(), values.end());
  return values[static_cast<std::size_t>(share * static_cast<double>(values.size()))];
}
float high_limit(std::vector<float> values, double share) {
  std::sort(values.begin(), values.end(), std::greater<>());
  return values[static_cast<std::size_t>(share * static_cast<double>(values.size()))];
}

double deviation(const std::vector<double>& values) {
  const auto n = static_cast<double>(values.size());
  const double mean = std::accumulate(values.begin(), values.end(), 0.0) / n;
  double squares = 0.0;
  for (const double value : values) squares += (value - mean) * (value - mean);
  return std::sqrt(squares / n);
}

// One over the standard deviation, which counts as `least` at least; 0 if there is none.
double scale_of(const std::vector<double>& values, double least) {
  const double spread = deviation(values);
  return std::isfinite(spread) ? 1.0 / std::max(spread, least) : 0.0;
}

// In how many labelled forms and how many other texts each sign is.
class SignCounts {
 public:
  void add(std::span<const std::int32_t> signs, bool is_other) {
    ++texts_[is_other ? 1 : 0];
    for (const std::int32_t sign : signs) ++counts_[sign][is_other ? 1 : 0];
  }

  // Scores of one labelled form's signs without what it added itself.
  double left_out(std::span<const std::int32_t> signs) const {
    SignWeights without;
    for (const std::int32_t sign : signs) {
      std::array<double, 2> counts = counts_.at(sign);
      counts[0] -= 1.0;
      if (counts[0] + counts[1] <= 0) continue;
      without.keys.push_back(sign);
      without.weights.push_back(static_cast<float>(weight(counts)));
    }
    return score_signs(without, without.keys);
  }

  SignWeights weights(double scale) const {
    SignWeights out;
    for (const auto& [sign, counts] : counts_) out.keys.push_back(sign);
    std::sort(out.keys.begin(), out.keys.end());
    for (const std::int32_t sign : out.keys)
      out.weights.push_back(static_cast<float>(scale * weight(counts_.at(sign))));
    return out;
  }

 private:
  // The pseudo-counts share the sizes of both kinds, so that a sign which neither has would weigh nothing.
  double weight(const std::array<double, 2>& counts) const {
    const double all = texts_[0] + texts_[1];
    std::array<double, 2> log_share{};
    for (std::size_t kind = 0; kind < 2; ++kind) {
      const double prior = 2 * kPseudoCount * texts_[kind] / all;
      log_share[kind] = std::log((counts[kind] + prior) / (texts_[kind] + 2 * prior));
    }
    return log_share[1] - log_share[0];
  }

  std::unordered_map<std::int32_t, std::array<double, 2>> counts_;
  std::array<double, 2> texts_{};
};

class NoveltyFit {
 public:
  NoveltyFit(const LabelledData& data, std::span<const float> vectors, const NoveltyOptions& options)
      : data_(data), vectors_(vectors), options_(options) {
    fitted_.resize(data.forms.size());
    std::iota(fitted_.begin(), fitted_.end(), std::size_t{0});
    Random random(options.seed);
    random.shuffle(fitted_);
    fitted_.resize(std::min(fitted_.size(), kMostFitted));
    measured_ = std::min(fitted_.size(), kMostMeasured);
  }

  Result<Novelty> fit(std::span<const float> nearest_others) {
    NoveltyParameters parameters;
    if (!nearest_others.empty())
      parameters.limits.least_nearest =
          low_limit({nearest_others.begin(), nearest_others.end()}, options_.shares.nearest);
    count_words();
    fit_words(parameters);
    if (fitted_.size() > 1)
      if (auto fitted = fit_distances(parameters); !fitted) return std::move(fitted).error();
    return Novelty::create(std::move(parameters));
  }

 private:
  std::string_view text(std::size_t i) const { return data_.forms[fitted_[i]].text; }

  // In how many forms each word is.
  void count_words() {
    std::vector<std::int32_t> keys;
    for (std::size_t i = 0; i < fitted_.size(); ++i) {
      keys.clear();
      word_share(text(i), [&](std::string_view word) {
        keys.push_back(word_key(word));
        return false;
      });
      std::sort(keys.begin(), keys.end());
      keys.erase(std::unique(keys.begin(), keys.end()), keys.end());
      for (const std::int32_t key : keys) ++forms_with_[key];
    }
  }

  // Whether several forms have the word, not counting `own` of them.
  bool knows_word(std::string_view word, std::size_t own) const {
    const auto found = forms_with_.find(word_key(word));
    return found != forms_with_.end() && found->second >= kSeveralForms + own;
  }

  void fit_words(NoveltyParameters& parameters) const {
    for (const auto& [key, forms] : forms_with_)
      if (forms >= kSeveralForms) parameters.words.push_back(key);
    std::sort(parameters.words.begin(), parameters.words.end());
    if (options_.encoder == nullptr) return;
    std::vector<float> shares(measured_);
    parallel_for(measured_, options_.threads, [&](std::size_t i, std::size_t) {
      shares[i] = static_cast<float>(known_word_share(
          *options_.encoder, text(i), [&](std::string_view word) { return knows_word(word, 1); }));
    });
    // A form without any known word says nothing: refused whatever the share of such forms.
    parameters.limits.least_words =
        std::max(low_limit(std::move(shares), options_.shares.words), std::numeric_limits<float>::min());
  }

  // Groups: the labels that there are, then the kinds of other texts.
  Result<void> fit_distances(NoveltyParameters& parameters) {
    std::vector<float> rows;
    std::vector<LabelId> labels;
    for (const std::size_t form : fitted_) labels.push_back(data_.forms[form].label);
    std::sort(labels.begin(), labels.end());
    labels.erase(std::unique(labels.begin(), labels.end()), labels.end());
    std::vector<std::int32_t> group;
    for (const std::size_t form : fitted_) {
      const auto vector = vectors_.subspan(form * kDim, kDim);
      rows.insert(rows.end(), vector.begin(), vector.end());
      const auto at = std::lower_bound(labels.begin(), labels.end(), data_.forms[form].label);
      group.push_back(static_cast<std::int32_t>(at - labels.begin()));
    }
    const Background* background = options_.background;
    if (background != nullptr) {
      rows.insert(rows.end(), background->vectors.begin(), background->vectors.end());
      for (const std::size_t form : background->encoded)
        group.push_back(static_cast<std::int32_t>(labels.size()) +
                        static_cast<std::int32_t>(background->kinds[form]));
    }
    const std::size_t groups = labels.size() + (background != nullptr ? kBackgroundKinds.size() : 0);
    auto fit = fit_gaussians(rows, kDim, group, groups, options_.threads);
    if (!fit) return ok();  // all forms alike: nothing has a distance
    parameters.gaussians = fit->gaussians.parameters();
    parameters.labels = labels.size();
    std::vector<float> distances(measured_);
    std::vector<double> farther(measured_);
    parallel_for(measured_, options_.threads, [&](std::size_t i, std::size_t) {
      std::vector<double> of_group(groups);
      left_out_distances(*fit, std::span<const float>(rows).subspan(i * kDim, kDim), group[i], group.size(),
                         of_group);
      const auto others = of_group.begin() + static_cast<std::ptrdiff_t>(labels.size());
      const double nearest = *std::min_element(of_group.begin(), others);
      distances[i] = static_cast<float>(nearest);
      if (others != of_group.end()) farther[i] = nearest - *std::min_element(others, of_group.end());
    });
    parameters.limits.most_distance = high_limit(std::move(distances), options_.shares.distance);
    if (!std::isfinite(parameters.limits.most_distance))
      parameters.limits.most_distance = NoveltyLimits::kNever;
    if (background != nullptr) fit_other(farther, parameters);
    return ok();
  }

  // `farther`: of each measured form, how much farther it is from labels than from other texts.
  void fit_other(const std::vector<double>& farther, NoveltyParameters& parameters) {
    const double distance_scale = scale_of(farther, kLeastDistanceSpread);
    parameters.distance_weight = static_cast<float>(distance_scale);
    std::vector<double> other(measured_);
    for (std::size_t i = 0; i < measured_; ++i) other[i] = distance_scale * farther[i];
    std::vector<TextSigns> of_form(fitted_.size());
    parallel_for(of_form.size(), options_.threads, [&](std::size_t i, std::size_t) {
      text_signs(
          text(i), [&](std::string_view word) { return knows_word(word, 1); }, of_form[i]);
    });
    std::vector<TextSigns> of_other(options_.background->forms.size());
    parallel_for(of_other.size(), options_.threads, [&](std::size_t i, std::size_t) {
      text_signs(
          options_.background->forms[i], [&](std::string_view word) { return knows_word(word, 0); },
          of_other[i]);
    });
    parameters.tokens = fit_signs(&TextSigns::tokens, of_form, of_other, other);
    parameters.pairs = fit_signs(&TextSigns::pairs, of_form, of_other, other);
    parameters.shapes = fit_signs(&TextSigns::shapes, of_form, of_other, other);
    parameters.limits.most_other = high_limit({other.begin(), other.end()}, options_.shares.other);
  }

  // Adds the scores of the measured forms to `other`, in their standard deviations.
  SignWeights fit_signs(std::vector<std::int32_t> TextSigns::*which, const std::vector<TextSigns>& of_form,
                        const std::vector<TextSigns>& of_other, std::vector<double>& other) const {
    SignCounts counts;
    for (const TextSigns& signs : of_form) counts.add(signs.*which, false);
    for (const TextSigns& signs : of_other) counts.add(signs.*which, true);
    std::vector<double> scores(measured_);
    parallel_for(measured_, options_.threads,
                 [&](std::size_t i, std::size_t) { scores[i] = counts.left_out(of_form[i].*which); });
    const double scale = scale_of(scores, kLeastScoreSpread);
    for (std::size_t i = 0; i < measured_; ++i) other[i] += scale * scores[i];
    return counts.weights(scale);
  }

  const LabelledData& data_;
  std::span<const float> vectors_;
  const NoveltyOptions& options_;
  std::vector<std::size_t> fitted_;
  std::unordered_map<std::int32_t, std::size_t> forms_with_;  // by word_key
  std::size_t measured_ = 0;                                  // the first of them
};

}  // namespace

Result<Novelty> fit_novelty(const LabelledData& data, std::span<const float> vectors,
                            std::span<const float> nearest_others, const NoveltyOptions& options) {
  return NoveltyFit(data, vectors, options).fit(nearest_others);
}

}  // namespace logsieve
