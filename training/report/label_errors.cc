#include "training/report/label_errors.h"

#include <algorithm>

namespace logsieve {

std::vector<SuspectedLabel> suspected_labels(std::span<const float> probabilities, std::size_t labels,
                                             std::span<const LabelId> given) {
  std::vector<double> threshold(labels, 0.0);
  std::vector<std::size_t> items(labels, 0);
  const auto probability = [&](std::size_t item, std::size_t label) {
    return static_cast<double>(probabilities[item * labels + label]);
  };
  for (std::size_t i = 0; i < given.size(); ++i) {
    if (given[i] == kNoLabel) continue;
    const auto label = static_cast<std::size_t>(given[i]);
    threshold[label] += probability(i, label);
    ++items[label];
  }
  for (std::size_t label = 0; label < labels; ++label)
    threshold[label] = items[label] == 0 ? 2.0 : threshold[label] / static_cast<double>(items[label]);

  std::vector<SuspectedLabel> out;
  for (std::size_t i = 0; i < given.size(); ++i) {
    if (given[i] == kNoLabel) continue;
    std::size_t best = labels;
    for (std::size_t label = 0; label < labels; ++label) {
      if (probability(i, label) < threshold[label]) continue;
      if (best == labels || probability(i, label) > probability(i, best)) best = label;
    }
    const auto own = static_cast<std::size_t>(given[i]);
    if (best == labels || best == own) continue;
    out.push_back({i, given[i], static_cast<LabelId>(best), probability(i, own), probability(i, best)});
  }
  std::stable_sort(out.begin(), out.end(), [](const SuspectedLabel& a, const SuspectedLabel& b) {
    return a.likelier_probability - a.given_probability > b.likelier_probability - b.given_probability;
  });
  return out;
}

}  // namespace logsieve
