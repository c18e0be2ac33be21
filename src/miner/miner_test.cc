#include "miner/miner.h"

#include <algorithm>
#include <gtest/gtest.h>
#include <map>
#include <string>
#include <vector>

#include "base/random.h"

namespace logsieve {
namespace {

std::map<std::string, std::uint64_t> counts_of(Miner& miner) {
  std::map<std::string, std::uint64_t> counts;
  for (const TemplateIndex index : miner.templates()) counts[miner.at(index).plain] += miner.at(index).count;
  return counts;
}

std::map<std::string, std::uint64_t> mine(const std::vector<std::string>& lines) {
  Miner miner;
  for (const std::string& line : lines) miner.observe(line);
  return counts_of(miner);
}

using Counts = std::map<std::string, std::uint64_t>;

TEST(Miner, ValuesAreOneTemplate) {
  EXPECT_EQ(mine({"took 15 ms", "took 7 ms"}), (Counts{{"took <*> ms", 2}}));
}

TEST(Miner, WordsOfStateStayApart) {
  EXPECT_EQ(mine({"VM Started on node 1", "VM Paused on node 2", "VM Started on node 3"}),
            (Counts{{"VM Started on node <*>", 2}, {"VM Paused on node <*>", 1}}));
}

TEST(Miner, ManyWordsAreAVariable) {
  std::vector<std::string> lines;
  for (const char* name : {"alice", "bob", "carol", "dave", "erin"})
    lines.push_back(std::string("password of ") + name + " was changed");
  EXPECT_EQ(mine(lines), (Counts{{"password of <*> was changed", 5}}));
}

TEST(Miner, AnAbsentValueIsTheSameTemplate) {
  EXPECT_EQ(mine({"connection from 10.0.0.1 () at noon", "connection from 10.0.0.2 (10.0.0.2) at noon"}),
            (Counts{{"connection from <*> (<*>) at noon", 2}}));
}

TEST(Miner, AnEmptyLineIsALine) {
  EXPECT_EQ(mine({"", "  ", "\t"}), (Counts{{"", 3}}));
}

TEST(Miner, TheDigitOfANameIsShownWhileItIsTheSame) {
  EXPECT_EQ(mine({"port 5 ssh2", "port 6 ssh2"}), (Counts{{"port <*> ssh2", 2}}));
  EXPECT_EQ(mine({"port 5 ssh2", "port 6 ssh3", "port 6 ssh2"}), (Counts{{"port <*> ssh<*>", 3}}));
}

TEST(Miner, TheTypedTextShowsNoValue) {
  Miner miner;
  const Mined mined = miner.observe("eth3 fetched https://u:p@example.com/x in 3.5 s");
  EXPECT_EQ(miner.at(mined.index).text, "eth<number> fetched <url> in <number> s");
  EXPECT_EQ(miner.at(mined.index).plain, "eth3 fetched https://<*> in <*>.<*> s");
}

TEST(Miner, SaysWhatIsNew) {
  Miner miner;
  EXPECT_TRUE(miner.observe("disk sda is full").is_new);
  EXPECT_FALSE(miner.observe("disk sda is full").is_new);
  EXPECT_FALSE(miner.observe("disk sda is full").is_new_form);
  EXPECT_TRUE(miner.observe("fan stopped").is_new);
  for (const char* name : {"alice", "bob", "carol", "dave"})
    miner.observe(std::string("user ") + name + " left");
  const Mined fifth = miner.observe("user erin left");
  EXPECT_TRUE(fifth.is_new_form);
  EXPECT_FALSE(fifth.is_new);
}

TEST(Miner, AnOldIndexLeadsToTheTemplateThatReplacedIt) {
  Miner miner;
  const TemplateIndex first = miner.observe("password of alice was changed").index;
  for (const char* name : {"bob", "carol", "dave", "erin"})
    miner.observe(std::string("password of ") + name + " was changed");
  EXPECT_EQ(miner.at(miner.current(first)).plain, "password of <*> was changed");
  EXPECT_EQ(miner.find(miner.id(miner.current(first))), miner.current(first));
  EXPECT_FALSE(miner.find(miner.id(first)).has_value());
}

TEST(Miner, AMaskedFormServesWhereTheLineIsNotAtHand) {
  Miner miner;
  const Mined a = miner.observe_form("took number ms for User number");
  EXPECT_EQ(miner.at(a.index).text, "took <number> ms for User <number>");
}

// Lines of many shapes from few parts, so that shapes meet in the same skeleton.
std::vector<std::string> varied_lines(std::uint64_t seed, std::size_t count) {
  const std::vector<std::string> verbs = {"started", "stopped", "failed", "closed", "opened", "lost"};
  const std::vector<std::string> things = {"session", "disk", "link", "job", "fan"};
  const std::vector<std::string> names = {"alice", "bob", "carol", "dave", "erin", "frank", "grace", "heidi"};
  Random random(seed);
  std::vector<std::string> lines;
  const auto pick = [&](const std::vector<std::string>& of) { return of[random.below(of.size())]; };
  for (std::size_t i = 0; i < count; ++i) {
    switch (random.below(6)) {
      case 0:
        lines.push_back(pick(things) + " " + pick(verbs) + " on eth" + std::to_string(random.below(3)));
        break;
      case 1:
        lines.push_back("user " + pick(names) + " " + pick(verbs) + " a " + pick(things));
        break;
      case 2:
        lines.push_back(pick(things) + ": state=" + pick(verbs) + " code=" + std::to_string(i));
        break;
      case 3:
        lines.push_back("owner of the " + pick(things) + " is now " + pick(names) + " (" +
                        (i % 2 == 0 ? "" : "10.0.0.1") + ")");
        break;
      case 4:
        lines.push_back(pick(verbs) + " " + pick(things) + " " + pick(names) + " " + pick(things));
        break;
      default:
        lines.push_back("Connecting to " + pick(names) + ".example.com:" + std::to_string(i));
        break;
    }
  }
  return lines;
}

// Property: the templates are a function of the set of forms, so neither order nor shards matter.
TEST(Miner, ShardsMergedInAnyOrderAreOnePass) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    const std::vector<std::string> lines = varied_lines(seed, 400);
    const Counts whole = mine(lines);
    std::vector<Miner> shards(4);
    for (std::size_t i = 0; i < lines.size(); ++i) shards[(i * 7 + seed) % shards.size()].observe(lines[i]);
    Miner merged;
    for (std::size_t i = 0; i < shards.size(); ++i) merged.merge(shards[(i * 3 + seed) % shards.size()]);
    EXPECT_EQ(counts_of(merged), whole) << "seed " << seed;
    std::vector<std::string> reversed(lines.rbegin(), lines.rend());
    EXPECT_EQ(mine(reversed), whole) << "seed " << seed;
  }
}

TEST(Miner, CountsEveryLineOnce) {
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    Miner miner({.settle_at = 4});
    const std::vector<std::string> lines = varied_lines(seed, 2000);
    for (const std::string& line : lines) miner.observe(line);
    std::uint64_t lines_counted = 0;
    for (const TemplateIndex index : miner.templates()) lines_counted += miner.at(index).count;
    EXPECT_EQ(lines_counted, lines.size());
    EXPECT_EQ(miner.totals().lines, lines.size());
  }
}

TEST(Miner, ManyFormsOfATemplateSettleIntoOne) {
  Miner miner;
  for (int i = 0; i < 10000; ++i) {
    std::string name = "n";
    for (int k = i; k > 0; k /= 26) name += static_cast<char>('a' + k % 26);
    miner.observe("password of " + name + " was changed");
  }
  EXPECT_EQ(counts_of(miner), (Counts{{"password of <*> was changed", 10000}}));
  EXPECT_LE(miner.totals().forms, MinerOptions().settle_at + 1);
}

TEST(Miner, StaysWithinItsBudgetAndSaysWhatItDropped) {
  Miner miner({.budget_bytes = std::size_t{1} << 20U});
  std::uint64_t kept = 0;
  for (int i = 0; i < 30000; ++i) {
    std::string word;
    for (int k = i + 1; k > 0; k /= 26) word += static_cast<char>('a' + k % 26);
    miner.observe(word + " happened: " + word + " " + word + "ly to " + word + "s");
  }
  const MinerTotals totals = miner.totals();
  for (const TemplateIndex index : miner.templates()) kept += miner.at(index).count;
  EXPECT_LE(totals.bytes, std::size_t{1} << 20U);
  EXPECT_GT(totals.evicted_lines + totals.unlearned_lines, 0U);
  EXPECT_EQ(kept + totals.evicted_lines, 30000U);  // templates() has the unlearned lines in `<*>`
}

TEST(Miner, AVeryLongLineIsMinedByItsBeginning) {
  Miner miner({.most_line_bytes = 100});
  miner.observe("alpha " + std::string(5000, 'x'));
  miner.observe("alpha " + std::string(9000, 'x'));
  EXPECT_EQ(miner.totals().cut_lines, 2U);
  EXPECT_EQ(miner.templates().size(), 1U);
}

}  // namespace
}  // namespace logsieve
