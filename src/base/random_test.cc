#include "base/random.h"

#include <algorithm>
#include <cstdint>
#include <gtest/gtest.h>
#include <limits>
#include <map>
#include <numeric>
#include <vector>

namespace logsieve {
namespace {

// Sum of (seen - expected)^2 / expected: how far counts are from uniform.
double chi_square(const std::vector<std::size_t>& counts) {
  const auto total = static_cast<double>(std::accumulate(counts.begin(), counts.end(), std::size_t{0}));
  const double expected = total / static_cast<double>(counts.size());
  double sum = 0;
  for (const std::size_t count : counts) {
    const double difference = static_cast<double>(count) - expected;
    sum += difference * difference / expected;
  }
  return sum;
}

TEST(Random, GivesThePublishedValuesOfSplitMix64) {
  Random zero(0);
  for (const std::uint64_t wanted :
       {0xE220A8397B1DCDAFU, 0x6E789E6AA1B965F4U, 0x06C45D188009454FU, 0xF88BB8A8724C81ECU})
    EXPECT_EQ(zero.next(), wanted);
  Random seeded(1234567);
  for (const std::uint64_t wanted : {6457827717110365317U, 3203168211198807973U, 9817491932198370423U,
                                     4593380528125082431U, 16408922859458223821U})
    EXPECT_EQ(seeded.next(), wanted);
}

TEST(RandomBelow, StaysBelowItsBound) {
  Random random(7);
  for (const std::size_t bound : {std::size_t{1}, std::size_t{2}, std::size_t{3}, std::size_t{1000},
                                  std::numeric_limits<std::size_t>::max()})
    for (int i = 0; i < 1000; ++i) ASSERT_LT(random.below(bound), bound);
}

TEST(RandomBelow, IsUniform) {
  Random random(42);
  std::vector<std::size_t> counts(10);
  for (int i = 0; i < 100000; ++i) ++counts[random.below(counts.size())];
  EXPECT_LT(chi_square(counts), 27.88);  // 9 degrees of freedom, p = 0.001
}

TEST(RandomUnit, CoversZeroToOneEvenly) {
  Random random(42);
  std::vector<std::size_t> counts(10);
  for (int i = 0; i < 100000; ++i) {
    const double value = random.unit();
    ASSERT_GE(value, 0.0);
    ASSERT_LT(value, 1.0);
    ++counts[static_cast<std::size_t>(value * 10)];
  }
  EXPECT_LT(chi_square(counts), 27.88);
}

TEST(RandomShuffle, GivesEachPermutationEquallyOften) {
  Random random(3);
  const std::vector<int> sorted = {0, 1, 2, 3};
  std::map<std::vector<int>, std::size_t> seen;
  for (int i = 0; i < 24000; ++i) {
    std::vector<int> items = sorted;
    random.shuffle(items);
    ++seen[items];
    ASSERT_TRUE(std::is_permutation(items.begin(), items.end(), sorted.begin()));
  }
  ASSERT_EQ(seen.size(), 24U);
  std::vector<std::size_t> counts;
  counts.reserve(seen.size());
  for (const auto& [items, count] : seen) counts.push_back(count);
  EXPECT_LT(chi_square(counts), 49.73);  // 23 degrees of freedom, p = 0.001
}

TEST(RandomShuffle, GivesTheSameOrderForTheSameSeedForEver) {
  std::vector<int> items(10);
  std::iota(items.begin(), items.end(), 0);
  Random(1).shuffle(items);
  EXPECT_EQ(items, (std::vector<int>{9, 0, 1, 4, 8, 2, 3, 7, 6, 5}));
}

TEST(RandomShuffle, LeavesNoneAndOneAlone) {
  Random random(1);
  std::vector<int> none;
  random.shuffle(none);
  EXPECT_TRUE(none.empty());
  std::vector<int> one = {5};
  random.shuffle(one);
  EXPECT_EQ(one, std::vector<int>{5});
}

}  // namespace
}  // namespace logsieve
