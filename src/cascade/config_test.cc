#include "cascade/config.h"

#include <filesystem>
#include <gtest/gtest.h>
#include <string>

#include "base/file.h"

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

// As someone who copies the example from the documentation, whole.
TEST(Config, ReadsTheExampleOfTheDocumentation) {
  const auto page = read_file(std::filesystem::path(LOGSIEVE_SOURCE_DIR) / "docs/configuration.md");
  ASSERT_TRUE(page) << page.error().message;
  const std::size_t begin = page->find("```yaml\n") + 8;
  const std::size_t end = page->find("```", begin);
  ASSERT_NE(end, std::string::npos);
  const auto config = parse_config(page->substr(begin, end - begin), "configuration.md");
  ASSERT_TRUE(config) << render(config.error());
  EXPECT_EQ(config->state_dir, "/var/lib/logsieve");
  EXPECT_EQ(config->alerts.sinks.size(), 5U);
  EXPECT_EQ(config->detector.session_key, "request (\\w+)");
  // What the example shows are the defaults, but for what is plainly somebody's own.
  const Config usual;
  EXPECT_EQ(config->detector.warmup_lines, usual.detector.warmup_lines);
  EXPECT_EQ(config->alerts.group_wait_ms, usual.alerts.group_wait_ms);
  EXPECT_EQ(config->alerts.keep_ms, usual.alerts.keep_ms);
}

TEST(Config, ReadsDetectionAndAlerts) {
  const auto config = parse_config(
      "detect:\n  warmup_lines: 100\n  warmup_seconds: 1.5\n  novel_similarity: 0.6\n  gone_after_seconds: "
      "60\n"
      "  rare_after_seconds: 3600\n  min_burst_count: 20\n  min_burst_ratio: 3\n  max_templates: 5000\n"
      "  risk_labels: [Intrusion]\n  session_key: 'request (\\w+)'\n  session_idle_seconds: 30\n"
      "alerts:\n  group_wait_seconds: 1\n  group_interval_seconds: 2\n  repeat_interval_seconds: 3\n"
      "  cooldown_seconds: 4\n  keep_days: 7\n  digest_above: 5\n"
      "  sinks:\n    - {type: webhook, url: 'https://a.example', timeout_ms: 50}\n"
      "    - {name: f, type: file, path: alerts.jsonl}\n",
      "c.yaml");
  ASSERT_TRUE(config) << render(config.error());
  const DetectorOptions& detector = config->detector;
  EXPECT_EQ(detector.warmup_lines, 100U);
  EXPECT_EQ(detector.warmup_ms, 1'500);
  EXPECT_FLOAT_EQ(detector.novel_similarity, 0.6F);
  EXPECT_EQ(detector.rates.gone_after_ms, kMinuteMs);
  EXPECT_EQ(detector.rare_after_ms, kHourMs);
  EXPECT_EQ(detector.rates.min_burst_count, 20);
  EXPECT_EQ(detector.rates.min_burst_ratio, 3);
  EXPECT_EQ(detector.max_templates, 5'000U);
  EXPECT_EQ(detector.risk_labels, std::vector<std::string>{"Intrusion"});
  EXPECT_EQ(detector.session_key, "request (\\w+)");
  EXPECT_EQ(detector.sessions.idle_ms, 30 * kSecondMs);
  const AlertOptions& alerts = config->alerts;
  EXPECT_EQ(alerts.group_wait_ms, kSecondMs);
  EXPECT_EQ(alerts.group_interval_ms, 2 * kSecondMs);
  EXPECT_EQ(alerts.repeat_interval_ms, 3 * kSecondMs);
  EXPECT_EQ(alerts.cooldown_ms, 4 * kSecondMs);
  EXPECT_EQ(alerts.keep_ms, 7 * kDayMs);
  EXPECT_EQ(alerts.digest_above, 5U);
  ASSERT_EQ(alerts.sinks.size(), 2U);
  EXPECT_EQ(alerts.sinks[0].name, "webhook a.example");
  EXPECT_EQ(alerts.sinks[0].timeout_ms, 50U);
  EXPECT_EQ(alerts.sinks[1].target, "alerts.jsonl");
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

INSTANTIATE_TEST_SUITE_P(
    Faults, ConfigRefuses,
    ::testing::Values(
        BadConfig{"thread: 2\n", "unknown key \"thread\"", 1},
        BadConfig{"model: m\nthreads: 0\n", "number from 1 to 4096", 2},
        BadConfig{"threads: 1\nthreads: 2\n", "stands here twice", 2},
        BadConfig{"threads: 1\n---\nthreads: 2\n", "one YAML document", 3},
        BadConfig{"routes:\n  A: [llm, rule]\n", "in the order rule, model, llm", 2},
        BadConfig{"routes:\n  A: [rule, rule]\n", "each tier once", 2},
        BadConfig{"routes:\n  A: [regex]\n", "no tier \"regex\"", 2},
        BadConfig{"complement: maybe\n", "true or false", 1},
        BadConfig{"llm: {models: []}\n", "at least one item", 1},
        BadConfig{"detect: {novel_similarity: 2}\n", "from -1 to 1", 1},
        BadConfig{"detect: {warm_up: 2}\n", "unknown key \"warm_up\"", 1},
        BadConfig{"detect: {session_key: '('}\n", "no regular", 1},
        BadConfig{"detect: {session_key: 'a'}\n", "one group", 1},
        BadConfig{"alerts: {keep_days: soon}\n", "from 0 to", 1},
        BadConfig{"alerts: {sinks: {}}\n", "must be a list", 1},
        BadConfig{"alerts:\n  sinks:\n    - {type: pigeon, url: x}\n", "no sink type \"pigeon\"", 3},
        BadConfig{"alerts:\n  sinks:\n    - {type: file, url: x}\n", "needs a url, or of type file a path",
                  3},
        BadConfig{"alerts:\n  sinks:\n    - {name: a, url: 'https://x'}\n    - {name: a, url: 'https://y'}\n",
                  "named \"a\"", 4},
        BadConfig{"alerts:\n  sinks:\n    - {name: ops, url: 'http://ops.example.com/s3cret'}\n",
                  "sink \"ops\" is plain http", 3},
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
