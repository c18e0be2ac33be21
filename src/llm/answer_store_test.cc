#include "llm/answer_store.h"

#include <gtest/gtest.h>
#include <set>
#include <thread>

#include "base/sqlite.h"
#include "base/test_folder.h"
#include "llm/deferred_lines.h"
#include "llm/llm_test_support.h"

namespace logsieve {
namespace {

constexpr std::int64_t kNow = 1'800'000'000'000;

AnswerStore must_open(const std::filesystem::path& file) {
  auto store = AnswerStore::open(file);
  if (!store) std::abort();
  return std::move(*store);
}

CallDraft draft(std::uint64_t tokens = 100, std::int64_t cost = 1'000) {
  return {"a-model", 2, {tokens, 0, 0}, cost, "the body"};
}

TEST(AnswerKey, ChangesWithEachOfItsPartsAndWithNothingElse) {
  LlmQuestion asked = question("form");
  asked.examples = {{"near", "Error"}};
  const std::string labels = hash_of_labels(test_labels(), {});
  std::set<std::string> keys = {answer_key("m", labels, asked)};
  const auto is_new = [&](std::string_view model, std::string_view hash, const LlmQuestion& changed) {
    return keys.insert(answer_key(model, hash, changed)).second;
  };
  EXPECT_FALSE(is_new("m", labels, asked));
  EXPECT_TRUE(is_new("other", labels, asked));
  EXPECT_TRUE(is_new("m", hash_of_labels(LabelSet({"Error"}), {}), asked));
  EXPECT_TRUE(
      is_new("m", hash_of_labels(test_labels(), std::vector<std::string>{"a", "b", "c", "d"}), asked));
  LlmQuestion changed = asked;
  changed.form = "forn";
  EXPECT_TRUE(is_new("m", labels, changed));
  changed = asked;
  changed.variant = 1;
  EXPECT_TRUE(is_new("m", labels, changed));
  changed = asked;
  changed.examples = {{"nea", "rError"}};
  EXPECT_TRUE(is_new("m", labels, changed)) << "fields do not run into each other";
  changed.examples = {};
  EXPECT_TRUE(is_new("m", labels, changed));
  for (const std::string& key : keys) EXPECT_EQ(key.size(), 64U);
}

TEST(AnswerStore, KeepsAnswersAcrossOpenings) {
  const TestFolder folder;
  const auto file = folder / "state/deep/llm.sqlite3";
  {
    AnswerStore store = must_open(file);
    EXPECT_FALSE(*store.find("k1"));
    const auto call = store.reserve({}, draft(), kNow);
    ASSERT_TRUE(call);
    ASSERT_TRUE(store.settle(call->call, {"answered", {80, 20, 9}, 500},
                             std::vector<NewAnswer>{{"k1", "f1", "Error"}, {"k2", "f2", std::nullopt}}));
  }
  AnswerStore store = must_open(file);
  const auto first = store.find("k1");
  ASSERT_TRUE(first && first->has_value());
  EXPECT_EQ((*first)->label, "Error");
  const auto second = store.find("k2");
  ASSERT_TRUE(second && second->has_value());
  EXPECT_FALSE((*second)->has_label);
  ASSERT_TRUE(store.count_hit("k1"));
  ASSERT_TRUE(store.count_lines("k1", 41));
  const auto rows = store.rows(10);
  ASSERT_TRUE(rows);
  ASSERT_EQ(rows->size(), 2U);
  EXPECT_EQ((*rows)[0].form, "f1");
  EXPECT_EQ((*rows)[0].lines, 41U);
  EXPECT_EQ((*rows)[0].cache_hits, 1U);
  EXPECT_EQ((*rows)[0].nano_usd, 250) << "half of its call";
  EXPECT_EQ((*rows)[1].label, "Unclassified");
  const auto totals = store.totals(0);
  EXPECT_EQ(totals->calls, 1U);
  EXPECT_EQ(totals->tokens.input, 80U);
  EXPECT_EQ(totals->tokens.cached, 20U);
  EXPECT_EQ(totals->lines, 41U);
  EXPECT_EQ(store.totals(kNow + 1)->calls, 0U);
}

TEST(AnswerStore, AFirstAnswerStays) {
  AnswerStore store = must_open_store();
  for (const char* label : {"Error", "User Action"}) {
    const auto call = store.reserve({}, draft(), kNow);
    ASSERT_TRUE(store.settle(call->call, {"answered", {}, 0}, std::vector<NewAnswer>{{"k", "f", label}}));
  }
  EXPECT_EQ((*store.find("k"))->label, "Error");
}

TEST(AnswerStore, CountsACallThatWasNeverSettledAtTheMostItCanCost) {
  const TestFolder folder;
  BudgetLimits limits;
  limits.tokens_per_day = 250;
  {
    AnswerStore store = must_open(folder / "a");
    EXPECT_EQ(store.reserve(limits, draft(), kNow)->permit, Permit::kGo);
    EXPECT_EQ(store.reserve(limits, draft(), kNow)->permit, Permit::kGo);
  }
  AnswerStore store = must_open(folder / "a");
  EXPECT_EQ(store.reserve(limits, draft(), kNow)->permit, Permit::kSpent);
  EXPECT_EQ(store.reserve(limits, draft(), kNow + 86'400'000)->permit, Permit::kGo);
}

TEST(AnswerStore, HoldsABudgetAmongManyWriters) {
  const TestFolder folder;
  BudgetLimits limits;
  limits.requests_per_day = 25;
  std::atomic<int> admitted{0};
  {
    std::vector<std::jthread> writers;
    for (int i = 0; i < 4; ++i) {
      writers.emplace_back([&] {
        AnswerStore store = must_open(folder / "a");
        for (int k = 0; k < 20; ++k) {
          const auto admission = store.reserve(limits, draft(), kNow);
          if (admission && admission->permit == Permit::kGo) ++admitted;
        }
      });
    }
  }
  EXPECT_EQ(admitted, 25);
}

TEST(AnswerStore, RefusesAFileOfANewerVersion) {
  const TestFolder folder;
  { AnswerStore store = must_open(folder / "a"); }
  auto database = SqliteDatabase::open(folder / "a");
  ASSERT_TRUE(database->run("PRAGMA user_version = 99"));
  const auto store = AnswerStore::open(folder / "a");
  ASSERT_FALSE(store);
  EXPECT_EQ(store.error().code, ErrorCode::kBadConfig);
}

TEST(AnswerStore, KeepsFacts) {
  const TestFolder folder;
  {
    AnswerStore store = must_open(folder / "a");
    EXPECT_EQ(*store.fact("a"), std::nullopt);
    ASSERT_TRUE(store.keep_fact("a", "no"));
    ASSERT_TRUE(store.keep_fact("a", "yes"));
  }
  AnswerStore store = must_open(folder / "a");
  EXPECT_EQ(*store.fact("a"), "yes");
  EXPECT_EQ(*store.fact("b"), std::nullopt);
}

// Version 1 had no facts; what it held stays.
TEST(AnswerStore, BringsAFileOfAnOlderVersionUpToDate) {
  const TestFolder folder;
  { AnswerStore store = must_open(folder / "a"); }
  {
    auto database = SqliteDatabase::open(folder / "a");
    ASSERT_TRUE(database->run("DROP TABLE facts; PRAGMA user_version = 1"));
  }
  AnswerStore store = must_open(folder / "a");
  ASSERT_TRUE(store.keep_fact("a", "yes"));
  EXPECT_EQ(*store.fact("a"), "yes");
}

DeferredRecord at(std::uint64_t line) {
  return {line, {line * 3, line * 7}};
}

DeferredLineGroup deferred(std::string form, std::vector<DeferredRecord> records, float confidence = 0.5F) {
  return {std::move(form), "in.csv", "Error", confidence, "prototype", true, std::move(records)};
}

std::vector<std::uint64_t> line_numbers(DeferredLines& lines, std::string_view form) {
  std::vector<std::uint64_t> numbers;
  const auto groups = lines.lines_of(form);
  EXPECT_TRUE(groups);
  for (const DeferredLineGroup& group : *groups)
    for (const DeferredRecord& record : group.records) {
      EXPECT_EQ(record.id, at(record.line).id);
      numbers.push_back(record.line);
    }
  return numbers;
}

TEST(DeferredLines, AreKeptUntilTheyAreSettled) {
  const TestFolder folder;
  {
    auto lines = DeferredLines::open(folder / "a");
    ASSERT_TRUE(lines);
    ASSERT_TRUE(lines->update(std::vector{deferred("b", {at(1), at(3)}), deferred("a", {at(2)})}, {}));
  }
  auto lines = DeferredLines::open(folder / "a");
  EXPECT_EQ(*lines->count(), 3U);
  EXPECT_EQ(*lines->forms("", 10), (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(*lines->forms("a", 10), (std::vector<std::string>{"b"}));
  const auto of_b = lines->lines_of("b");
  ASSERT_EQ(of_b->size(), 1U);
  EXPECT_EQ(of_b->front().label, "Error");
  EXPECT_EQ(of_b->front().input, "in.csv");
  EXPECT_EQ(of_b->front().tier, "prototype");
  EXPECT_FLOAT_EQ(of_b->front().confidence, 0.5F);
  EXPECT_TRUE(of_b->front().is_second_opinion);
  EXPECT_EQ(line_numbers(*lines, "b"), (std::vector<std::uint64_t>{1, 3}));
  ASSERT_TRUE(lines->update({}, std::vector<SettledLines>{{"b", {at(1), at(3), at(99)}}, {"c", {at(2)}}}));
  EXPECT_EQ(*lines->forms("", 10), (std::vector<std::string>{"a"}));
  EXPECT_EQ(*lines->count(), 1U);
  ASSERT_TRUE(lines->forget("a"));
  EXPECT_EQ(*lines->count(), 0U);
}

TEST(DeferredLines, KeepARecordOnceWithItsNewVerdict) {
  auto lines = DeferredLines::open(":memory:");
  ASSERT_TRUE(lines);
  ASSERT_TRUE(lines->update(std::vector{deferred("b", {at(1), at(2), at(5)})}, {}));
  ASSERT_TRUE(lines->update(std::vector{deferred("b", {at(2), at(3), at(5)}, 0.75F)}, {}));
  EXPECT_EQ(*lines->count(), 4U);
  const auto groups = lines->lines_of("b");
  ASSERT_EQ(groups->size(), 2U);
  EXPECT_EQ(groups->front().records.size(), 1U);
  EXPECT_FLOAT_EQ(groups->back().confidence, 0.75F);
  EXPECT_EQ(line_numbers(*lines, "b"), (std::vector<std::uint64_t>{1, 2, 3, 5}));
}

// Two inputs may have records on the same line: only the id says which is meant.
TEST(DeferredLines, SettleOneInputWithoutTheOther) {
  auto lines = DeferredLines::open(":memory:");
  ASSERT_TRUE(lines);
  const DeferredRecord other{2, {1, 1}};
  ASSERT_TRUE(lines->update(std::vector{deferred("b", {at(1), at(2)}), deferred("b", {other})}, {}));
  ASSERT_TRUE(lines->update({}, std::vector<SettledLines>{{"b", {at(1), at(2)}}}));
  const auto groups = lines->lines_of("b");
  ASSERT_EQ(groups->size(), 1U);
  EXPECT_EQ(groups->front().records.front().id, other.id);
}

}  // namespace
}  // namespace logsieve
