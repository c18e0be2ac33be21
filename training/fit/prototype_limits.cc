#include "training/fit/prototype_limits.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>
#include <utility>

#include "base/random.h"
#include "base/threads.h"
#include "encoder/sentence_encoder.h"

namespace logsieve {
namespace {

constexpr std::size_t kMostProbes = 4000;
constexpr double kFalseShare = 0.001;
// Floors for sets too small to show a mistake. On 301 forms of a public set, three forms of one label against all
// others: at .5 and .05 they took .0003 of the foreign forms.
constexpr float kLeastSimilarity = 0.5F;
constexpr float kLeastMargin = 0.05F;
constexpr float kNone = -2.0F;  // below every cosine

// What a form would be taken for if it were not in the index.
struct Probe {
  float nearest = kNone;  // similarity of the nearest other form
  float taken_at =
      kNone;  // the same where that form has a rare label, this one has not, and the margin is kept
};

Probe probe(const LabelledData& data, const Prototypes& index, std::span<const float> vectors,
            std::size_t form, std::span<const LabelId> rare) {
  const std::size_t dim = index.parameters().dim;
  const auto is_rare = [&](LabelId label) { return std::binary_search(rare.begin(), rare.end(), label); };
  Probe out;
  // Enough for the nearest of another label in nearly all cases; where not, the margin is wide enough anyway.
  constexpr std::size_t kNeighbours = 32;
  const auto near = index.nearest(vectors.subspan(form * dim, dim), kNeighbours);
  const Neighbour* first = nullptr;
  float other = kNone;
  for (const Neighbour& neighbour : near) {
    if (neighbour.form == form) continue;
    if (first == nullptr) first = &neighbour;
    if (neighbour.label == first->label) continue;
    other = neighbour.similarity;
    break;
  }
  if (first == nullptr) return out;
  out.nearest = first->similarity;
  if (is_rare(first->label) && first->label != data.forms[form].label &&
      first->similarity - other >= kLeastMargin)
    out.taken_at = first->similarity;
  return out;
}

std::vector<Probe> probe_forms(const LabelledData& data, const Prototypes& index,
                               std::span<const float> vectors, std::span<const LabelId> rare,
                               const PrototypeOptions& options) {
  std::vector<std::size_t> forms(data.forms.size());
  std::iota(forms.begin(), forms.end(), std::size_t{0});
  Random random(options.seed);
  random.shuffle(forms);
  forms.resize(std::min(forms.size(), kMostProbes));
  std::vector<Probe> probes(forms.size());
  parallel_for(forms.size(), options.threads,
               [&](std::size_t i, std::size_t) { probes[i] = probe(data, index, vectors, forms[i], rare); });
  return probes;
}

}  // namespace

Result<PrototypeFit> make_prototypes(const LabelledData& data, std::span<const float> vectors,
                                     std::span<const LabelId> rare, const PrototypeOptions& options) {
  PrototypeParameters parameters;
  parameters.dim = kDim;
  parameters.vectors.assign(vectors.begin(), vectors.end());
  for (const LabelledForm& form : data.forms) parameters.labels.push_back(form.label);
  parameters.answered_labels.assign(rare.begin(), rare.end());
  auto index = Prototypes::create(parameters);
  if (!index) return std::move(index).error();

  std::vector<float> nearest;
  std::vector<float> taken;
  for (const Probe& probed : probe_forms(data, *index, vectors, rare, options)) {
    if (probed.nearest > kNone) nearest.push_back(probed.nearest);
    if (probed.taken_at > kNone) taken.push_back(probed.taken_at);
  }
  std::sort(nearest.begin(), nearest.end());
  std::sort(taken.begin(), taken.end(), std::greater<>());
  const auto share = [&](double part) {
    return static_cast<std::size_t>(part * static_cast<double>(nearest.size()));
  };
  parameters.min_margin = kLeastMargin;
  parameters.min_similarity = kLeastSimilarity;
  if (taken.size() > share(kFalseShare))
    parameters.min_similarity = std::max(kLeastSimilarity, std::nextafter(taken[share(kFalseShare)], 2.0F));
  auto prototypes = Prototypes::create(std::move(parameters));
  if (!prototypes) return std::move(prototypes).error();
  return PrototypeFit{std::move(*prototypes), std::move(nearest)};
}

}  // namespace logsieve
