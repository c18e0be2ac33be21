#include "anomaly/alert_store.h"

#include <gtest/gtest.h>

#include "anomaly/alert_test_support.h"
#include "base/test_folder.h"

namespace logsieve {
namespace {

TEST(AlertStore, KeepsAnAlertOnceHoweverOftenItsRecordsAreReadAgain) {
  const TestFolder folder;
  auto store = AlertStore::open(folder.path() / "state" / "alerts.sqlite");
  ASSERT_TRUE(store) << store.error().message;
  const auto burst = test_event(AnomalyKind::kBurst, "a");
  EXPECT_TRUE(*store->record(burst, kTestNow));
  EXPECT_FALSE(*store->record(burst, kTestNow + 5));
  EXPECT_TRUE(*store->record(test_event(AnomalyKind::kBurst, "a", false), kTestNow + 6));
  EXPECT_FALSE(*store->record(test_event(AnomalyKind::kBurst, "a", false), kTestNow + 7));
  EXPECT_FALSE(*store->record(burst, kTestNow + 8));  // a replay: the same beginning
  EXPECT_TRUE(*store->record(test_event(AnomalyKind::kBurst, "a", true, kTestNow + kHourMs), kTestNow + 9));
  EXPECT_EQ(store->alerts(false, 10)->size(), 2U);
  EXPECT_EQ(store->alerts(true, 10)->size(), 1U);
}

TEST(AlertStore, GivesBackWhatItWasTold) {
  const TestFolder folder;
  auto store = AlertStore::open(folder / "a.sqlite");
  ASSERT_TRUE(*store->record(test_event(AnomalyKind::kDip, "tpl"), kTestNow));
  auto again = AlertStore::open(folder / "a.sqlite");
  const auto alerts = again->alerts(true, 10);
  ASSERT_EQ(alerts->size(), 1U);
  const Alert& alert = alerts->front();
  EXPECT_EQ(alert.kind, "dip");
  EXPECT_EQ(alert.severity, "warning");
  EXPECT_EQ(alert.template_text, "tpl");
  EXPECT_EQ(alert.label, "Error");
  EXPECT_EQ(alert.source, "api");
  EXPECT_EQ(alert.examples, (std::vector<std::string>{"line one", "line <two>"}));
  EXPECT_EQ(alert.seen, 30);
  EXPECT_EQ(alert.line, 7U);
  EXPECT_EQ(alert.since, kTestNow);
  EXPECT_TRUE(alert.is_open());
}

TEST(AlertStore, ListsInstantsOfLateBesideWhatIsOpen) {
  const TestFolder folder;
  auto store = AlertStore::open(folder / "a.sqlite");
  auto fresh = test_event(AnomalyKind::kNewTemplate, "fresh", true, kTestNow + 2);
  fresh.sources = {{"api", 3}};
  ASSERT_TRUE(*store->record(test_event(AnomalyKind::kRare, "old"), kTestNow));
  ASSERT_TRUE(*store->record(test_event(AnomalyKind::kBurst, "open"), kTestNow + 1));
  ASSERT_TRUE(*store->record(test_event(AnomalyKind::kDip, "over"), kTestNow + 1));
  ASSERT_TRUE(*store->record(test_event(AnomalyKind::kDip, "over", false), kTestNow + kDayMs));
  ASSERT_TRUE(*store->record(fresh, kTestNow + kDayMs));
  const auto listed = store->open_and_recent(kTestNow + kHourMs, 10);
  ASSERT_TRUE(listed) << listed.error().message;
  ASSERT_EQ(listed->size(), 2U);
  EXPECT_EQ((*listed)[0].template_text, "fresh");
  EXPECT_TRUE((*listed)[0].is_instant());
  ASSERT_EQ((*listed)[0].sources.size(), 1U);
  EXPECT_EQ((*listed)[0].sources[0].name, "api");
  EXPECT_EQ((*listed)[0].sources[0].lines, 3);
  EXPECT_EQ((*listed)[1].template_text, "open");
}

TEST(AlertStore, OpensAStoreOfAnEarlierVersion) {
  const TestFolder folder;
  {
    auto store = AlertStore::open(folder / "a.sqlite");
    ASSERT_TRUE(*store->record(test_event(AnomalyKind::kBurst, "a"), kTestNow));
    ASSERT_TRUE(store->database().run("ALTER TABLE alert DROP COLUMN sources"));
  }
  auto store = AlertStore::open(folder / "a.sqlite");
  ASSERT_TRUE(store) << store.error().message;
  EXPECT_EQ(store->alerts(true, 10)->size(), 1U);
}

TEST(AlertStore, AcknowledgesByABeginningOfTheIdThatIsClear) {
  const TestFolder folder;
  auto store = AlertStore::open(folder / "a.sqlite");
  ASSERT_TRUE(*store->record(test_event(AnomalyKind::kBurst, "a"), kTestNow));
  ASSERT_TRUE(*store->record(test_event(AnomalyKind::kBurst, "b"), kTestNow));
  const auto alerts = store->alerts(true, 10);
  EXPECT_EQ(store->acknowledge("").error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(store->acknowledge("no such").error().code, ErrorCode::kNotFound);
  ASSERT_TRUE(store->acknowledge((*alerts)[0].id.substr(0, 12)));
  EXPECT_TRUE((*store->find((*alerts)[0].id))->is_acknowledged);
  EXPECT_FALSE((*store->find((*alerts)[1].id))->is_acknowledged);
}

TEST(AlertStore, ForgetsWhatIsOverForLong) {
  const TestFolder folder;
  auto store = AlertStore::open(folder / "a.sqlite");
  ASSERT_TRUE(*store->record(test_event(AnomalyKind::kBurst, "over"), kTestNow));
  ASSERT_TRUE(*store->record(test_event(AnomalyKind::kBurst, "over", false), kTestNow + 5));
  ASSERT_TRUE(*store->record(test_event(AnomalyKind::kBurst, "open"), kTestNow));
  ASSERT_TRUE(*store->record(test_event(AnomalyKind::kNewTemplate, "later"), kTestNow + kDayMs));
  ASSERT_TRUE(store->set_last_flush("group", kTestNow));
  EXPECT_EQ(*store->prune(kTestNow + 5), 0U);
  EXPECT_EQ(*store->prune(kTestNow + kHourMs), 1U);
  EXPECT_EQ(store->alerts(false, 10)->size(), 2U);
  EXPECT_EQ(*store->last_flush("group"), kNoTime);
}

TEST(AlertStore, EndsMutesInTime) {
  const TestFolder folder;
  auto store = AlertStore::open(folder / "a.sqlite");
  Mute mute;
  mute.kind = "burst";
  mute.until = kTestNow + kHourMs;
  mute.reason = "deployment";
  ASSERT_TRUE(store->add_mute(mute));
  mute = {};
  mute.template_text = "noise";
  const auto for_ever = store->add_mute(mute);
  ASSERT_TRUE(for_ever);
  EXPECT_EQ(store->mutes(kTestNow)->size(), 2U);
  EXPECT_EQ(store->mutes(kTestNow + kHourMs)->size(), 1U);
  ASSERT_TRUE(store->remove_mute(*for_ever));
  EXPECT_EQ(store->remove_mute(*for_ever).error().code, ErrorCode::kNotFound);
}

TEST(AlertStore, SpoolsInOrderAndSurvivesAKill) {
  const TestFolder folder;
  const auto file = folder / "a.sqlite";
  const int left = in_child([&] {
    auto store = AlertStore::open(file);
    for (const char* id : {"1", "2", "3"})
      if (!store->spool("hook", id, "{}", kTestNow)) return 1;
    ::_exit(7);  // no destructor runs
  });
  ASSERT_EQ(left, 7);
  auto store = AlertStore::open(file);
  EXPECT_EQ(*store->spooled("hook"), 3U);
  EXPECT_EQ(*store->spooled("other"), 0U);
  auto first = store->due("hook", kTestNow);
  ASSERT_TRUE(*first);
  EXPECT_EQ((*first)->id, "1");
  ASSERT_TRUE(store->failed((*first)->row, kTestNow + 1'000));
  EXPECT_FALSE(*store->due("hook", kTestNow + 999));  // the second waits for the first
  first = store->due("hook", kTestNow + 1'000);
  ASSERT_TRUE(*first);
  EXPECT_EQ((*first)->attempts, 1);
  ASSERT_TRUE(store->delivered((*first)->row));
  EXPECT_EQ((*store->due("hook", kTestNow + 1'000))->id, "2");
}

}  // namespace
}  // namespace logsieve
