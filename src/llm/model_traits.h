// What a model is known to support, from its name; what it really does is learned from its replies.
#ifndef LOGSIEVE_LLM_MODEL_TRAITS_H_
#define LOGSIEVE_LLM_MODEL_TRAITS_H_

#include <cstdint>
#include <string_view>

namespace logsieve {

// How the reply's shape is asked for, strongest first. Every reply is checked here whatever the style:
// servers were seen to accept a schema and not to enforce it (llama.cpp #24097).
enum class AnswerStyle : std::uint8_t {
  kJsonSchema,  // response_format json_schema, strict, labels as an enum
  kJsonObject,  // response_format json_object: some JSON object
  kPlain,       // no response_format: the prompt alone
};

struct ModelTraits {
  AnswerStyle style = AnswerStyle::kJsonSchema;  // the first to try
  bool has_reasoning_effort = false;             // takes reasoning_effort, and is asked for "low"
  std::uint32_t answer_tokens = 512;             // max_completion_tokens of a first try, reasoning included
};

// gpt-oss: strict schema, low effort. llama-3: json_object, no reasoning. Others: schema first, effort unsaid.
ModelTraits traits_of_model(std::string_view model);

}  // namespace logsieve

#endif  // LOGSIEVE_LLM_MODEL_TRAITS_H_
