#include "cascade/judgement.h"

#include <gtest/gtest.h>
#include <vector>

namespace logsieve {
namespace {

constexpr LabelId kModelLabel = 1;
constexpr LabelId kRareLabel = 2;

FormJudgement sure(float probability) {
  FormJudgement judgement;
  judgement.model = {kModelLabel, probability, true};
  judgement.prototype.similarity = 0.8F;
  return judgement;
}

FormJudgement rare() {
  FormJudgement judgement = sure(0.95F);
  judgement.is_rare_label = true;
  judgement.prototype = {kRareLabel, 0.7F, 3, 0.8F};
  return judgement;
}

constexpr SecondOpinions kNoLlm{};
constexpr SecondOpinions kLlm{true, false, 0.9F};
constexpr SecondOpinions kComplement{true, true, 0.9F};
constexpr std::array<Tier, 1> kOnlyLlm = {Tier::kLlm};
constexpr std::array<Tier, 1> kOnlyModel = {Tier::kModel};

TEST(Decide, TakesASureModel) {
  const Decision decision = decide(sure(0.95F), kAllTiers, kLlm);
  EXPECT_EQ(decision.verdict.tier, Tier::kModel);
  EXPECT_EQ(decision.verdict.label, kModelLabel);
  EXPECT_EQ(decision.verdict.confidence, 0.95F);
  EXPECT_FALSE(decision.asks_llm);
}

TEST(Decide, AsksTheLlmWhereTheModelIsNotSure) {
  FormJudgement judgement = sure(0.6F);
  judgement.model.is_sure = false;
  const Decision decision = decide(judgement, kAllTiers, kLlm);
  EXPECT_EQ(decision.verdict.tier, Tier::kNone);
  EXPECT_EQ(decision.verdict.label, kNoLabel);
  EXPECT_TRUE(decision.asks_llm);
  EXPECT_FALSE(decision.is_second_opinion);
  EXPECT_FALSE(decide(judgement, kAllTiers, kNoLlm).asks_llm);
}

TEST(Decide, RefusesASureModelOnUnfamiliarText) {
  FormJudgement judgement = sure(0.99F);
  judgement.novelty = NoveltySign::kNearest;
  EXPECT_EQ(decide(judgement, kAllTiers, kNoLlm).verdict.label, kNoLabel);
}

TEST(Decide, LetsARareLabelsPrototypeStandInForTheLlm) {
  const Decision alone = decide(rare(), kAllTiers, kNoLlm);
  EXPECT_EQ(alone.verdict.tier, Tier::kPrototype);
  EXPECT_EQ(alone.verdict.label, kRareLabel);
  EXPECT_FALSE(alone.asks_llm);
  EXPECT_TRUE(decide(rare(), kAllTiers, kLlm).asks_llm);
  EXPECT_EQ(decide(rare(), kOnlyModel, kLlm).verdict.tier, Tier::kNone) << "the route has no third tier";
}

TEST(Decide, AsksNobodyAboutAFormThatIsLabelled) {
  FormJudgement judgement = sure(0.6F);
  judgement.model.is_sure = false;
  judgement.labelled = kRareLabel;
  for (const SecondOpinions& opinions : {kNoLlm, kLlm, kComplement}) {
    const Decision decision = decide(judgement, kOnlyLlm, opinions);
    EXPECT_EQ(decision.verdict.label, kRareLabel);
    EXPECT_EQ(decision.verdict.tier, Tier::kPrototype);
    EXPECT_FALSE(decision.asks_llm);
  }
  EXPECT_EQ(decide(judgement, kOnlyModel, kLlm).verdict.tier, Tier::kNone) << "the route has no third tier";
  judgement.model.is_sure = true;
  EXPECT_EQ(decide(judgement, kAllTiers, kLlm).verdict.tier, Tier::kModel);
}

TEST(Decide, SkipsTheModelWhereTheRouteDoes) {
  const Decision decision = decide(sure(0.99F), kOnlyLlm, kLlm);
  EXPECT_EQ(decision.verdict.tier, Tier::kNone);
  EXPECT_TRUE(decision.asks_llm);
}

TEST(Decide, AsksForASecondOpinionOnlyBelowTheLimit) {
  EXPECT_FALSE(decide(sure(0.9F), kAllTiers, kComplement).asks_llm);
  const Decision decision = decide(sure(0.89F), kAllTiers, kComplement);
  EXPECT_TRUE(decision.asks_llm);
  EXPECT_TRUE(decision.is_second_opinion);
  EXPECT_EQ(decision.verdict.tier, Tier::kModel) << "it holds if the LLM stays silent";
  EXPECT_FALSE(decide(sure(0.89F), kAllTiers, kLlm).asks_llm) << "without complement";
}

}  // namespace
}  // namespace logsieve
