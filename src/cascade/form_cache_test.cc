#include "cascade/form_cache.h"

#include <gtest/gtest.h>
#include <string>
#include <thread>
#include <vector>

namespace logsieve {
namespace {

TEST(FormTable, ComparesTheBytesWhereHashesCollide) {
  FormTable table;
  const Hash128 hash{7, 7};
  FormEntry* const first = table.find_or_add("disk number failed", hash);
  FormEntry* const other = table.find_or_add("user number logged in", hash);
  EXPECT_NE(first, other);
  EXPECT_EQ(table.find_or_add("disk number failed", hash), first);
  EXPECT_EQ(table.find_or_add("user number logged in", hash), other);
}

TEST(FormTable, ShowsAFormOnlyOnceItIsJudged) {
  FormTable table;
  const std::string form = "disk number failed";
  FormEntry* const entry = table.find_or_add(form, xxh3_128(form));
  EXPECT_EQ(table.find_judged(form), nullptr);
  entry->is_judged.store(true);
  EXPECT_EQ(table.find_judged(form), entry);
  EXPECT_EQ(table.find_judged("another"), nullptr);
}

TEST(FormTable, GivesAllThreadsOneEntryAForm) {
  FormTable table;
  constexpr std::size_t kForms = 5000;
  std::vector<std::vector<FormEntry*>> seen(4);
  {
    std::vector<std::jthread> threads;
    for (std::vector<FormEntry*>& mine : seen)
      threads.emplace_back([&table, &mine] {
        for (std::size_t i = 0; i < kForms; ++i) {
          const std::string form = "form " + std::to_string(i);
          mine.push_back(table.find_or_add(form, xxh3_128(form)));
        }
      });
  }
  for (std::size_t i = 0; i < kForms; ++i) {
    EXPECT_EQ(seen[0][i]->form, "form " + std::to_string(i));
    for (const auto& mine : seen) EXPECT_EQ(mine[i], seen[0][i]);
  }
}

TEST(FormCache, BeginsAnewWhenFullWhileOldEntriesLive) {
  FormCache cache(1000);
  const auto old = cache.table();
  EXPECT_EQ(cache.table(), old);
  const std::string form(2000, 'x');
  const FormEntry* const entry = old->find_or_add(form, xxh3_128(form));
  const auto fresh = cache.table();
  EXPECT_NE(fresh, old);
  EXPECT_EQ(fresh->bytes(), 0U);
  EXPECT_EQ(entry->form, form);
}

TEST(FormFront, AgreesWithItsTableAndForgetsItWithTheNextOne) {
  const auto first = std::make_shared<FormTable>();
  const auto second = std::make_shared<FormTable>();
  FormFront front;
  front.use(first);
  // More forms than the front has places: each comes back as the table's own entry.
  for (int round = 0; round < 2; ++round)
    for (int i = 0; i < 40'000; ++i) {
      const std::string form = "form " + std::to_string(i);
      ASSERT_EQ(front.find_or_add(form), first->find_or_add(form, xxh3_128(form)));
    }
  front.use(second);
  EXPECT_EQ(front.find_or_add("form 1"), second->find_or_add("form 1", xxh3_128("form 1")));
}

}  // namespace
}  // namespace logsieve
