// Whether a form is like anything that the model was trained with. Four signs are looked at, each with a limit of its own;
// one that is beyond its limit is enough to refuse the form.
// Immutable once created; shared by all threads.
#ifndef LOGSIEVE_HEAD_NOVELTY_H_
#define LOGSIEVE_HEAD_NOVELTY_H_

#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "head/class_gaussians.h"
#include "head/text_signs.h"

namespace logsieve {

// In the order in which they are looked at; the first that is beyond its limit is the reason.
enum class NoveltySign : std::uint8_t {
  kNone,
  kWords,    // hardly a known word in it (head/word_share.h): values, bytes, base64
  kNearest,  // far from every labelled form
  kClasses,  // far from every label, by the spread of the labels' forms
  kOther,    // like texts that are no log lines: prose, source code
};

struct NoveltyMeasures {
  float words = 1.0F;     // word_share, [0, 1]
  float nearest = 1.0F;   // cosine of the nearest labelled form
  float distance = 0.0F;  // to the nearest label (head/class_gaussians.h); 1 is usual
  // How much nearer to other texts than to labels, as a vector, by tokens, by pairs of them and by shape, added up: each
  // in standard deviations of labelled forms.
  float other = 0.0F;
};

struct NoveltyLimits {
  static constexpr float kNever = std::numeric_limits<float>::max();
  float least_words = 0.0F;
  float least_nearest = -1.0F;
  float most_distance = kNever;
  float most_other = kNever;
};

struct NoveltyParameters {
  std::vector<std::int32_t> words =
      {};  // hashes (head/word_key.h) of words that several labelled forms have, ascending; shapes ask for them
  GaussianParameters gaussians = {};  // groups: labels, then kinds of other texts; may be none
  std::size_t labels = 0;             // groups that are labels; all: there are no other texts
  float distance_weight = 0.0F;       // of the difference of distances in `other`
  SignWeights tokens = {};            // of other texts against labelled forms
  SignWeights pairs = {};
  SignWeights shapes = {};
  NoveltyLimits limits = {};
};

class Novelty {
 public:
  Novelty() = default;  // finds nothing novel
  // kCorruptModel if a shape is off, a list is not ascending or a number is not finite.
  static Result<Novelty> create(NoveltyParameters parameters);

  const NoveltyLimits& limits() const { return parameters_.limits; }
  // But for the Gaussians, which are those below.
  const NoveltyParameters& parameters() const { return parameters_; }
  const ClassGaussians& gaussians() const { return gaussians_; }
  bool knows_word(std::string_view word) const;
  // Fills `distance` and `other`; O(dim^2 / 2 + bytes).
  void measure(std::string_view form, std::span<const float> vector, NoveltyMeasures& measures) const;
  NoveltySign sign(const NoveltyMeasures& measures) const;

 private:
  NoveltyParameters parameters_;
  ClassGaussians gaussians_;
};

}  // namespace logsieve

#endif  // LOGSIEVE_HEAD_NOVELTY_H_
