// Which numbers stay in a form: HTTP status, return, exit and error codes and signals name what happened, amounts
// do not. The words before a number tell ("statusCode: 404", "exited with 137", "responded 503"), and the word
// behind it can take that back ("returned 404 rows"). The words before are read off the form, not the line, so
// that masking a form again sees the same.
#ifndef LOGSIEVE_MASK_CODE_CUES_H_
#define LOGSIEVE_MASK_CODE_CUES_H_

#include <cstddef>
#include <string_view>

namespace logsieve::mask_detail {

// True if `form` ends in "HTTP/", so that the number next is the version of the protocol.
bool follows_http(std::string_view form);

// True if the `length` decimal digits of `line` at `at`, which come next behind `form`, are a code. A sign before
// them is neither in `form` nor in `length`. Bounded: reads at most a few words on both sides.
bool keeps_number(std::string_view form, std::string_view line, std::size_t at, std::size_t length);

// The same for 0x…: `word` is the whole of it.
bool keeps_hex(std::string_view form, std::string_view word);

}  // namespace logsieve::mask_detail

#endif  // LOGSIEVE_MASK_CODE_CUES_H_
