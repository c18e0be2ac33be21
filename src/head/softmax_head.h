// Multinomial logistic regression over what is known of a form: softmax(W x + V w + U t + b) at a temperature, with x
// its sentence vector, w the extremes of its word vectors (SentenceEncoder::word_extremes) and t its words by TF-IDF.
// The last two are optional.
// Immutable once created; shared by all threads.
#ifndef LOGSIEVE_HEAD_SOFTMAX_HEAD_H_
#define LOGSIEVE_HEAD_SOFTMAX_HEAD_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "head/form_terms.h"
#include "record/label_set.h"

namespace logsieve {

struct SoftmaxParameters {
  std::size_t dim = 0;
  std::vector<LabelId> labels;           // [k] the label of each class, ascending; k may be 0 (no regression)
  std::vector<float> weights;            // [k, dim] row-major
  std::vector<float> bias;               // [k]
  float temperature = 1.0F;              // > 0; logits are divided by it
  std::vector<float> thresholds;         // [k] least probability at which the class is answered; > 1: never
  std::vector<float> word_weights = {};  // [k, 2 * dim]; empty: words are not looked at
  std::vector<std::int32_t> term_keys = {};  // [t] ascending, >= 0 (head/form_terms.h); t may be 0
  std::vector<float> term_idf = {};          // [t] > 0
  std::vector<float> term_weights = {};      // [k, t]
};

// A form as the head sees it. What spans and text point to must outlive the call only.
struct FormView {
  std::span<const float> sentence;  // [dim]
  std::span<const float> words;     // [2 * dim]; may be empty if the head does not look at words
  std::string_view text;            // may be empty if it does not look at terms
};

// TF-IDF of the terms that `keys` (ascending, beside their `idf`) has, as a row of length 1; others do not count.
// `column` of the result is the place in `keys`. Source: scikit-learn's TfidfVectorizer with sublinear_tf.
struct TermValue {
  std::size_t column;
  double value;
};
void weigh_terms(std::span<const FormTerm> terms, std::span<const std::int32_t> keys,
                 std::span<const float> idf, std::vector<TermValue>& row);

struct SoftmaxAnswer {
  LabelId label = kNoLabel;  // the most probable; the first of equals
  float probability = 0.0F;
  bool is_sure = false;  // probability >= the label's threshold
};

class SoftmaxHead {
 public:
  SoftmaxHead() = default;
  // kCorruptModel if a shape is off, labels are not ascending, or a number is not finite or out of range.
  static Result<SoftmaxHead> create(SoftmaxParameters parameters);

  std::size_t classes() const { return parameters_.labels.size(); }
  const SoftmaxParameters& parameters() const { return parameters_; }
  // `probabilities` [classes()]. O(k dim + words log t), some microseconds; summed in double over eight
  // lanes in a fixed order (head/dot.h), so that the bits do not depend on the machine's vector width.
  void predict(const FormView& form, std::span<float> probabilities) const;
  // The same for a head that looks at the vector alone.
  void predict(std::span<const float> embedding, std::span<float> probabilities) const;
  bool sees_words() const { return !parameters_.word_weights.empty(); }
  // W x + b before the temperature, as the calibration wants it. `logits` [classes()].
  void logits(const FormView& form, std::span<double> logits) const;
  void logits(std::span<const float> embedding, std::span<double> logits) const;
  SoftmaxAnswer answer(std::span<const float> probabilities) const;

 private:
  SoftmaxParameters parameters_;
};

}  // namespace logsieve

#endif  // LOGSIEVE_HEAD_SOFTMAX_HEAD_H_
