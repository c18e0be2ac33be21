// Evaluation over real vectors of a small authored set.
#include "training/evaluate/evaluation.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "base/random.h"
#include "encoder/encoder_test_support.h"
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

class EvaluationTest : public WithEncoder {
 protected:
  Result<EvaluationRuns> run(const LabelledData& data, const EvaluationPlan& plan,
                             const TrainOptions& options = {},
                             const std::optional<DiscoveryOptions>& discovery = {}) {
    auto vectors = encode_forms(data, *encoder_, 1);
    if (!vectors) return std::move(vectors).error();
    return cross_validate(data, *vectors, {}, plan, options, discovery);
  }
};

TEST_F(EvaluationTest, HoldsWholeFormsOut) {
  const auto runs = run(authored(), {});
  ASSERT_TRUE(runs) << runs.error().message;
  ASSERT_EQ(runs->runs.size(), 1U);
  const Evaluation& evaluation = runs->runs.front();
  EXPECT_EQ(evaluation.seen_form_share, 0.0);
  EXPECT_EQ(evaluation.scored_labels, (std::vector<LabelId>{0, 1}))
      << "one line of Workflow Error is no test";
  EXPECT_EQ(evaluation.before.rows, 72U);
  EXPECT_EQ(evaluation.after.rows, 73U);
  EXPECT_EQ(evaluation.before.accuracy, 1.0) << "devices that fail and users who act are easily told apart";
  EXPECT_EQ(evaluation.before_by_form.accuracy, 1.0);
  EXPECT_EQ(evaluation.risk_before.aurc, 0.0);
  EXPECT_FALSE(to_json(*runs)["is_leaky"].get<bool>());
}

TEST_F(EvaluationTest, MarksTheLineProtocolAsLeaky) {
  const auto runs = run(authored(), {.split = SplitBy::kLine});
  ASSERT_TRUE(runs);
  EXPECT_GT(runs->runs.front().seen_form_share, 0.3);
  EXPECT_TRUE(to_json(*runs)["is_leaky"].get<bool>());
  EXPECT_NE(to_text(*runs).find("leaky"), std::string::npos);
  EXPECT_NE(to_text(*runs).find("suspect: "), std::string::npos);
}

TEST_F(EvaluationTest, HoldsNearDuplicatesOutWithTheirFamily) {
  LabelledData data = authored();
  for (const char* last : {"north", "south"}) {
    LabelledLine line;
    line.message = std::string("the nightly backup of all user tables was written to tape ") + last;
    line.source = "one";
    line.label = 0;
    data.lines.push_back(line);
  }
  fold_to_forms(data);
  const auto by_form = run(data, {.split = SplitBy::kForm});
  const auto by_family = run(data, {.split = SplitBy::kFamily});
  ASSERT_TRUE(by_form);
  ASSERT_TRUE(by_family);
  EXPECT_LT(by_family->runs.front().families, by_family->runs.front().forms);
  EXPECT_EQ(by_family->runs.front().seen_family_share, 0.0);
  EXPECT_GT(by_form->runs.front().seen_family_share, 0.0);
}

TEST_F(EvaluationTest, NamesALabelThatNoSplitCanTest) {
  LabelledData data = authored();
  for (LabelledLine& line : data.lines) line.source = line.label == 1 ? "one" : "two";
  for (std::size_t i = 0; i < 10; ++i) data.lines[i].source = "three";
  const auto runs = run(data, {.split = SplitBy::kSource});
  ASSERT_TRUE(runs) << runs.error().message;
  EXPECT_EQ(runs->runs.front().scored_labels, (std::vector<LabelId>{0}));
  EXPECT_EQ(runs->runs.front().untestable_labels, (std::vector<LabelId>{1}));
  EXPECT_NE(to_text(*runs).find("User Action is never on both sides"), std::string::npos);
}

TEST_F(EvaluationTest, FallsToThePriorWhereLabelsAreShuffled) {
  const auto runs = run(authored(), {.has_control = true});
  ASSERT_TRUE(runs);
  ASSERT_TRUE(runs->control);
  EXPECT_LT(runs->control->form_accuracy, 0.75);
  EXPECT_NEAR(runs->control->form_prior, 0.5, 0.05);
  EXPECT_TRUE(runs->control->falls_to_prior());
  EXPECT_LT(runs->control->answered, 0.5) << "it must know that it knows nothing";
  EXPECT_TRUE(to_json(*runs)["negative_control"]["falls_to_prior"].get<bool>());
}

TEST_F(EvaluationTest, GivesTheSameForTheSameSeedWhateverTheThreads) {
  TrainOptions one;
  TrainOptions three;
  three.threads = 3;
  const auto a = run(authored(), {}, one);
  const auto b = run(authored(), {}, three);
  ASSERT_TRUE(a);
  ASSERT_TRUE(b);
  EXPECT_EQ(to_json(*a), to_json(*b));
}

TEST_F(EvaluationTest, GivesMeanAndRangeOverSeeds) {
  LabelledData data = authored();
  for (std::size_t i = 0; i < data.lines.size(); i += 5) data.lines[i].label = 1 - data.lines[i].label % 2;
  fold_to_forms(data);
  const auto runs = run(data, {.folds = 3, .seeds = 3});
  ASSERT_TRUE(runs);
  ASSERT_EQ(runs->runs.size(), 3U);
  double sum = 0.0;
  double lowest = 1.0;
  for (const Evaluation& evaluation : runs->runs) {
    sum += evaluation.before.accuracy;
    lowest = std::min(lowest, evaluation.before.accuracy);
  }
  const auto json = to_json(*runs);
  EXPECT_NEAR(json["accuracy"].get<double>(), sum / 3, 1e-12);
  EXPECT_DOUBLE_EQ(json["ranges"]["accuracy"][0].get<double>(), lowest);
  EXPECT_EQ(json["runs"].size(), 3U);
  EXPECT_EQ(json["runs"][1]["seed"], 2);
  for (const auto& tier : json["with_abstention"]["tiers"]) {
    EXPECT_LE(tier["answered"].get<std::size_t>(), data.lines.size())
        << "copies of a line prove nothing more";
    EXPECT_LE(tier["precision_low"].get<double>(), tier["precision"].get<double>());
  }
}

TEST_F(EvaluationTest, DiscoversRulesInsideTheFold) {
  const auto by_line = run(authored(), {.split = SplitBy::kLine}, {}, DiscoveryOptions());
  ASSERT_TRUE(by_line) << by_line.error().message;
  const Scores& after = by_line->runs.front().after;
  ASSERT_FALSE(after.tiers.empty());
  EXPECT_EQ(after.tiers[0].tier, Tier::kRule);
  EXPECT_EQ(after.tiers[0].right, after.tiers[0].answered);
}

TEST_F(EvaluationTest, TellsALabelThatIsWrittenInItsMessages) {
  LabelledData data = authored();
  for (LabelledLine& line : data.lines)
    if (line.label == 1) line.message = "[user action] " + line.message;
  fold_to_forms(data);
  const auto runs = run(data, {});
  ASSERT_TRUE(runs);
  ASSERT_FALSE(runs->suspicions.empty());
  EXPECT_NE(runs->suspicions.back().find("\"User Action\" stands in 36 of its own 36 lines"),
            std::string::npos)
      << runs->suspicions.back();
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
  for (const char* message : {"user mary closed the ledger page", "user mary deleted the order page",
                              "the tape drive failed after 3 tries"}) {
    LabelledLine line;
    line.message = message;
    line.label = other.labels.find(line.message[0] == 'u' ? "User Action" : "Something New");
    other.lines.push_back(line);
  }
  fold_to_forms(other);
  const auto runs = evaluate_bundle(other, *bundle, *encoder_, 1);
  ASSERT_TRUE(runs);
  const Evaluation& evaluation = runs->runs.front();
  EXPECT_EQ(evaluation.protocol, "model");
  EXPECT_EQ(evaluation.after.right, 2U);
  EXPECT_EQ(evaluation.after.answered, 3U)
      << "Error is no label of the file: a wrong answer, not a silent one";
}

TEST_F(EvaluationTest, ABundleIsTrainedAndJudgedInItsSpelling) {
  const LabelledData data = authored();
  FormReader reader(*encoder_, 1);
  TrainOptions options;
  options.encoder = &*encoder_;
  options.reader = &reader;
  options.spelling = Spelling::kNone;
  const auto plain = encode_forms(data, *encoder_, 1);
  ASSERT_TRUE(plain);
  const auto bundle = train_on_vectors(data, *plain, {}, options, nullptr);
  ASSERT_TRUE(bundle);
  EXPECT_EQ(bundle->spelling, Spelling::kNone);
  const auto spelled = encode_forms(data, *encoder_, 1, Spelling::kNone);
  ASSERT_TRUE(spelled);
  EXPECT_EQ(bundle->prototypes.parameters().vectors, *spelled);
  EXPECT_NE(*spelled, *plain);
  const auto runs = evaluate_bundle(data, *bundle, *encoder_, 1);
  ASSERT_TRUE(runs);
  EXPECT_EQ(runs->runs.front().before.accuracy, 1.0);
  EXPECT_EQ(runs->runs.front().novel_form_share, 0.0) << "each form finds itself";

  const auto folds = run(data, {}, options);
  ASSERT_TRUE(folds);
  EXPECT_GT(folds->runs.front().before_by_form.accuracy, 0.9);
  EXPECT_LT(folds->runs.front().novel_form_share, 0.2);
}

}  // namespace
}  // namespace logsieve
