#include "anomaly/alert_service.h"

#include <fstream>
#include <gtest/gtest.h>
#include <string>
#include <vector>

#include "anomaly/alert_store.h"
#include "anomaly/alert_test_support.h"
#include "anomaly/sink_url.h"
#include "base/test_folder.h"

namespace logsieve {
namespace {

SinkOptions sink(std::string name, SinkType type, std::string target) {
  SinkOptions options;
  options.name = std::move(name);
  options.type = type;
  options.target = std::move(target);
  options.timeout_ms = 500;
  return options;
}

std::vector<std::string> lines_of(const std::filesystem::path& file) {
  std::ifstream in(file);
  std::vector<std::string> lines;
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

TEST(AlertService, DeliversToAFileWhileAnotherSinkIsDown) {
  const TestFolder folder;
  AlertOptions options;
  // Nothing listens on the discard port of this machine.
  options.sinks = {sink("down", SinkType::kWebhook, "http://127.0.0.1:9/hook"),
                   sink("file", SinkType::kFile, (folder / "alerts.jsonl").string())};
  {
    auto service = AlertService::start(folder / "a.sqlite", options, [] { return kTestNow; });
    ASSERT_TRUE(service) << service.error().message;
    const AnomalyEvent event = test_event(AnomalyKind::kBurst, "a");
    (*service)->submit({&event, 1});
    EXPECT_FALSE((*service)->finish(2'000));
    EXPECT_EQ((*service)->counters().recorded, 1U);
    EXPECT_EQ((*service)->counters().delivered, 1U);
    EXPECT_GE((*service)->counters().attempts_failed, 1U);
    EXPECT_EQ((*service)->counters().waiting, 1U);
    const auto notices = (*service)->take_notices();
    ASSERT_FALSE(notices.empty());
    EXPECT_NE(notices[0].find("down"), std::string::npos);
  }
  EXPECT_EQ(lines_of(folder / "alerts.jsonl").size(), 1U);
  // The next run still has the message for the sink that was down, and repeats nothing to the other.
  options.sinks[0] = sink("down", SinkType::kFile, (folder / "later.jsonl").string());
  auto service = AlertService::start(folder / "a.sqlite", options, [] { return kTestNow + kHourMs; });
  EXPECT_TRUE((*service)->finish(10'000));
  EXPECT_EQ(lines_of(folder / "later.jsonl").size(), 1U);
  EXPECT_EQ(lines_of(folder / "alerts.jsonl").size(), 1U);
}

TEST(AlertService, CountsWhatAFloodLeavesOutAndSaysItInTheDigest) {
  const TestFolder folder;
  AlertOptions options;
  options.max_queued_events = 50;
  options.sinks = {sink("file", SinkType::kFile, (folder / "alerts.jsonl").string())};
  auto service = AlertService::start(folder / "a.sqlite", options, [] { return kTestNow; });
  std::vector<AnomalyEvent> flood;
  for (int i = 0; i < 5'000; ++i)
    flood.push_back(test_event(AnomalyKind::kNewTemplate, "template " + std::to_string(i)));
  (*service)->submit(flood);
  EXPECT_TRUE((*service)->finish(20'000));
  const AlertCounters counters = (*service)->counters();
  EXPECT_EQ(counters.recorded + counters.dropped, 5'000U);
  EXPECT_LE(counters.delivered, 2U);
}

TEST(AlertService, RefusesPlainHttpToOtherMachines) {
  const TestFolder folder;
  AlertOptions options;
  options.sinks = {sink("hook", SinkType::kWebhook, "http://example.com/hook")};
  const auto service = AlertService::start(folder / "a.sqlite", options, [] { return kTestNow; });
  ASSERT_FALSE(service);
  EXPECT_EQ(service.error().code, ErrorCode::kBadConfig);
}

TEST(AlertService, TellsWhenWhatWasSubmittedIsInTheStore) {
  const TestFolder folder;
  auto service = AlertService::start(folder / "a.sqlite", {}, [] { return kTestNow; });
  ASSERT_TRUE(service);
  EXPECT_TRUE((*service)->wait_recorded(10'000));
  auto other = AlertStore::open(folder / "a.sqlite");
  ASSERT_TRUE(other);
  ASSERT_TRUE(other->database().run("BEGIN IMMEDIATE"));
  const AnomalyEvent event = test_event(AnomalyKind::kBurst, "a");
  (*service)->submit({&event, 1});
  EXPECT_FALSE((*service)->wait_recorded(100)) << "somebody else holds the store";
  ASSERT_TRUE(other->database().run("ROLLBACK"));
  EXPECT_TRUE((*service)->wait_recorded(20'000));
  EXPECT_EQ(other->alerts(true, 10)->size(), 1U);
}

TEST(AlertService, TakesOtherSinksWholeOrNotAtAll) {
  const TestFolder folder;
  AlertOptions options;
  options.group_wait_ms = 0;
  options.sinks = {sink("one", SinkType::kFile, (folder / "one.jsonl").string())};
  auto service = AlertService::start(folder / "a.sqlite", options, [] { return kTestNow; });
  AlertOptions bad = options;
  bad.sinks.push_back(sink("hook", SinkType::kWebhook, "http://example.com/hook"));
  EXPECT_EQ((*service)->reconfigure(bad).error().code, ErrorCode::kBadConfig);
  const AnomalyEvent first = test_event(AnomalyKind::kBurst, "a");
  (*service)->submit({&first, 1});
  ASSERT_TRUE((*service)->finish(10'000));
  EXPECT_EQ(lines_of(folder / "one.jsonl").size(), 1U);
  options.sinks = {sink("two", SinkType::kFile, (folder / "two.jsonl").string())};
  ASSERT_TRUE((*service)->reconfigure(options));
  const AnomalyEvent second = test_event(AnomalyKind::kBurst, "b");
  (*service)->submit({&second, 1});
  ASSERT_TRUE((*service)->finish(10'000));
  EXPECT_EQ(lines_of(folder / "one.jsonl").size(), 1U);
  EXPECT_EQ(lines_of(folder / "two.jsonl").size(), 1U);
}

TEST(AlertService, DropsAMessageToAnAddressThatIsRefusedAndNamesTheSetting) {
  const TestFolder folder;
  AlertOptions options;
  options.sinks = {sink("hook", SinkType::kWebhook,
                        "https://sink.localhost:9/hook")};  // libcurl itself knows where (RFC 6761)
  auto service = AlertService::start(folder / "a.sqlite", options, [] { return kTestNow; });
  ASSERT_TRUE(service) << service.error().message;
  const AnomalyEvent event = test_event(AnomalyKind::kBurst, "a");
  (*service)->submit({&event, 1});
  EXPECT_TRUE((*service)->finish(20'000));
  EXPECT_EQ((*service)->counters().refused, 1U);
  const auto notices = (*service)->take_notices();
  ASSERT_FALSE(notices.empty());
  EXPECT_NE(notices[0].find("allow_private_addresses"), std::string::npos) << notices[0];
}

}  // namespace
}  // namespace logsieve
