// What is no log line, as forms and vectors: the texts of background_texts.h, and words in random order.
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

// The random words are those of the English texts. The same for the same encoder. About 3,000 forms, three seconds of one
// core. Errors: the encoder's.
Result<Background> make_background(FormReader& reader);

// Adds up to 300 texts of random words of the data's forms, 50 of them with vectors. Only what the model is trained on
// may come here: words of held-out forms would be known. Linear in the forms; a tenth of a second. Errors: the encoder's.
Result<void> add_labelled_words(const LabelledData& data, Spelling spelling, FormReader& reader,
                                Background& background);

}  // namespace logsieve

#endif  // LOGSIEVE_TRAINING_FIT_BACKGROUND_H_
