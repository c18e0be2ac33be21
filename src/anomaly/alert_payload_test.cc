#include "anomaly/alert_payload.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "anomaly/alert_test_support.h"
#include "base/test_folder.h"

namespace logsieve {
namespace {

Alert stored(const AnomalyEvent& event, bool is_ended = false) {
  const TestFolder folder;
  auto store = AlertStore::open(folder / "a.sqlite");
  EXPECT_TRUE(*store->record(event, kTestNow));
  if (is_ended) {
    AnomalyEvent end = event;
    end.is_firing = false;
    end.time = event.since + kMinuteMs;
    EXPECT_TRUE(*store->record(end, kTestNow));
  }
  return store->alerts(false, 1)->at(0);
}

Notification notification(std::vector<Alert> alerts) {
  return {"id1", "group", std::move(alerts), 0, false, kTestNow + kHourMs, kTestNow + 9 * kHourMs};
}

TEST(AlertPayload, IsAlertmanagersWebhookVersion4) {
  const auto body = nlohmann::json::parse(
      payload(SinkType::kWebhook, notification({stored(test_event(AnomalyKind::kBurst, "a")),
                                                stored(test_event(AnomalyKind::kBurst, "b"), true)})));
  EXPECT_EQ(body.at("version"), "4");
  EXPECT_EQ(body.at("status"), "firing");
  EXPECT_EQ(body.at("receiver"), "logsieve");
  EXPECT_EQ(body.at("truncatedAlerts"), 0);
  EXPECT_EQ(body.at("notificationId"), "id1");
  EXPECT_EQ(body.at("commonLabels").at("alertname"), "burst");
  EXPECT_FALSE(body.at("commonLabels").contains("template"));
  const auto& first = body.at("alerts").at(0);
  EXPECT_EQ(first.at("status"), "firing");
  EXPECT_EQ(first.at("labels").at("template"), "a");
  EXPECT_EQ(first.at("startsAt"), "2026-01-05T00:00:00.000Z");
  EXPECT_EQ(first.at("annotations").at("summary"), "something about a");
  EXPECT_EQ(first.at("fingerprint").get<std::string>().size(), 16U);
  EXPECT_EQ(body.at("alerts").at(1).at("status"), "resolved");
  EXPECT_EQ(body.at("alerts").at(1).at("endsAt"), "2026-01-05T00:01:00.000Z");
}

TEST(AlertPayload, KeepsCountsOutOfLabels) {
  const auto body = nlohmann::json::parse(
      payload(SinkType::kAlertmanager, notification({stored(test_event(AnomalyKind::kDip, "a"))})));
  for (const auto& [name, value] : body.at(0).at("labels").items())
    EXPECT_TRUE(name != "seen" && name != "expected" && name != "line") << name;
  EXPECT_EQ(body.at(0).at("endsAt"), format_time(kTestNow + 9 * kHourMs));
}

TEST(AlertPayload, ShowsAnInstantAsFiring) {
  const Alert instant = stored(test_event(AnomalyKind::kNovel, "a"));
  EXPECT_FALSE(instant.is_open());
  EXPECT_TRUE(is_shown_firing(instant));
}

TEST(AlertPayload, EscapesWhatSlackAndTerminalsWouldRead) {
  AnomalyEvent event = test_event(AnomalyKind::kBurst, "a");
  event.what = "<!channel> & \x1b[31m \xff";
  const auto body = nlohmann::json::parse(payload(SinkType::kSlack, notification({stored(event)})));
  const std::string text = body.at("text");
  EXPECT_EQ(text.find('<'), std::string::npos);
  EXPECT_NE(text.find("&lt;!channel&gt; &amp; \\x1B[31m \\xFF"), std::string::npos) << text;
}

// RFC 4231 test case 2 has no '.' in its data, so the value is from `openssl dgst -sha256 -hmac key`.
TEST(AlertPayload, SignsTimestampAndBody) {
  EXPECT_EQ(signature("Jefe", "1700000000", "{\"a\":1}").size(), 3U + 64U);
  EXPECT_EQ(signature("key", "1700000000", "{}"),
            "v1=9d713ed406bb7076d4123f0dc2c39d2df5c654ed4b0cd56b52c8b4c940bd63ae");
  EXPECT_NE(signature("key", "1700000001", "{}"), signature("key", "1700000000", "{}"));
}

TEST(AlertPayload, ForPeopleIsARowAnAlert) {
  AnomalyEvent event = test_event(AnomalyKind::kBurst, "a");
  event.what = "a \x1b[31m line";
  const std::string rows = payload(SinkType::kStderr, notification({stored(event)}));
  EXPECT_EQ(rows.substr(0, 24), "2026-01-05T00:00:00.000Z");
  EXPECT_NE(rows.find("warning   burst"), std::string::npos) << rows;
  EXPECT_EQ(rows.find('\x1b'), std::string::npos);
  EXPECT_EQ(rows.back(), '\n');
}

}  // namespace
}  // namespace logsieve
