#include "head/prototypes.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <cmath>
#include <string>

#include "head/dot.h"

namespace logsieve {
namespace {

// Rows are written as floats of unit length; a row off by more has been damaged or was never normalised.
constexpr double kUnitTolerance = 1e-3;
// Embeddings that share a pass over all rows, and rows that stay in the first-level cache meanwhile: 16 of 384 floats
// are 24 KB.
constexpr std::size_t kBlock = 64;
constexpr std::size_t kRows = 16;
constexpr std::size_t kTogether = 4;  // embeddings

Error corrupt(std::string message) {
  return Error{ErrorCode::kCorruptModel, "prototypes: " + std::move(message)}.with_help(
      "the model is damaged: train it again or restore it from a copy");
}

std::span<const float> row_of(const PrototypeParameters& p, std::size_t row) {
  return std::span<const float>(p.vectors).subspan(row * p.dim, p.dim);
}

Result<void> check_rows(const PrototypeParameters& p) {
  for (std::size_t row = 0; row < p.labels.size(); ++row) {
    if (p.labels[row] < 0) return corrupt("form " + std::to_string(row) + " has a negative label");
    // Not (x <= tolerance): a NaN must not pass.
    const double squared = dot_double(row_of(p, row), row_of(p, row));
    if (!(std::abs(squared - 1.0) <= 2 * kUnitTolerance))
      return corrupt("vector " + std::to_string(row) + " is not of unit length");
  }
  return ok();
}

bool is_similarity(float value) {
  return std::isfinite(value);
}

}  // namespace

Result<Prototypes> Prototypes::create(PrototypeParameters parameters) {
  const PrototypeParameters& p = parameters;
  if (!p.labels.empty() && p.dim == 0) return corrupt("vectors of length 0");
  if (p.vectors.size() != p.labels.size() * p.dim)
    return corrupt(std::to_string(p.vectors.size()) + " numbers for " + std::to_string(p.labels.size()) +
                   " vectors of " + std::to_string(p.dim));
  if (!is_similarity(p.min_similarity) || !is_similarity(p.min_margin))
    return corrupt("a limit is not a finite number");
  if (std::any_of(p.answered_labels.begin(), p.answered_labels.end(),
                  [](LabelId label) { return label < 0; }))
    return corrupt("a negative label");
  if (auto rows = check_rows(p); !rows) return std::move(rows).error();
  Prototypes prototypes;
  prototypes.parameters_ = std::move(parameters);
  std::sort(prototypes.parameters_.answered_labels.begin(), prototypes.parameters_.answered_labels.end());
  return prototypes;
}

std::vector<Neighbour> Prototypes::nearest(std::span<const float> embedding, std::size_t k) const {
  assert(size() == 0 || embedding.size() == parameters_.dim);
  std::vector<Neighbour> all(size());
  for (std::size_t row = 0; row < size(); ++row)
    all[row] = {row, parameters_.labels[row],
                std::clamp(dot(row_of(parameters_, row), embedding), -1.0F, 1.0F)};
  const std::size_t kept = std::min(k, all.size());
  std::partial_sort(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(kept), all.end(),
                    [](const Neighbour& a, const Neighbour& b) {
                      return a.similarity != b.similarity ? a.similarity > b.similarity : a.form < b.form;
                    });
  all.resize(kept);
  return all;
}

void Prototypes::TwoNearest::see(std::size_t row_seen, LabelId label_seen, float similarity_seen) {
  if (similarity_seen > similarity || label == kNoLabel) {
    // The old nearest becomes the best of another label, unless the new one carries the same label.
    if (label_seen != label && label != kNoLabel) other_similarity = similarity;
    similarity = similarity_seen;
    label = label_seen;
    row = row_seen;
  } else if (label_seen != label) {
    other_similarity = std::max(other_similarity, similarity_seen);
  }
}

void NearestForms::see(const Neighbour& next) {
  if (count == kMost && !(next.similarity > forms[kMost - 1].similarity)) return;
  if (count < kMost) ++count;
  std::size_t place = count - 1;
  for (; place > 0 && next.similarity > forms[place - 1].similarity; --place) forms[place] = forms[place - 1];
  forms[place] = next;
}

void Prototypes::two_nearest(std::span<const float> embeddings, std::span<TwoNearest> found,
                             std::span<NearestForms> nearest) const {
  const std::size_t dim = parameters_.dim;
  std::array<float, kTogether * kRows> similarities;
  for (std::size_t begin = 0; begin < size(); begin += kRows) {
    const std::size_t count = std::min(kRows, size() - begin);
    const auto rows = std::span<const float>(parameters_.vectors).subspan(begin * dim, count * dim);
    for (std::size_t i = 0; i < found.size(); i += kTogether) {
      const std::size_t together = std::min(kTogether, found.size() - i);
      dots(embeddings.subspan(i * dim, together * dim), rows, dim,
           std::span(similarities).first(together * count));
      for (std::size_t k = 0; k < together * count; ++k) {
        const std::size_t row = begin + k % count;
        const float similarity = std::clamp(similarities[k], -1.0F, 1.0F);
        found[i + k / count].see(row, parameters_.labels[row], similarity);
        if (!nearest.empty()) nearest[i + k / count].see({row, parameters_.labels[row], similarity});
      }
    }
  }
}

PrototypeAnswer Prototypes::answer_of(const TwoNearest& found) const {
  const float margin = found.similarity - found.other_similarity;
  // Chance that the nearest form's label is right, as logistic regression on similarity and margin gave it
  // from the 301 forms of a public set, each against all others (accuracy .957; above margin .2: 254 of 254).
  const double odds = 1.8 * static_cast<double>(found.similarity) + 14.0 * static_cast<double>(margin) - 1.3;
  PrototypeAnswer out;
  out.confidence = static_cast<float>(1.0 / (1.0 + std::exp(-odds)));
  out.nearest = found.row;
  out.similarity = found.similarity;
  const auto& answered = parameters_.answered_labels;
  const bool is_answered = std::binary_search(answered.begin(), answered.end(), found.label);
  if (is_answered && found.similarity >= parameters_.min_similarity && margin >= parameters_.min_margin)
    out.label = found.label;
  return out;
}

void Prototypes::answer(std::span<const float> embeddings, std::span<PrototypeAnswer> answers,
                        std::span<NearestForms> nearest) const {
  assert(size() == 0 || embeddings.size() == answers.size() * parameters_.dim);
  assert(nearest.empty() || nearest.size() == answers.size());
  std::fill(answers.begin(), answers.end(), PrototypeAnswer{});
  std::fill(nearest.begin(), nearest.end(), NearestForms{});
  if (size() == 0) return;
  std::array<TwoNearest, kBlock> block;
  for (std::size_t begin = 0; begin < answers.size(); begin += kBlock) {
    const std::size_t count = std::min(kBlock, answers.size() - begin);
    const auto found = std::span(block).first(count);
    std::fill(found.begin(), found.end(), TwoNearest{});
    two_nearest(embeddings.subspan(begin * parameters_.dim, count * parameters_.dim), found,
                nearest.empty() ? nearest : nearest.subspan(begin, count));
    for (std::size_t i = 0; i < count; ++i) answers[begin + i] = answer_of(found[i]);
  }
}

PrototypeAnswer Prototypes::answer(std::span<const float> embedding) const {
  PrototypeAnswer out;
  answer(embedding, {&out, 1});
  return out;
}

float Prototypes::nearest_similarity(std::span<const float> embedding) const {
  if (size() == 0) return -1.0F;
  TwoNearest found;
  two_nearest(embedding, {&found, 1}, {});
  return found.similarity;
}

}  // namespace logsieve
