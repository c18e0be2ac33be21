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

DeferredLine deferred(std::string id, std::string form, std::uint64_t line) {
  return {std::move(id), "in.csv", line, std::move(form), "Error", 0.5F, "prototype", line % 2 == 0};
}

TEST(DeferredLines, AreKeptUntilTheyAreSettled) {
  const TestFolder folder;
  {
    auto lines = DeferredLines::open(folder / "a");
    ASSERT_TRUE(lines);
    ASSERT_TRUE(
        lines->update(std::vector{deferred("1", "b", 1), deferred("2", "a", 2), deferred("3", "b", 3)}, {}));
    ASSERT_TRUE(lines->update(std::vector{deferred("1", "b", 1)}, {})) << "the same again changes nothing";
  }
  auto lines = DeferredLines::open(folder / "a");
  EXPECT_EQ(*lines->count(), 3U);
  EXPECT_EQ(*lines->forms("", 10), (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(*lines->forms("a", 10), (std::vector<std::string>{"b"}));
  const auto of_b = lines->lines_of("b");
  ASSERT_EQ(of_b->size(), 2U);
  EXPECT_EQ((*of_b)[1].line, 3U);
  EXPECT_EQ((*of_b)[0].label, "Error");
  EXPECT_FLOAT_EQ((*of_b)[0].confidence, 0.5F);
  EXPECT_TRUE((*lines->lines_of("a"))[0].is_second_opinion);
  ASSERT_TRUE(lines->update({}, std::vector<std::string>{"1", "3", "unknown"}));
  EXPECT_EQ(*lines->forms("", 10), (std::vector<std::string>{"a"}));
}

}  // namespace
}  // namespace logsieve
