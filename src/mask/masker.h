// The form of a log line: variable values out, typed placeholder words in. One pass, no regex, no allocation.
#ifndef LOGSIEVE_MASK_MASKER_H_
#define LOGSIEVE_MASK_MASKER_H_

#include <string>
#include <string_view>

namespace logsieve {

// Changes whenever the same line could get another form; a bundle names the version it was trained with.
inline constexpr int kMaskVersion = 1;

// Replaces the content of `form` with the masked form of `line`. Keeps the capacity of `form`.
void mask(std::string_view line, std::string& form);

}  // namespace logsieve

#endif  // LOGSIEVE_MASK_MASKER_H_
