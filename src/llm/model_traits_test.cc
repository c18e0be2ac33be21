#include "llm/model_traits.h"

#include <gtest/gtest.h>

namespace logsieve {
namespace {

TEST(TraitsOfModel, KnowsGptOssUnderEveryProvidersName) {
  for (const char* name : {"openai/gpt-oss-120b", "openai/gpt-oss-20b", "gpt-oss:20b", "GPT-OSS-120B"}) {
    const ModelTraits traits = traits_of_model(name, Provider::kGroq);
    EXPECT_EQ(traits.style, AnswerStyle::kJsonSchema) << name;
    EXPECT_TRUE(traits.has_reasoning_effort) << name;
    EXPECT_FALSE(traits_of_model(name, Provider::kOllama).has_reasoning_effort) << name;
  }
}

TEST(TraitsOfModel, AsksGroqsLlamaForAJsonObject) {
  EXPECT_EQ(traits_of_model("llama-3.3-70b-versatile", Provider::kGroq).style, AnswerStyle::kJsonObject);
  EXPECT_EQ(traits_of_model("meta-llama/Llama-3.1-8B-Instruct", Provider::kVllm).style,
            AnswerStyle::kJsonSchema)
      << "vLLM enforces a schema whatever the model";
}

TEST(TraitsOfModel, TriesTheSchemaFirstWithAnyOther) {
  for (const char* name : {"qwen/qwen3-32b", "my-model", "", "/", "not-gpt-oss"}) {
    EXPECT_EQ(traits_of_model(name, Provider::kOther).style, AnswerStyle::kJsonSchema) << name;
    EXPECT_FALSE(traits_of_model(name, Provider::kOther).has_reasoning_effort) << name;
  }
  EXPECT_EQ(traits_of_model("x", Provider::kLlamaCpp).style, AnswerStyle::kObjectSchema);
}

TEST(TraitsOfModel, NamesTheTokenLimitAsTheProviderDoes) {
  EXPECT_TRUE(traits_of_model("x", Provider::kGroq).has_completion_tokens);
  EXPECT_TRUE(traits_of_model("x", Provider::kOpenAi).has_completion_tokens);
  EXPECT_FALSE(traits_of_model("x", Provider::kOllama).has_completion_tokens);
}

TEST(TraitsOfModel, SparesOpenAisReasoningModelsTheTemperature) {
  EXPECT_FALSE(traits_of_model("o4-mini", Provider::kOpenAi).has_temperature);
  EXPECT_FALSE(traits_of_model("gpt-5-mini", Provider::kOpenAi).has_temperature);
  EXPECT_TRUE(traits_of_model("gpt-4.1-mini", Provider::kOpenAi).has_temperature);
}

TEST(ProviderOfUrl, GoesByHostOrByUsualPort) {
  EXPECT_EQ(provider_of_url("https://api.groq.com/openai/v1"), Provider::kGroq);
  EXPECT_EQ(provider_of_url("https://API.OPENAI.COM:443/v1"), Provider::kOpenAi);
  EXPECT_EQ(provider_of_url("http://127.0.0.1:11434/v1"), Provider::kOllama);
  EXPECT_EQ(provider_of_url("http://[::1]:8080/v1"), Provider::kLlamaCpp);
  EXPECT_EQ(provider_of_url("http://localhost:8000/v1"), Provider::kVllm);
  for (const char* other : {"https://api.groq.com.evil.example/v1", "https://evil/api.groq.com", "", "x"})
    EXPECT_EQ(provider_of_url(other), Provider::kOther) << other;
}

TEST(ProviderNamed, KnowsTheNamesOfTheConfiguration) {
  EXPECT_EQ(provider_named("llama.cpp"), Provider::kLlamaCpp);
  EXPECT_EQ(provider_named("auto"), Provider::kFromUrl);
  EXPECT_FALSE(provider_named("Groq"));
}

}  // namespace
}  // namespace logsieve
