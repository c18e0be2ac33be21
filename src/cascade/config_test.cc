#include "cascade/config.h"

#include <gtest/gtest.h>
#include <string>

namespace logsieve {
namespace {

TEST(Config, ReadsWhatTheDocumentationShows) {
  const auto config = parse_config(
      "model: m\nthreads: 3\nroutes:\n  LegacyCRM: [llm]\n  Web: [rule, model]\n"
      "llm:\n  mode: off\n  models: [a, b]\n  total_timeout_ms: 7000\ncomplement: true\n"
      "complement_below: 0.8\non_disagreement: llm\n",
      "c.yaml");
  ASSERT_TRUE(config) << render(config.error());
  EXPECT_EQ(config->model, "m");
  EXPECT_EQ(config->threads, 3U);
  EXPECT_EQ(config->routes.at("LegacyCRM"), std::vector<Tier>{Tier::kLlm});
  EXPECT_EQ(config->routes.at("Web"), (std::vector<Tier>{Tier::kRule, Tier::kModel}));
  EXPECT_EQ(config->llm_mode, "off") << "a bare off, which YAML 1.1 reads as false";
  EXPECT_EQ(config->llm.total_timeout_ms, 7000U);
  EXPECT_TRUE(config->complement);
  EXPECT_EQ(config->on_disagreement, Disagreement::kLlm);
}

TEST(Config, OfAnEmptyFileIsTheDefault) {
  EXPECT_TRUE(parse_config("", "c.yaml"));
  EXPECT_TRUE(parse_config("# nothing\n", "c.yaml"));
}

struct BadConfig {
  const char* yaml;
  const char* part;
  std::size_t line;
};

class ConfigRefuses : public ::testing::TestWithParam<BadConfig> {};

TEST_P(ConfigRefuses, WithPlaceAndReason) {
  const auto config = parse_config(GetParam().yaml, "c.yaml");
  ASSERT_FALSE(config) << GetParam().yaml;
  EXPECT_EQ(config.error().code, ErrorCode::kBadConfig);
  EXPECT_NE(config.error().message.find(GetParam().part), std::string::npos) << config.error().message;
  EXPECT_EQ(config.error().line, GetParam().line);
}

INSTANTIATE_TEST_SUITE_P(Faults, ConfigRefuses,
                         ::testing::Values(BadConfig{"thread: 2\n", "unknown key \"thread\"", 1},
                                           BadConfig{"model: m\nthreads: 0\n", "number from 1 to 4096", 2},
                                           BadConfig{"threads: 1\nthreads: 2\n", "stands here twice", 2},
                                           BadConfig{"threads: 1\n---\nthreads: 2\n", "one YAML document", 3},
                                           BadConfig{"routes:\n  A: [llm, rule]\n",
                                                     "in the order rule, model, llm", 2},
                                           BadConfig{"routes:\n  A: [rule, rule]\n", "each tier once", 2},
                                           BadConfig{"routes:\n  A: [regex]\n", "no tier \"regex\"", 2},
                                           BadConfig{"complement: maybe\n", "true or false", 1},
                                           BadConfig{"llm: {models: []}\n", "at least one item", 1},
                                           BadConfig{"a: [1\n", "not YAML", 2}));

TEST(Config, TellsAllFaultsAtOnce) {
  const auto config = parse_config("thread: 2\ncomplement: maybe\nllm: {mode: sometimes}\n", "c.yaml");
  ASSERT_FALSE(config);
  EXPECT_EQ(config.error().others.size(), 2U);
}

TEST(Config, BoundsDepthBeforeItParses) {
  EXPECT_FALSE(parse_config(std::string(200'000, '['), "c.yaml"));
  EXPECT_FALSE(parse_config(std::string(std::size_t{2} << 20U, 'x'), "c.yaml"));
}

}  // namespace
}  // namespace logsieve
