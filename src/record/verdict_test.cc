#include "record/verdict.h"

#include <gtest/gtest.h>
#include <string_view>

namespace logsieve {
namespace {

TEST(TierName, IsWhatTheOutputContractSays) {
  EXPECT_EQ(tier_name(Tier::kRule), "rule");
  EXPECT_EQ(tier_name(Tier::kModel), "model");
  EXPECT_EQ(tier_name(Tier::kLlm), "llm");
  EXPECT_EQ(tier_name(Tier::kPrototype), "prototype");
  EXPECT_EQ(tier_name(Tier::kNone), "none");
  EXPECT_EQ(static_cast<std::size_t>(Tier::kNone) + 1, kTierCount);
}

TEST(Verdict, SaysNothingUntilATierDecides) {
  const Verdict verdict;
  EXPECT_EQ(verdict.label, kNoLabel);
  EXPECT_EQ(verdict.tier, Tier::kNone);
  EXPECT_EQ(verdict.rule, -1);
  EXPECT_EQ(verdict.confidence, 0.0F);
}

}  // namespace
}  // namespace logsieve
