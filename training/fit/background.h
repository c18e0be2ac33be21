// What is no log line, as forms and vectors: the texts of background_texts.h, and words in random order: of their English,
// and of the labelled forms.
#ifndef LOGSIEVE_TRAINING_FIT_BACKGROUND_H_
#define LOGSIEVE_TRAINING_FIT_BACKGROUND_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "training/fit/form_vectors.h"
#include "training/fit/labelled_data.h"

namespace logsieve {

enum class BackgroundKind : std::uint8_t { kProse, kLanguages, kDocumentation, kCode, kRandomWords };
inline constexpr std::array<std::string_view, 5> kBackgroundKinds = {
    "prose", "other languages", "technical documentation", "source code", "random words"};

struct Background {
  std::vector<std::string> forms;     // distinct, masked as log lines are
  std::vector<BackgroundKind> kinds;  // [forms.size()]; every kind occurs
  std::vector<std::size_t>
      encoded;                 // the forms that have a vector: up to 250 of each kind, evenly; ascending
  std::vector<float> vectors;  // [encoded.size(), kDim]
};

// The same for the same data and encoder. About 3,300 forms, three seconds of one core. Errors: the encoder's.
Result<Background> make_background(const LabelledData& data, FormReader& reader);

}  // namespace logsieve

#endif  // LOGSIEVE_TRAINING_FIT_BACKGROUND_H_
