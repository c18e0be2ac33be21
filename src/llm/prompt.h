// The request body of one question. The log is data: it travels as a JSON string inside a fence that carries a
// random code, with invisible characters taken out, and the system message says that nothing in it is obeyed.
//
// What never changes stands first (instructions, label set), so that a provider's prefix cache can serve it.
#ifndef LOGSIEVE_LLM_PROMPT_H_
#define LOGSIEVE_LLM_PROMPT_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "llm/llm_client.h"
#include "llm/model_traits.h"
#include "record/label_set.h"

namespace logsieve {

// Names the wording and the limits below; a stored answer is valid only for the version that asked for it.
inline constexpr std::string_view kPromptVersion = "1";

inline constexpr std::size_t kMaxFormBytes = 4'000;  // some 1,000 tokens; the encoder reads 256
inline constexpr std::size_t kMaxSourceBytes = 200;
inline constexpr std::size_t kMaxExamples = 8;
inline constexpr std::size_t kMaxExampleBytes = 500;  // each

// `text` as it may enter a prompt: valid UTF-8, without invisible, bidirectional, tag and variation characters;
// each run of control characters is one space; cut at a character boundary to at most `limit_bytes`.
std::string prompt_text(std::string_view text, std::size_t limit_bytes);

// 16 hexadecimal digits from the system's random source: nobody who writes a log line can know them.
std::string random_nonce();

struct RequestShape {
  std::string_view model;
  AnswerStyle style = AnswerStyle::kPlain;
  bool has_reasoning_effort = false;
  std::uint32_t answer_tokens = 0;
  bool is_re_ask = false;  // says that the last reply was not valid
  std::string_view nonce;
};

// What is the same in every request of a client: system message and schema.
class Prompt {
 public:
  // `descriptions` is empty or one a label.
  Prompt(const LabelSet& labels, std::span<const std::string> descriptions);

  // The JSON text to post to /chat/completions.
  std::string request_body(const LlmQuestion& question, const RequestShape& shape) const;

 private:
  std::string system_;
  std::string schema_;  // JSON text
};

}  // namespace logsieve

#endif  // LOGSIEVE_LLM_PROMPT_H_
