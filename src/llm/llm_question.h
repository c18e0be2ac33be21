// The nouns of the LLM tier: a question about one form, and its answer.
#ifndef LOGSIEVE_LLM_LLM_QUESTION_H_
#define LOGSIEVE_LLM_LLM_QUESTION_H_

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "record/label_set.h"

namespace logsieve {

using LlmExample = std::pair<std::string, std::string>;  // form, label

struct LlmQuestion {
  std::string form = {};                  // the masked form: the only log text that leaves the machine
  std::vector<LlmExample> examples = {};  // the nearest labelled forms, the nearest first
  // 0: the labels in their order. Else they are shown in an order that this number alone decides: a second
  // opinion that does not share the first one's bias for positions. Has an answer of its own in the store.
  std::uint32_t variant = 0;
  std::uint32_t group = 0;  // only neighbouring questions of one group share a batch
  // Not empty: a control line. The label is known, the answer is neither looked up nor stored; if it is another one,
  // the batch was not answered by its prompt alone, and its answers are doubted (agreement.h).
  std::string control_label = {};
};

enum class LlmStatus : std::uint8_t {
  kAnswered,     // label is one of the set
  kAbstained,    // the model said Unclassified, or nothing valid after one more try
  kUnavailable,  // no answer: endpoint, network, budget, deadline
};

struct LlmAnswer {
  LlmStatus status = LlmStatus::kUnavailable;
  LabelId label = kNoLabel;
  std::string reason = {};  // for people, one printable line: why it abstained or was unavailable
  std::string key = {};     // of the stored answer; empty: it is not stored
  bool is_doubted = false;  // a control line of its batch came back wrong
};

}  // namespace logsieve

#endif  // LOGSIEVE_LLM_LLM_QUESTION_H_
