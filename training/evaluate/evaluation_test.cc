// Evaluation over real vectors of a small authored set.
#include "training/evaluate/evaluation.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "base/random.h"
#include "encoder/test_paths.h"
#include "training/fit/form_vectors.h"

namespace logsieve {
namespace {

LabelledData authored() {
  const std::vector<std::string> devices = {"disk",         "fan",        "tape drive",    "power supply",
                                            "network card", "controller", "memory module", "raid array"};
  const std::vector<std::string> pages = {"invoice", "report",  "calendar", "profile",
                                          "basket",  "message", "contract", "ticket"};
  const std::vector<std::string> faults = {"failed after 3 tries", "does not answer, giving up", "is broken"};
  const std::vector<std::string> deeds = {"opened the", "signed the", "printed the"};
  LabelledData data;
  data.labels = LabelSet({"Error", "User Action", "Workflow Error"});
  const auto add = [&](const std::string& message, LabelId label, int times) {
    for (int i = 0; i < times; ++i) {
      LabelledLine line;
      line.message = message;
      line.source = times == 2 ? "one" : "two";
      line.label = label;
      data.lines.push_back(line);
    }
  };
  for (const std::string& fault : faults)
    for (std::size_t i = 0; i < devices.size(); ++i)
      add("the " + devices[i] + " " + fault, 0, i % 2 == 0 ? 1 : 2);
  for (const std::string& deed : deeds)
    for (std::size_t i = 0; i < pages.size(); ++i)
      add("user mary " + deed + " " + pages[i] + " page", 1, i % 2 == 0 ? 1 : 2);
  add("approval step of the order never finished", 2, 1);
  fold_to_forms(data);
  return data;
}

class EvaluationTest : public ::testing::Test {
 protected:
  void SetUp() override {
    LOGSIEVE_NEEDS(encoder_folder() / "model.safetensors");
    auto encoder = SentenceEncoder::load(encoder_folder());
    ASSERT_TRUE(encoder) << encoder.error().message;
    encoder_.emplace(std::move(*encoder));
  }
  std::optional<SentenceEncoder> encoder_;
};

TEST_F(EvaluationTest, HoldsWholeFormsOut) {
  const auto evaluation = cross_validate(authored(), {}, *encoder_, Protocol::kForm, {});
  ASSERT_TRUE(evaluation) << evaluation.error().message;
  EXPECT_EQ(evaluation->seen_form_share, 0.0);
  EXPECT_EQ(evaluation->scored_labels, (std::vector<LabelId>{0, 1}))
      << "one line of Workflow Error is no test";
  EXPECT_EQ(evaluation->before.rows, 72U);
  EXPECT_EQ(evaluation->after.rows, 73U);
  EXPECT_EQ(evaluation->before.accuracy, 1.0) << "devices that fail and users who act are easily told apart";
  EXPECT_FALSE(to_json(*evaluation)["is_leaky"].get<bool>());
}

TEST_F(EvaluationTest, MarksTheLineProtocolAsLeaky) {
  const auto evaluation = cross_validate(authored(), {}, *encoder_, Protocol::kLine, {});
  ASSERT_TRUE(evaluation);
  EXPECT_GT(evaluation->seen_form_share, 0.3);
  EXPECT_TRUE(to_json(*evaluation)["is_leaky"].get<bool>());
  EXPECT_NE(to_text(*evaluation).find("leaky"), std::string::npos);
}

TEST_F(EvaluationTest, FallsToChanceWhereLabelsAreShuffled) {
  LabelledData data = authored();
  std::vector<LabelId> labels;
  for (const LabelledForm& form : data.forms) labels.push_back(form.label);
  Random random(5);
  random.shuffle(labels);
  for (LabelledLine& line : data.lines) line.label = labels[line.form];
  fold_to_forms(data);
  const auto evaluation = cross_validate(data, {}, *encoder_, Protocol::kForm, {});
  ASSERT_TRUE(evaluation);
  EXPECT_LT(evaluation->before.accuracy, 0.75);
  EXPECT_LT(evaluation->after.answered, evaluation->after.rows / 2) << "it must know that it knows nothing";
}

TEST_F(EvaluationTest, GivesTheSameForTheSameSeedWhateverTheThreads) {
  TrainOptions one;
  TrainOptions three;
  three.threads = 3;
  const auto a = cross_validate(authored(), {}, *encoder_, Protocol::kForm, one);
  const auto b = cross_validate(authored(), {}, *encoder_, Protocol::kForm, three);
  ASSERT_TRUE(a);
  ASSERT_TRUE(b);
  EXPECT_EQ(to_json(*a), to_json(*b));
}

TEST_F(EvaluationTest, DiscoversRulesInsideTheFold) {
  DiscoveryOptions discovery;
  const auto by_line = cross_validate(authored(), {}, *encoder_, Protocol::kLine, {}, discovery);
  ASSERT_TRUE(by_line) << by_line.error().message;
  ASSERT_FALSE(by_line->after.tiers.empty());
  EXPECT_EQ(by_line->after.tiers[0].tier, Tier::kRule);
  EXPECT_EQ(by_line->after.tiers[0].right, by_line->after.tiers[0].answered);
}

TEST_F(EvaluationTest, ScoresABundleByLabelNames) {
  const LabelledData data = authored();
  TrainSummary summary;
  const auto vectors = encode_forms(data, *encoder_, 1);
  ASSERT_TRUE(vectors);
  const auto bundle = train_on_vectors(data, *vectors, {}, {.precision = 0.8}, &summary);
  ASSERT_TRUE(bundle);
  // A file whose labels are fewer and numbered otherwise.
  LabelledData other;
  other.labels = LabelSet({"User Action", "Something New"});
  for (const char* message : {"user mary closed the ledger page", "user mary deleted the order page"}) {
    LabelledLine line;
    line.message = message;
    line.label = other.labels.find("User Action");
    other.lines.push_back(line);
  }
  fold_to_forms(other);
  const auto evaluation = evaluate_bundle(other, *bundle, *encoder_, 1);
  ASSERT_TRUE(evaluation);
  EXPECT_EQ(evaluation->protocol, "model");
  EXPECT_EQ(evaluation->after.right, 2U);
}

}  // namespace
}  // namespace logsieve
