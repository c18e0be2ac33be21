#include "llm/model_traits.h"

#include <string>

#include "llm/ascii.h"

namespace logsieve {

ModelTraits traits_of_model(std::string_view model) {
  const std::string name = to_lower_ascii(model.substr(model.rfind('/') + 1));
  // Groq admits a request by prompt + max_completion_tokens against the tokens a minute (6,000-12,000 on its
  // free plan), so the budget stays small: a label is under 20 tokens, low-effort reasoning some 100 more.
  if (name.starts_with("gpt-oss")) return {AnswerStyle::kJsonSchema, true, 512};
  if (name.starts_with("llama-3") || name.starts_with("llama3"))
    return {AnswerStyle::kJsonObject, false, 128};
  return {};
}

}  // namespace logsieve
