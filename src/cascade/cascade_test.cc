// The cascade over a small bundle of its own and the real encoder.
#include "cascade/cascade.h"

#include <gtest/gtest.h>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cascade/cascade_test_support.h"
#include "cascade/explanation.h"
#include "encoder/encoder_test_support.h"

namespace logsieve {
namespace {

class CascadeTest : public WithEncoder {
 protected:
  Cascade open(CascadeOptions options = {}) {
    Bundle bundle = small_bundle(*encoder_);
    auto cascade = Cascade::open(std::move(bundle), std::move(*encoder_), std::move(options));
    EXPECT_TRUE(cascade) << cascade.error().message;
    return std::move(*cascade);
  }
  static Record record(std::string_view message, std::string_view source = "") {
    Record out;
    out.message = message;
    out.source = source;
    return out;
  }
  static std::string label_of(const Cascade& cascade, const Verdict& verdict) {
    return verdict.label == kNoLabel ? std::string("none")
                                     : std::string(cascade.bundle().labels.name(verdict.label));
  }
};

TEST_F(CascadeTest, LetsEachTierDecideWhatItIsFor) {
  Cascade cascade = open();
  const std::vector<Record> records = {
      record("noise 17"), record("disk 12 failed"), record("disk 12 failed", "quiet"),
      record("approval chain for order 9 has no owner"), record("zzz qqq brrt 0xplonk")};
  const auto batch = cascade.resolve(records);
  ASSERT_TRUE(batch);
  const std::vector<std::pair<Tier, std::string>> wanted = {{Tier::kRule, "Noise"},
                                                            {Tier::kModel, "Error"},
                                                            {Tier::kRule, "Noise"},
                                                            {Tier::kPrototype, "Workflow Error"},
                                                            {Tier::kNone, "none"}};
  for (std::size_t i = 0; i < records.size(); ++i) {
    EXPECT_EQ(batch->verdicts[i].tier, wanted[i].first) << records[i].message;
    EXPECT_EQ(label_of(cascade, batch->verdicts[i]), wanted[i].second) << records[i].message;
  }
  EXPECT_EQ(batch->forms[1], "disk number failed");
  EXPECT_TRUE(batch->pending.empty()) << "no LLM was given";
}

TEST_F(CascadeTest, ReadsFormsAsTheBundleSpellsThem) {
  Bundle bundle = small_bundle(*encoder_);
  bundle.spelling = Spelling::kNone;
  auto opened = Cascade::open(std::move(bundle), std::move(*encoder_), {});
  ASSERT_TRUE(opened);
  const std::string form = "tape number failed at time";
  const std::string_view spelled = "tape  failed at ";
  std::vector<float> expected(kDim);
  ASSERT_TRUE(opened->encoder().encode({&spelled, 1}, expected, 1));
  EXPECT_EQ(*opened->embed(form), expected);
  const auto judged = opened->judgement_of(form);
  ASSERT_TRUE(judged);
  const FormJudgement wanted = judge_form(opened->bundle(), &opened->encoder(), form, expected);
  EXPECT_EQ(judged->model.probability, wanted.model.probability);
  EXPECT_EQ(judged->prototype.similarity, wanted.prototype.similarity);
  // A decision about a form holds for it by the same vector.
  const auto decided =
      DecidedForms::create(std::vector<DecidedLabel>{{form, "Error"}}, opened->bundle().labels,
                           FormEncoder(opened->encoder(), Spelling::kNone), 1);
  ASSERT_TRUE(decided);
  const auto found = decided->find("tape id failed at time", expected, 0.0F);
  ASSERT_TRUE(found);
  EXPECT_NEAR(found->similarity, 1.0F, 1e-5F);
}

TEST_F(CascadeTest, JudgesAFormOnceWhateverItsValues) {
  Cascade cascade = open();
  std::vector<std::string> lines;
  for (int i = 0; i < 600; ++i) lines.push_back("disk " + std::to_string(i) + " failed");
  std::vector<Record> records;
  for (const std::string& line : lines) records.push_back(record(line));
  ASSERT_TRUE(cascade.resolve(records));
  ASSERT_TRUE(cascade.resolve(records));
  EXPECT_EQ(cascade.judged_forms(), 1U);
}

TEST_F(CascadeTest, GivesTheSameBitsOnAnyThreadsAndInAnyBatch) {
  std::vector<std::string> lines;
  const std::vector<std::string> words = {"alpha", "beta", "gamma", "delta", "disk",
                                          "user",  "page", "order", "owner"};
  for (std::size_t i = 0; i < 700; ++i)
    lines.push_back(words[i % 9] + " " + words[(i / 9) % 9] + " " + words[(i / 81) % 9] + " failed");
  std::vector<Record> records;
  for (const std::string& line : lines) records.push_back(record(line));
  CascadeOptions three;
  three.threads = 3;
  Cascade together = open(std::move(three));
  const auto all = together.resolve(records);
  ASSERT_TRUE(all);
  SetUp();
  Cascade single = open();
  for (std::size_t begin = 0; begin < records.size(); begin += 97) {
    const auto part = std::span(records).subspan(begin, std::min<std::size_t>(97, records.size() - begin));
    const auto some = single.resolve(part);
    ASSERT_TRUE(some);
    for (std::size_t i = 0; i < part.size(); ++i) {
      EXPECT_EQ(some->verdicts[i].label, all->verdicts[begin + i].label);
      EXPECT_EQ(some->verdicts[i].confidence, all->verdicts[begin + i].confidence);
    }
  }
}

TEST_F(CascadeTest, LeavesPendingWhatTheRouteGivesToTheLlm) {
  CascadeOptions options;
  options.opinions = {true, false, 0.9F};
  options.routes["crm"] = {Tier::kLlm};
  Cascade cascade = open(std::move(options));
  const std::vector<Record> records = {record("disk 12 failed"), record("disk 12 has failed", "crm"),
                                       record("noise 1", "crm"), record("disk 12 failed", "crm")};
  const auto batch = cascade.resolve(records);
  ASSERT_TRUE(batch);
  EXPECT_EQ(batch->verdicts[3].tier, Tier::kPrototype) << "the form is labelled: nobody is asked";
  EXPECT_EQ(label_of(cascade, batch->verdicts[3]), "Error");
  ASSERT_EQ(batch->pending.size(), 2U);
  EXPECT_EQ(batch->pending[0].index, 1U);
  EXPECT_EQ(batch->pending[1].index, 2U) << "its route has no rules";
}

TEST_F(CascadeTest, LetsNoAnswerTakeBackAVerdictThatRaisesAnAlert) {
  CascadeOptions options;
  options.opinions = {true, true, 0.9F};
  options.risk_labels = {"Error", "of another bundle"};
  Cascade cascade = open(std::move(options));
  for (const Tier tier : {Tier::kModel, Tier::kPrototype})
    for (const LlmStatus status : {LlmStatus::kAnswered, LlmStatus::kAbstained, LlmStatus::kUnavailable})
      for (const bool is_second : {true, false}) {
        LlmAnswer answer;
        answer.status = status;
        answer.label = status == LlmStatus::kAnswered ? 1 : kNoLabel;
        const Verdict verdict = cascade.settle({0, 0.8F, tier, -1}, is_second, answer);
        EXPECT_EQ(label_of(cascade, verdict), "Error");
        EXPECT_EQ(verdict.tier, tier);
      }
}

TEST_F(CascadeTest, SettlesByAnswer) {
  CascadeOptions options;
  options.opinions = {true, true, 0.9F};
  Cascade cascade = open(std::move(options));
  const Verdict model{0, 0.8F, Tier::kModel, -1};
  const Verdict none{kNoLabel, 0.4F, Tier::kNone, -1};
  const auto answer = [](LlmStatus status, LabelId label) {
    LlmAnswer out;
    out.status = status;
    out.label = label;
    return out;
  };
  EXPECT_EQ(cascade.settle(none, false, answer(LlmStatus::kAnswered, 1)).tier, Tier::kLlm);
  EXPECT_EQ(cascade.settle(none, false, answer(LlmStatus::kAnswered, 1)).label, 1);
  EXPECT_EQ(cascade.settle(none, false, answer(LlmStatus::kUnavailable, kNoLabel)).tier, Tier::kNone);
  EXPECT_EQ(cascade.settle(model, true, answer(LlmStatus::kAnswered, 0)).tier, Tier::kModel) << "agreement";
  EXPECT_EQ(cascade.settle(model, true, answer(LlmStatus::kAnswered, 1)).tier, Tier::kNone) << "disagreement";
  EXPECT_EQ(cascade.settle(model, true, answer(LlmStatus::kAbstained, kNoLabel)).tier, Tier::kModel);
  EXPECT_EQ(cascade.settle(model, true, answer(LlmStatus::kUnavailable, kNoLabel)).tier, Tier::kModel);
}

TEST_F(CascadeTest, RefusesABundleOfAnotherEncoderOrMask) {
  Bundle other = small_bundle(*encoder_);
  other.encoder_weights_sha256 = std::string(64, '0');
  SentenceEncoder again = std::move(*SentenceEncoder::load(encoder_folder()));
  const auto wrong_encoder = Cascade::open(std::move(other), std::move(again), {});
  ASSERT_FALSE(wrong_encoder);
  EXPECT_EQ(wrong_encoder.error().code, ErrorCode::kCorruptModel);
  Bundle old = small_bundle(*encoder_);
  --old.mask_version;
  const auto wrong_mask = Cascade::open(std::move(old), std::move(*encoder_), {});
  ASSERT_FALSE(wrong_mask);
  EXPECT_NE(wrong_mask.error().help.find("train"), std::string::npos);
}

TEST_F(CascadeTest, ExplainsTheTierThatDecided) {
  Cascade cascade = open();
  const auto rule = explain(cascade, "noise 17", "");
  ASSERT_TRUE(rule);
  EXPECT_EQ(rule->verdict.tier, Tier::kRule);
  ASSERT_FALSE(rule->rule_spans.empty());
  EXPECT_NE(rule->why.find("noise"), std::string::npos);
  const auto model = explain(cascade, "disk 12 failed", "");
  ASSERT_TRUE(model);
  EXPECT_EQ(model->form, "disk number failed");
  ASSERT_FALSE(model->nearest.empty());
  EXPECT_EQ(model->nearest[0].form, "disk number failed");
  EXPECT_NEAR(model->nearest[0].similarity, 1.0F, 1e-3F);
  EXPECT_EQ(model->probabilities[0].first, "Error");
}

}  // namespace
}  // namespace logsieve
