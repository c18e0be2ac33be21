// The labelled forms of a bundle as a nearest-neighbour index: the prototype tier for labels with too little
// data for the regression, the nearest examples of `explain`, and one sign of novelty.
// Immutable once created; shared by all threads.
#ifndef LOGSIEVE_HEAD_PROTOTYPES_H_
#define LOGSIEVE_HEAD_PROTOTYPES_H_

#include <array>
#include <cstddef>
#include <span>
#include <vector>

#include "base/result.h"
#include "record/label_set.h"

namespace logsieve {

struct Neighbour {
  std::size_t form;  // row of the index
  LabelId label;
  float similarity;  // cosine, [-1, 1]
};

struct PrototypeParameters {
  std::size_t dim = 0;
  std::vector<float> vectors;            // [n, dim] unit rows
  std::vector<LabelId> labels;           // [n]
  std::vector<LabelId> answered_labels;  // labels that this tier may answer: those without a regression
  float min_similarity = 0.0F;           // a nearest form farther than this answers nothing
  float min_margin = 0.0F;               // over the nearest form of any other label
};

struct PrototypeAnswer {
  LabelId label = kNoLabel;  // of the nearest form, if it is an answered label, near and clear enough
  float confidence = 0.0F;   // [0, 1], from similarity and margin; 0 if there is no form at all
  std::size_t nearest = 0;   // row of the nearest form; the first of equals
  float similarity = 0.0F;
};

// The nearest forms of one embedding, the nearest first, equals by row.
struct NearestForms {
  static constexpr std::size_t kMost = 8;
  std::array<Neighbour, kMost> forms{};
  std::size_t count = 0;

  void see(const Neighbour& next);  // rows come in ascending order
};

class Prototypes {
 public:
  Prototypes() = default;
  // kCorruptModel if a shape is off, a row is not of unit length, or a number is not finite.
  // `answered_labels` are put in ascending order.
  static Result<Prototypes> create(PrototypeParameters parameters);

  std::size_t size() const { return parameters_.labels.size(); }
  const PrototypeParameters& parameters() const { return parameters_; }
  // The min(k, size()) nearest forms, nearest first, ties by row. O(n dim).
  std::vector<Neighbour> nearest(std::span<const float> embedding, std::size_t k) const;
  // One answer an embedding: `embeddings` is row-major [answers.size(), dim]. O(answers n dim), no allocation.
  // A block of embeddings shares each pass over the rows, which otherwise come from memory once for every
  // embedding; the answers have the same bits in any company. Where all forms carry one label, the margin is
  // taken over -1.
  // With `nearest` ([answers.size()], or empty) the nearest forms come from the same pass, at next to no cost.
  void answer(std::span<const float> embeddings, std::span<PrototypeAnswer> answers,
              std::span<NearestForms> nearest = {}) const;
  PrototypeAnswer answer(std::span<const float> embedding) const;
  // Nearest similarity of any form, -1 if there is none; no allocation.
  float nearest_similarity(std::span<const float> embedding) const;

 private:
  struct TwoNearest {
    LabelId label = kNoLabel;
    std::size_t row = 0;
    float similarity = -1.0F;
    float other_similarity = -1.0F;  // of the nearest form with another label

    void see(std::size_t row_seen, LabelId label_seen, float similarity_seen);
  };
  void two_nearest(std::span<const float> embeddings, std::span<TwoNearest> found,
                   std::span<NearestForms> nearest) const;
  PrototypeAnswer answer_of(const TwoNearest& found) const;

  PrototypeParameters parameters_;
};

}  // namespace logsieve

#endif  // LOGSIEVE_HEAD_PROTOTYPES_H_
