#include "llm/model_traits.h"

#include <gtest/gtest.h>

namespace logsieve {
namespace {

TEST(TraitsOfModel, KnowsGptOssUnderEveryProvidersName) {
  for (const char* name : {"openai/gpt-oss-120b", "openai/gpt-oss-20b", "gpt-oss:20b", "GPT-OSS-120B"}) {
    EXPECT_EQ(traits_of_model(name).style, AnswerStyle::kJsonSchema) << name;
    EXPECT_TRUE(traits_of_model(name).has_reasoning_effort) << name;
  }
}

TEST(TraitsOfModel, AsksLlamaForAJsonObject) {
  for (const char* name : {"llama-3.3-70b-versatile", "meta-llama/Llama-3.1-8B-Instruct", "llama3.2:3b"}) {
    EXPECT_EQ(traits_of_model(name).style, AnswerStyle::kJsonObject) << name;
    EXPECT_FALSE(traits_of_model(name).has_reasoning_effort) << name;
  }
}

TEST(TraitsOfModel, TriesTheSchemaFirstWithAnyOther) {
  for (const char* name : {"qwen/qwen3-32b", "my-model", "", "/", "not-gpt-oss"}) {
    EXPECT_EQ(traits_of_model(name).style, AnswerStyle::kJsonSchema) << name;
    EXPECT_FALSE(traits_of_model(name).has_reasoning_effort) << name;
  }
}

}  // namespace
}  // namespace logsieve
