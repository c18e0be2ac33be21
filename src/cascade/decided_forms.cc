#include "cascade/decided_forms.h"

#include <algorithm>
#include <map>
#include <numeric>
#include <utility>

namespace logsieve {

Result<DecidedForms> DecidedForms::create(std::span<const DecidedLabel> decided, const LabelSet& labels,
                                          const FormEncoder& encoder, std::size_t threads) {
  std::map<std::string_view, LabelId> by_form;  // sorted: the same bits whatever the order of decisions
  for (const DecidedLabel& one : decided) {
    const LabelId label = labels.find(one.label);
    if (label != kNoLabel || one.label == kUnclassified) by_form[one.form] = label;
  }
  DecidedForms result;
  std::vector<std::string_view> forms;
  for (const auto& [form, label] : by_form) {
    forms.push_back(form);
    result.forms_.emplace_back(form);
    result.labels_.push_back(label);
  }
  result.vectors_.resize(forms.size() * kDim);
  if (forms.empty()) return result;
  if (auto encoded = encoder.encode(forms, result.vectors_, threads); !encoded)
    return std::move(encoded).error();
  return result;
}

std::optional<DecidedForms::Found> DecidedForms::find(std::string_view form, std::span<const float> embedding,
                                                      float labelled_similarity) const {
  std::optional<Found> best;
  for (std::size_t i = 0; i < forms_.size(); ++i) {
    if (forms_[i] == form) return Found{labels_[i], 1.0F};
    if (labels_[i] == kNoLabel) continue;
    const auto row = std::span<const float>(vectors_).subspan(i * kDim, kDim);
    const float cosine = std::inner_product(row.begin(), row.end(), embedding.begin(), 0.0F);
    if (cosine < kDecidedSimilarity || cosine <= labelled_similarity) continue;
    if (!best || cosine > best->similarity) best = Found{labels_[i], std::min(cosine, 1.0F)};
  }
  return best;
}

}  // namespace logsieve
