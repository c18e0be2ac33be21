#include <gtest/gtest.h>
#include <string>
#include <vector>

#include "miner/miner.h"

namespace logsieve {
namespace {

Miner some_miner() {
  Miner miner({.settle_at = 8});
  for (int i = 0; i < 300; ++i) {
    std::string name(1, static_cast<char>('a' + i % 26));
    name += static_cast<char>('a' + i / 26);
    miner.observe("password of " + name + " was changed on eth0");
    miner.observe("VM " + std::string(i % 2 == 0 ? "Started" : "Paused") + " in " + std::to_string(i) +
                  " ms");
  }
  miner.observe("");
  miner.observe("GET https://example.com/x");
  return miner;
}

std::vector<MinedTemplate> templates_of(Miner& miner) {
  std::vector<MinedTemplate> all;
  for (const TemplateIndex index : miner.templates()) all.push_back(miner.at(index));
  return all;
}

TEST(MinerSnapshot, ReadsBackToTheSameTemplates) {
  Miner miner = some_miner();
  auto restored = Miner::restore(miner.snapshot());
  ASSERT_TRUE(restored) << render(restored.error());
  const auto wanted = templates_of(miner);
  const auto got = templates_of(*restored);
  ASSERT_EQ(got.size(), wanted.size());
  for (std::size_t i = 0; i < got.size(); ++i) {
    EXPECT_EQ(got[i].id, wanted[i].id);
    EXPECT_EQ(got[i].text, wanted[i].text);
    EXPECT_EQ(got[i].plain, wanted[i].plain);
    EXPECT_EQ(got[i].count, wanted[i].count);
  }
  EXPECT_EQ(restored->totals().lines, miner.totals().lines);
  EXPECT_EQ(restored->snapshot(), miner.snapshot());
}

TEST(MinerSnapshot, GoesOnWhereItLeftOff) {
  Miner whole = some_miner();
  Miner miner = some_miner();
  auto restored = Miner::restore(miner.snapshot());
  ASSERT_TRUE(restored);
  for (const char* line : {"VM Started in 5 ms", "password of zz was changed on eth1", "something else"}) {
    const Mined a = whole.observe(line);
    const Mined b = restored->observe(line);
    EXPECT_EQ(a.is_new, b.is_new) << line;
    EXPECT_EQ(whole.id(a.index), restored->id(b.index)) << line;
  }
}

TEST(MinerSnapshot, RefusesEveryDamage) {
  const std::string good = some_miner().snapshot();
  for (std::size_t at = 0; at < good.size(); at += 1 + at / 64) {
    std::string bad = good;
    bad[at] = static_cast<char>(bad[at] ^ 0x20);
    EXPECT_FALSE(Miner::restore(bad)) << "byte " << at;
    EXPECT_FALSE(Miner::restore(std::string_view(good).substr(0, at))) << "cut at " << at;
  }
  EXPECT_FALSE(Miner::restore(good + "x"));
}

TEST(MinerSnapshot, SaysWhatIsWrong) {
  const auto none = Miner::restore("not a state at all");
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().code, ErrorCode::kCorruptModel);
  EXPECT_NE(none.error().message.find("is none"), std::string::npos);
  const auto version = Miner::restore("LSMINER\x09 and more");
  ASSERT_FALSE(version);
  EXPECT_NE(version.error().message.find("another version"), std::string::npos);
}

}  // namespace
}  // namespace logsieve
