// How the placeholders of a form are written in the text that an encoder reads. A form itself, and all that is compared
// as text (keys of caches, words as terms, rules), always has the plain words of masker.h.
#ifndef LOGSIEVE_MASK_SPELLING_H_
#define LOGSIEVE_MASK_SPELLING_H_

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace logsieve {

enum class Spelling : std::uint8_t {
  kWords,  // number
  kTags,   // <number>
  kNone,   // nothing: the placeholder is left out
};
inline constexpr std::array<Spelling, 3> kSpellings = {Spelling::kWords, Spelling::kTags, Spelling::kNone};

// The word that stands for a spelling in a bundle: words, tags, none.
std::string_view spelling_name(Spelling spelling);
std::optional<Spelling> spelling_from(std::string_view name);

// Replaces `text` with `form`, its placeholders spelled so. A placeholder is a whole run of letters, digits and bytes
// from 0x80 up: `blk_number` has one, `phonenumber` has none. A line's own word "number" cannot be told from a
// placeholder; it is one form with lines that have a number there, and read as they are. O(bytes). `form` must not
// point into `text`.
void spell(std::string_view form, Spelling spelling, std::string& text);

}  // namespace logsieve

#endif  // LOGSIEVE_MASK_SPELLING_H_
