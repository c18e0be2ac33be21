#include "miner/parameters.h"

#include <gtest/gtest.h>
#include <string>
#include <vector>

#include "miner/miner.h"

namespace logsieve {
namespace {

using Values = std::vector<std::string>;

TEST(Parameters, AreWhatStandsForEachVariable) {
  EXPECT_EQ(parameters_of("took <*> ms on <*>", "took  15 ms on db1"), (Values{"15", "db1"}));
  EXPECT_EQ(parameters_of("<*>: <*>", "a: b: c"), (Values{"a", "b: c"}));
  EXPECT_EQ(parameters_of("no variable", "no variable"), Values{});
  EXPECT_EQ(parameters_of("user=<*> rhost=<*>", "user= rhost=10.0.0.1"), (Values{"", "10.0.0.1"}));
}

TEST(Parameters, AreRefusedForAnotherTemplatesLine) {
  EXPECT_FALSE(parameters_of("took <*> ms", "took 15 s"));
  EXPECT_FALSE(parameters_of("took <*> ms", "it took 15 ms"));
  EXPECT_FALSE(parameters_of("no variable", "no variable at all"));
  EXPECT_FALSE(parameters_of("a <*> b", "a b"));
}

TEST(Parameters, ReadBackFromTheMinersOwnTemplates) {
  Miner miner;
  const std::string line = "Failed password for invalid user eve from 10.0.0.7 port 38926 ssh2";
  const std::string plain = miner.at(miner.observe(line).index).plain;
  EXPECT_EQ(parameters_of(plain, line), (Values{"eve", "10.0.0.7", "38926"})) << plain;
}

}  // namespace
}  // namespace logsieve
