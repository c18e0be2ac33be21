#include "anomaly/alert_notifier.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <optional>

#include "anomaly/alert_test_support.h"
#include "base/test_folder.h"

namespace logsieve {
namespace {

class AlertNotifierTest : public testing::Test {
 protected:
  AlertNotifierTest() {
    auto opened = AlertStore::open(folder_ / "a.sqlite");
    EXPECT_TRUE(opened);
    store_.emplace(std::move(*opened));
    options_.sinks.resize(1);
    options_.sinks[0].name = "hook";
    notifier_.emplace(*store_, options_);
  }

  void tell(const AnomalyEvent& event) { ASSERT_TRUE(notifier_->record({&event, 1}, now_)); }
  std::size_t flush() { return *notifier_->flush(now_); }
  // The oldest message, taken out of the spool.
  nlohmann::json message() {
    const auto due = store_->due("hook", now_);
    if (!*due) return nullptr;
    EXPECT_TRUE(store_->delivered((*due)->row));
    return nlohmann::json::parse((*due)->body);
  }

  TestFolder folder_;
  AlertOptions options_;
  std::optional<AlertStore> store_;
  std::optional<AlertNotifier> notifier_;
  TimeMs now_ = kTestNow;
};

TEST_F(AlertNotifierTest, WaitsForCompanyThenForTheInterval) {
  tell(test_event(AnomalyKind::kBurst, "a"));
  EXPECT_EQ(flush(), 0U);
  now_ += 30 * kSecondMs;
  EXPECT_EQ(flush(), 1U);
  EXPECT_EQ(message().at("alerts").size(), 1U);
  tell(test_event(AnomalyKind::kBurst, "a", false));
  now_ += 2 * kMinuteMs;
  EXPECT_EQ(flush(), 0U);
  now_ += 3 * kMinuteMs;
  EXPECT_EQ(flush(), 1U);
  EXPECT_EQ(message().at("status"), "resolved");
  now_ += kDayMs;
  EXPECT_EQ(flush(), 0U);
}

TEST_F(AlertNotifierTest, SaysNothingOfWhatCameAndWentWhileItWaited) {
  tell(test_event(AnomalyKind::kBurst, "a"));
  tell(test_event(AnomalyKind::kBurst, "a", false));
  now_ += kHourMs;
  EXPECT_EQ(flush(), 0U);
  tell(test_event(AnomalyKind::kNovel, "b"));  // an instant is told all the same
  now_ += kHourMs;
  EXPECT_EQ(flush(), 1U);
  EXPECT_EQ(message().at("status"), "firing");
  now_ += kHourMs;
  EXPECT_EQ(flush(), 0U);
}

TEST_F(AlertNotifierTest, RepeatsWhatGoesOnUnlessItIsAcknowledged) {
  tell(test_event(AnomalyKind::kBurst, "a"));
  now_ += kMinuteMs;
  EXPECT_EQ(flush(), 1U);
  now_ += 4 * kHourMs - 1;
  EXPECT_EQ(flush(), 0U);
  now_ += 1;
  EXPECT_EQ(flush(), 1U);
  EXPECT_EQ(flush(), 0U);
  ASSERT_TRUE(store_->acknowledge(store_->alerts(true, 1)->at(0).id));
  now_ += 10 * kHourMs;
  EXPECT_EQ(flush(), 0U);
}

TEST_F(AlertNotifierTest, TellsAGroupOnceThatHasNewsWhenItIsToBeRepeated) {
  tell(test_event(AnomalyKind::kBurst, "a"));
  now_ += kMinuteMs;
  EXPECT_EQ(flush(), 1U);
  now_ += 4 * kHourMs;
  AnomalyEvent other = test_event(AnomalyKind::kBurst, "a");
  other.fingerprint = fingerprint_of(other.kind, "another subject", other.template_text);
  tell(other);
  now_ += kMinuteMs;
  EXPECT_EQ(flush(), 1U);
}

TEST_F(AlertNotifierTest, HoldsBackAFlappingAlert) {
  tell(test_event(AnomalyKind::kBurst, "a"));
  now_ += kMinuteMs;
  EXPECT_EQ(flush(), 1U);
  tell(test_event(AnomalyKind::kBurst, "a", false));
  now_ += 5 * kMinuteMs;
  EXPECT_EQ(flush(), 1U);
  tell(test_event(AnomalyKind::kBurst, "a", true, now_));
  now_ += 5 * kMinuteMs - 1;
  EXPECT_EQ(flush(), 0U);
  now_ += 1;
  EXPECT_EQ(flush(), 1U);
}

TEST_F(AlertNotifierTest, MutesForATime) {
  Mute mute;
  mute.template_text = "a";
  mute.until = now_ + kHourMs;
  ASSERT_TRUE(store_->add_mute(mute));
  tell(test_event(AnomalyKind::kBurst, "a"));
  tell(test_event(AnomalyKind::kBurst, "b"));
  now_ += kMinuteMs;
  EXPECT_EQ(flush(), 1U);
  EXPECT_EQ(message().at("alerts").at(0).at("labels").at("template"), "b");
  now_ += kHourMs;  // it is still open when the mute ends
  EXPECT_EQ(flush(), 1U);
  EXPECT_EQ(message().at("alerts").at(0).at("labels").at("template"), "a");
}

TEST_F(AlertNotifierTest, MakesOneDigestOfAFlood) {
  for (int i = 0; i < 500; ++i) tell(test_event(AnomalyKind::kNewTemplate, "template " + std::to_string(i)));
  notifier_->count_dropped(1'000);
  now_ += kMinuteMs;
  EXPECT_EQ(flush(), 1U);
  const auto digest = message();
  EXPECT_EQ(digest.at("groupKey"), "digest");
  EXPECT_EQ(digest.at("alerts").size() + digest.at("truncatedAlerts").get<std::size_t>(), 1'500U);
  EXPECT_EQ(flush(), 0U);
  EXPECT_EQ(*store_->spooled("hook"), 0U);
}

TEST_F(AlertNotifierTest, ForgetsNothingOverARestart) {
  tell(test_event(AnomalyKind::kBurst, "a"));
  notifier_.reset();
  store_.reset();
  store_.emplace(std::move(*AlertStore::open(folder_ / "a.sqlite")));
  notifier_.emplace(*store_, options_);
  now_ += kMinuteMs;
  EXPECT_EQ(flush(), 1U);
}

}  // namespace
}  // namespace logsieve
