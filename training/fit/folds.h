// Splits of labelled data for cross-validation. Deterministic in the seed.
#ifndef LOGSIEVE_TRAINING_FIT_FOLDS_H_
#define LOGSIEVE_TRAINING_FIT_FOLDS_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "record/label_set.h"
#include "training/fit/labelled_data.h"

namespace logsieve {

enum class Protocol : std::uint8_t {
  kForm,    // whole forms are held out: how well unseen wording is classified
  kLine,    // lines are held out whatever their form: leaky, since most of their forms are in training
  kSource,  // whole sources are held out; their forms may still occur in others
};
std::string_view protocol_name(Protocol protocol);
std::optional<Protocol> protocol_from(std::string_view name);

// Fold of each form, in [0, folds). Forms of one label are dealt out so that their numbers differ by at most
// one between folds, the most frequent first, each to the fold with the fewest lines; the seed breaks ties
// and shuffles equals.
std::vector<std::size_t> form_folds(std::span<const LabelId> labels, std::span<const std::size_t> lines,
                                    std::size_t folds, std::uint64_t seed);

// Fold of each line of `data`. kLine deals the lines of each label; kSource gives every source a fold of its
// own, whatever `folds`. At least one fold, never more than there are forms, lines or sources.
std::vector<std::size_t> line_folds(const LabelledData& data, Protocol protocol, std::size_t folds,
                                    std::uint64_t seed);

}  // namespace logsieve

#endif  // LOGSIEVE_TRAINING_FIT_FOLDS_H_
