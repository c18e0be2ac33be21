// The request body of a batch of forms. The log is data: it travels as JSON strings inside a fence that carries a
// random code, with invisible characters taken out, and the system message says that nothing in it is obeyed. Each
// form has a random id, so that no line can name another one.
//
// What never changes stands first (instructions, label set, then examples), so that a provider's prefix cache can
// serve it.
#ifndef LOGSIEVE_LLM_PROMPT_H_
#define LOGSIEVE_LLM_PROMPT_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "llm/llm_question.h"
#include "llm/model_traits.h"
#include "record/label_set.h"

namespace logsieve {

// Names the wording and the limits below; a stored answer is valid only for the version that asked for it.
inline constexpr std::string_view kPromptVersion = "3";

inline constexpr std::size_t kMaxBatchForms = 40;
inline constexpr std::size_t kMaxFormBytes = 4'000;   // some 1,000 tokens; the encoder reads 256
inline constexpr std::size_t kMaxExamples = 8;        // a request
inline constexpr std::size_t kMaxExampleBytes = 500;  // each

// `text` as it may enter a prompt: valid UTF-8, without invisible, bidirectional, tag and variation characters;
// each run of control characters is one space; cut at a character boundary to at most `limit_bytes`.
std::string prompt_text(std::string_view text, std::size_t limit_bytes);

// `form` as it may leave the machine: without what prompt_text takes out, and redacted. Each form and example passes
// it on its way into a request, whatever the caller has done.
std::string outgoing_text(std::string_view form, std::size_t limit_bytes);

// 16 hexadecimal digits from the system's random source: nobody who writes a log line can know them.
std::string random_nonce();

// `count` different ids of 4 characters, a letter first, by the same source. count <= 1,000.
std::vector<std::string> random_ids(std::size_t count);

struct PromptItem {
  std::string_view id;
  std::string_view form;
};

struct RequestShape {
  std::string_view model;
  AnswerStyle style = AnswerStyle::kPlain;
  bool has_reasoning_effort = false;
  bool has_temperature = true;
  bool has_completion_tokens = true;  // the limit is called max_completion_tokens, else max_tokens
  std::uint32_t answer_tokens = 0;
  bool is_re_ask = false;  // says that the last reply was not valid
  std::string_view nonce;
  std::uint32_t variant = 0;  // LlmQuestion::variant
};

// At most kMaxExamples of the questions' examples: those that are near to most of them, the nearer the more.
std::vector<LlmExample> shared_examples(std::span<const LlmQuestion* const> questions);

// What is the same in every request of a client: instructions and labels.
class Prompt {
 public:
  // `descriptions` is empty or one a label. `labels` outlives the prompt.
  Prompt(const LabelSet& labels, std::vector<std::string> descriptions);

  // The JSON text to post to /chat/completions. Of `examples` at most kMaxExamples are shown.
  std::string request_body(std::span<const PromptItem> items, std::span<const LlmExample> examples,
                           const RequestShape& shape) const;

 private:
  const LabelSet& labels_;
  std::vector<std::string> descriptions_;
};

}  // namespace logsieve

#endif  // LOGSIEVE_LLM_PROMPT_H_
