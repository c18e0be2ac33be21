// How much of a form is words at all.
#ifndef LOGSIEVE_HEAD_WORD_SHARE_H_
#define LOGSIEVE_HEAD_WORD_SHARE_H_

#include <functional>
#include <string_view>

namespace logsieve {

// Share of the form's bytes, blanks and placeholders (mask/masker.h) not counted, that lie in words which `is_known`
// knows: runs of at least three ASCII letters, cut where a capital begins a word ("HTTPServer" is two), given in lower case.
// [0, 1]; 0 for a form of nothing but blanks and placeholders: it says nothing. One call of `is_known` a word.
double word_share(std::string_view form, const std::function<bool(std::string_view)>& is_known);

}  // namespace logsieve

#endif  // LOGSIEVE_HEAD_WORD_SHARE_H_
