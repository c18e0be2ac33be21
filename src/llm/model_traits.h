// What a provider and a model are known to support, from their names; what they really do is learned from replies.
#ifndef LOGSIEVE_LLM_MODEL_TRAITS_H_
#define LOGSIEVE_LLM_MODEL_TRAITS_H_

#include <cstdint>
#include <optional>
#include <string_view>

namespace logsieve {

// How the reply's shape is asked for, strongest first. Every reply is checked here whatever the style:
// servers were seen to accept a schema and not to enforce it (llama.cpp #24097).
enum class AnswerStyle : std::uint8_t {
  kJsonSchema,    // response_format json_schema, strict, labels as an enum
  kObjectSchema,  // response_format json_object with a `schema` beside it (llama.cpp's own way)
  kJsonObject,    // response_format json_object: some JSON object
  kPlain,         // no response_format: the prompt alone
};

enum class Provider : std::uint8_t { kFromUrl, kGroq, kOpenAi, kVllm, kLlamaCpp, kOllama, kOther };

// "groq", "openai", "vllm", "llama.cpp", "ollama", "other"; "auto" is kFromUrl.
std::optional<Provider> provider_named(std::string_view name);
// By host (api.groq.com, api.openai.com) or, for a server of one's own, by the port that it listens on unless told
// otherwise: 11434 Ollama, 8080 llama.cpp, 8000 vLLM. Anything else: kOther. Never kFromUrl.
Provider provider_of_url(std::string_view base_url);

struct ModelTraits {
  AnswerStyle style = AnswerStyle::kJsonSchema;  // the first to try
  bool has_reasoning_effort = false;             // takes reasoning_effort, and is asked for "low"
  bool has_temperature = true;                   // takes temperature 0
  bool has_completion_tokens = true;             // names the limit max_completion_tokens; else max_tokens
  std::uint32_t base_tokens = 256;  // of the answer's limit: reasoning, and what is around the items
  std::uint32_t item_tokens = 32;   // ... and for each form asked
  friend bool operator==(const ModelTraits&, const ModelTraits&) = default;
};

// gpt-oss: strict schema, low effort. llama-3 on Groq: json_object, no reasoning. OpenAI's reasoning models take no
// temperature. Others: schema first.
ModelTraits traits_of_model(std::string_view model, Provider provider);

}  // namespace logsieve

#endif  // LOGSIEVE_LLM_MODEL_TRAITS_H_
