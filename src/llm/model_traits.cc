#include "llm/model_traits.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "llm/ascii.h"

namespace logsieve {
namespace {

constexpr std::array<std::pair<std::string_view, Provider>, 7> kProviders = {{
    {"auto", Provider::kFromUrl},
    {"groq", Provider::kGroq},
    {"openai", Provider::kOpenAi},
    {"vllm", Provider::kVllm},
    {"llama.cpp", Provider::kLlamaCpp},
    {"ollama", Provider::kOllama},
    {"other", Provider::kOther},
}};

// Groq admits a request by prompt + max_completion_tokens against the tokens a minute (6,000-12,000 on its free
// plan), so the limits stay small: an item of an answer is under 25 tokens, low-effort reasoning some 300 a batch.
constexpr std::uint32_t kReasoningTokens = 1'024;
constexpr std::uint32_t kPlainTokens = 64;

bool is_openai_reasoning(std::string_view name) {
  return name.starts_with("o1") || name.starts_with("o3") || name.starts_with("o4") ||
         name.starts_with("gpt-5");
}

}  // namespace

std::optional<Provider> provider_named(std::string_view name) {
  const auto* found = std::find_if(kProviders.begin(), kProviders.end(),
                                   [&](const auto& known) { return known.first == name; });
  if (found == kProviders.end()) return std::nullopt;
  return found->second;
}

Provider provider_of_url(std::string_view base_url) {
  const std::string url = to_lower_ascii(base_url) + "/";
  const std::size_t start = url.find("://") == std::string::npos ? 0 : url.find("://") + 3;
  const std::string host = url.substr(start, url.find('/', start) - start);
  const auto is_host = [&](std::string_view name) {
    return host == name || (host.starts_with(name) && host[name.size()] == ':');
  };
  if (is_host("api.groq.com")) return Provider::kGroq;
  if (is_host("api.openai.com")) return Provider::kOpenAi;
  if (host.ends_with(":11434")) return Provider::kOllama;
  if (host.ends_with(":8080")) return Provider::kLlamaCpp;
  if (host.ends_with(":8000")) return Provider::kVllm;
  return Provider::kOther;
}

ModelTraits traits_of_model(std::string_view model, Provider provider) {
  const std::string name = to_lower_ascii(model.substr(model.rfind('/') + 1));
  ModelTraits traits;
  // Only these two are known to take the newer name; all take the older one but OpenAI's reasoning models.
  traits.has_completion_tokens = provider == Provider::kGroq || provider == Provider::kOpenAi;
  if (provider == Provider::kLlamaCpp) traits.style = AnswerStyle::kObjectSchema;
  if (name.starts_with("gpt-oss")) {
    traits.has_reasoning_effort = provider == Provider::kGroq || provider == Provider::kVllm;
    traits.base_tokens = kReasoningTokens;
  } else if (provider == Provider::kGroq && (name.starts_with("llama-3") || name.starts_with("llama3"))) {
    traits.style = AnswerStyle::kJsonObject;
    traits.base_tokens = kPlainTokens;
  } else if (provider == Provider::kOpenAi && is_openai_reasoning(name)) {
    traits.has_temperature = false;
    traits.has_reasoning_effort = true;
    traits.base_tokens = kReasoningTokens;
  }
  return traits;
}

}  // namespace logsieve
