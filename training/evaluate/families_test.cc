#include "training/evaluate/families.h"

#include <gtest/gtest.h>
#include <numeric>
#include <set>
#include <string>
#include <vector>

#include "base/random.h"

namespace logsieve {
namespace {

using Families = std::vector<std::size_t>;

TEST(NearDuplicateFamilies, JoinTextsThatShareFourFifthsOfTheirWords) {
  // 9 of 11 words: 9 / 11 = .818; 8 of 11: .727.
  const std::vector<std::string_view> texts = {"a b c d e f g h i j", "a b c d e f g h i k",
                                               "a b c d e f g h x y z", "disk full"};
  EXPECT_EQ(near_duplicate_families(texts), (Families{0, 0, 1, 2}));
}

TEST(NearDuplicateFamilies, TakeExactlyFourFifthsInAndAnythingBelowOut) {
  const std::vector<std::string_view> texts = {"a b c d e", "a b c d", "a b c"};  // 4/5, then 3/4 and 3/5
  EXPECT_EQ(near_duplicate_families(texts), (Families{0, 0, 1}));
}

TEST(NearDuplicateFamilies, AreChainsOfNeighbours) {
  const std::vector<std::string_view> texts = {"a b c d e f g h i", "a b c d e f g h z", "b c d e f g h z y"};
  EXPECT_EQ(near_duplicate_families(texts), (Families{0, 0, 0}))
      << "the ends share 7 of 11, each 8 of 10 with the middle";
}

TEST(NearDuplicateFamilies, LookAtWordsOnly) {
  const std::vector<std::string_view> texts = {"Disk FULL, on: node!", "disk-full (on) node", "--", "",
                                               "\xC3\xBC"};
  EXPECT_EQ(near_duplicate_families(texts), (Families{0, 0, 1, 2, 3}));
}

// Oracle: every pair compared.
TEST(NearDuplicateFamilies, EqualThoseOfComparingEveryPair) {
  Random random(7);
  for (int round = 0; round < 20; ++round) {
    std::vector<std::string> texts;
    std::vector<std::set<std::size_t>> words;
    for (std::size_t i = 0; i < 80; ++i) {
      std::set<std::size_t> set;
      const std::size_t size = random.below(12);
      const std::size_t vocabulary = 4 + random.below(14);
      for (std::size_t k = 0; k < size; ++k) set.insert(random.below(vocabulary));
      std::string text;
      for (const std::size_t word : set) text += "w" + std::to_string(word) + " ";
      texts.push_back(text);
      words.push_back(set);
    }
    std::vector<std::size_t> expected(texts.size());
    std::iota(expected.begin(), expected.end(), std::size_t{0});
    for (std::size_t a = 0; a < texts.size(); ++a) {
      for (std::size_t b = 0; b < a; ++b) {
        std::size_t common = 0;
        for (const std::size_t word : words[a]) common += words[b].count(word);
        const std::size_t either = words[a].size() + words[b].size() - common;
        if (either == 0 || 5 * common < 4 * either || expected[a] == expected[b]) continue;
        const std::size_t from = std::max(expected[a], expected[b]);
        const std::size_t to = std::min(expected[a], expected[b]);
        for (std::size_t& family : expected)
          if (family == from) family = to;
      }
    }
    const auto found = near_duplicate_families(std::vector<std::string_view>(texts.begin(), texts.end()));
    for (std::size_t a = 0; a < texts.size(); ++a)
      for (std::size_t b = 0; b < a; ++b)
        ASSERT_EQ(found[a] == found[b], expected[a] == expected[b]) << texts[a] << "| " << texts[b];
  }
}

}  // namespace
}  // namespace logsieve
