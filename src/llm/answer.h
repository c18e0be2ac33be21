// The label in a chat completion, checked as if an enemy had written it.
#ifndef LOGSIEVE_LLM_ANSWER_H_
#define LOGSIEVE_LLM_ANSWER_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "record/label_set.h"

namespace logsieve {

enum class AnswerKind : std::uint8_t {
  kLabel,      // one of the set
  kNoneFits,   // the model says Unclassified
  kCut,        // finish_reason "length": the budget of tokens was too small
  kInvalid,    // a chat completion whose content is no answer
  kMalformed,  // not a chat completion: the endpoint's fault, not the model's
};

struct ParsedAnswer {
  AnswerKind kind = AnswerKind::kMalformed;
  LabelId label = kNoLabel;
  std::string problem = {};  // for people; empty for kLabel and kNoneFits. May quote the model.
};

// `body` is choices[0].message.content with {"label": "..."} in it. The label counts if, white space around it
// dropped, it has exactly the bytes of a name in `labels` or of `Unclassified`; no case folding, no likeness.
// Other members of the object are ignored; a key named twice spoils it. One Markdown code fence around the
// object is allowed. O(body), whatever the bytes.
ParsedAnswer parse_answer(std::string_view body, const LabelSet& labels);

}  // namespace logsieve

#endif  // LOGSIEVE_LLM_ANSWER_H_
