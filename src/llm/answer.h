// The labels in a chat completion, checked as if an enemy had written it.
#ifndef LOGSIEVE_LLM_ANSWER_H_
#define LOGSIEVE_LLM_ANSWER_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "llm/budget.h"
#include "record/label_set.h"

namespace logsieve {

enum class AnswerKind : std::uint8_t {
  kLabel,     // one of the set
  kNoneFits,  // the model says Unclassified
  kInvalid,   // not one of the labels, or two different ones for the same id
  kMissing,   // no answer for this id
};

struct ItemAnswer {
  AnswerKind kind = AnswerKind::kMissing;
  LabelId label = kNoLabel;
  std::string problem = {};  // for people; empty for kLabel and kNoneFits. May quote the model.
};

enum class ReplyKind : std::uint8_t {
  kAnswers,    // there are answers; each is looked at by itself
  kCut,        // finish_reason "length": the limit of tokens was too small
  kInvalid,    // a chat completion whose content is no list of answers
  kMalformed,  // not a chat completion: the endpoint's fault, not the model's
};

struct ParsedReply {
  ReplyKind kind = ReplyKind::kMalformed;
  std::vector<ItemAnswer> items = {};    // [ids]; empty unless kAnswers
  std::size_t strangers = 0;             // answers to ids that were not asked
  std::optional<TokenCount> usage = {};  // what the provider counted, whatever the kind
  std::string problem = {};              // for people, unless kAnswers. May quote the model.
};

// `body` is a chat completion with choices[0].message.content {"answers": [{"id": "...", "label": "..."}]}, or the
// list alone; where one id was asked, {"label": "..."} is enough. A label counts if, white space around it dropped,
// it has exactly the bytes of a name in `labels` or of `Unclassified`; no case folding, no likeness. Answers are
// matched by id, whatever their order. Other members are ignored; a key named twice spoils the reply. One Markdown
// code fence around it is allowed. O(body log ids), whatever the bytes.
ParsedReply parse_reply(std::string_view body, std::span<const std::string> ids, const LabelSet& labels);

}  // namespace logsieve

#endif  // LOGSIEVE_LLM_ANSWER_H_
