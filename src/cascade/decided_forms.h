// Labels that a person gave to forms (logsieve review): they count at once, without training, for the form itself and
// for what is almost the same, and for nothing else.
//
// Immutable once created; shared by all threads.
#ifndef LOGSIEVE_CASCADE_DECIDED_FORMS_H_
#define LOGSIEVE_CASCADE_DECIDED_FORMS_H_

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "encoder/form_encoder.h"
#include "record/label_set.h"

namespace logsieve {

struct DecidedLabel {
  std::string form;
  std::string label;  // `Unclassified`: nobody may label this form; holds for the form itself only
};

// Cosine from which on another form is almost the same. Measured on the 298 forms of the 2,410-row set: the nearest two
// of different labels are .959 apart; on 806 forms of 16 public logs: .939. At .97 no form reaches one of another label
// there, and 47 of 298 reach one of their own (review_test).
inline constexpr float kDecidedSimilarity = 0.97F;

class DecidedForms {
 public:
  struct Found {
    LabelId label;  // kNoLabel for `Unclassified`
    float similarity;
  };

  DecidedForms() = default;
  // Labels that `labels` does not hold are left out: the bundle may be an older one. Later entries for a form win.
  // Errors: the encoder's.
  static Result<DecidedForms> create(std::span<const DecidedLabel> decided, const LabelSet& labels,
                                     const FormEncoder& encoder, std::size_t threads);

  std::size_t size() const { return forms_.size(); }
  // The nearest decided form, if it is this one, or within kDecidedSimilarity and nearer than `labelled_similarity`,
  // the cosine of the nearest form that the bundle was trained with. O(n). `embedding` [kDim].
  std::optional<Found> find(std::string_view form, std::span<const float> embedding,
                            float labelled_similarity) const;

 private:
  std::vector<std::string> forms_;
  std::vector<LabelId> labels_;
  std::vector<float> vectors_;  // [n, kDim]
};

}  // namespace logsieve

#endif  // LOGSIEVE_CASCADE_DECIDED_FORMS_H_
