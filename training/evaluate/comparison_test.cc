#include "training/evaluate/comparison.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "encoder/encoder_test_support.h"
#include "training/fit/form_vectors.h"
#include "training/fit/trainer.h"

namespace logsieve {
namespace {

// scipy 1.17.1: scipy.stats.binomtest(min(b, c), b + c, 0.5).pvalue.
TEST(McNemar, EqualsScipysExactBinomialTest) {
  EXPECT_DOUBLE_EQ(mcnemar_exact(0, 0), 1.0);
  EXPECT_NEAR(mcnemar_exact(0, 1), 1.0, 1e-12);
  EXPECT_NEAR(mcnemar_exact(1, 5), 0.21875, 1e-12);
  EXPECT_NEAR(mcnemar_exact(3, 11), 0.057373046875, 1e-12);
  EXPECT_NEAR(mcnemar_exact(11, 3), 0.057373046875, 1e-12);
  EXPECT_DOUBLE_EQ(mcnemar_exact(10, 10), 1.0);
  EXPECT_NEAR(mcnemar_exact(2, 0), 0.5, 1e-12);
  EXPECT_NEAR(mcnemar_exact(40, 60), 0.05688793364098089, 1e-10);
  EXPECT_NEAR(mcnemar_exact(500, 420), 0.00916276387523132, 1e-10);
}

LabelledLine line(std::string message, LabelId label) {
  LabelledLine out;
  out.message = std::move(message);
  out.label = label;
  return out;
}

class ComparisonTest : public WithEncoder {
 protected:
  void SetUp() override {
    WithEncoder::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    data_.labels = LabelSet({"Error", "Login"});
    for (const char* part : {"disk", "fan", "battery", "controller"})
      data_.lines.push_back(line("the " + std::string(part) + " failed", 0));
    for (const char* name : {"mary", "peter", "anna", "paul"})
      for (int copy = 0; copy < 2; ++copy)
        data_.lines.push_back(line(std::string(name) + " has logged in", 1));
    fold_to_forms(data_);
  }

  // A bundle of these rules alone: head and prototypes never answer.
  Bundle bundle_of(const std::string& rules) {
    auto vectors = encode_forms(data_, *encoder_, 1);
    auto book = RuleBook::parse(rules, "rules.yaml");
    EXPECT_TRUE(book) << book.error().message;
    auto bundle = train_on_vectors(data_, *vectors, std::move(*book), {}, nullptr);
    EXPECT_TRUE(bundle) << bundle.error().message;
    bundle->encoder_weights_sha256 = encoder_->weights_sha256();
    SoftmaxParameters silent = bundle->head.parameters();
    for (float& threshold : silent.thresholds) threshold = 2.0F;
    bundle->head = *SoftmaxHead::create(std::move(silent));
    PrototypeParameters prototypes = bundle->prototypes.parameters();
    prototypes.answered_labels.clear();
    bundle->prototypes = *Prototypes::create(std::move(prototypes));
    return std::move(*bundle);
  }

  LabelledData data_;
};

TEST_F(ComparisonTest, CountsWhoIsRightByLineAndByFormAndShowsWhatChanged) {
  const Bundle first = bundle_of(
      "rules:\n  - {name: failed, label: Error, pattern: ' failed$', match: ['the fan failed']}\n"
      "  - {name: paul, label: Error, pattern: '^paul ', match: ['paul has logged in']}\n");
  const Bundle second = bundle_of(
      "rules:\n  - {name: login, label: Login, pattern: ' logged in$', match: ['paul has logged in']}\n"
      "  - {name: fan, label: Hardware, pattern: ' fan ', match: ['the fan failed']}\n");
  const auto compared = compare_bundles(data_, first, second, *encoder_, 1);
  ASSERT_TRUE(compared) << compared.error().message;
  EXPECT_EQ(compared->lines, 12U);
  EXPECT_EQ(compared->by_line.only_first, 4U);
  EXPECT_EQ(compared->by_line.only_second, 8U);
  EXPECT_EQ(compared->by_line.both + compared->by_line.neither, 0U);
  EXPECT_EQ(compared->by_form.only_first, 4U);
  EXPECT_EQ(compared->by_form.only_second, 4U);
  EXPECT_DOUBLE_EQ(compared->by_form.p_value, 1.0);
  EXPECT_NEAR(compared->by_line.p_value, 0.3876953125, 1e-12) << "scipy.stats.binomtest(4, 12).pvalue";
  EXPECT_DOUBLE_EQ(compared->sides[0].coverage, 0.5);
  EXPECT_DOUBLE_EQ(compared->sides[1].answered_accuracy, 8.0 / 9.0)
      << "a label that the file lacks is wrong, not silent";
  ASSERT_EQ(compared->changed.size(), 8U);
  EXPECT_TRUE(compared->changed.front().is_worse);
  EXPECT_TRUE(compared->changed.back().is_better);
  const std::string text = to_text(*compared);
  EXPECT_NE(text.find("Error (rule) -> Hardware (rule)"), std::string::npos) << text;
  EXPECT_NE(text.find("+      2  Error (rule) -> Login (rule)"), std::string::npos) << text;
  EXPECT_EQ(to_json(*compared)["by_form"]["only_second_right"], 4);
}

TEST_F(ComparisonTest, FindsNoChangeBetweenABundleAndItself) {
  const Bundle bundle =
      bundle_of("rules:\n  - {name: failed, label: Error, pattern: ' failed$', match: ['the fan failed']}\n");
  const auto compared = compare_bundles(data_, bundle, bundle, *encoder_, 1);
  ASSERT_TRUE(compared);
  EXPECT_TRUE(compared->changed.empty());
  EXPECT_EQ(compared->by_line.p_value, 1.0);
  EXPECT_EQ(compared->by_line.both, 4U);
}

TEST_F(ComparisonTest, TellsWhatEachBundleHasSeenInItsTraining) {
  const std::string rules =
      "rules:\n  - {name: failed, label: Error, pattern: ' failed$', match: ['the fan failed']}\n";
  const Bundle first = bundle_of(rules);
  Bundle second = first;
  second.forms.clear();
  auto compared = compare_bundles(data_, first, second, *encoder_, 1);
  ASSERT_TRUE(compared);
  EXPECT_EQ(compared->sides[0].seen_forms, data_.forms.size());
  EXPECT_DOUBLE_EQ(compared->sides[0].seen_form_share, 1.0);
  EXPECT_EQ(compared->sides[1].seen_form_share, 0.0);
  EXPECT_NE(to_text(*compared).find("suspect: the scores of the first bundle are too good"),
            std::string::npos);
  EXPECT_EQ(to_json(*compared)["bundles"][0]["seen_form_share"], 1.0);
  EXPECT_EQ(to_json(*compared)["bundles"][1]["is_leaky"], false);
  // A form of two of the twelve lines.
  second.forms = {data_.forms.back().text};
  compared = compare_bundles(data_, second, second, *encoder_, 1);
  ASSERT_TRUE(compared);
  EXPECT_DOUBLE_EQ(compared->sides[1].seen_form_share, 2.0 / 12.0);
  EXPECT_NE(to_text(*compared).find("both bundles"), std::string::npos);
}

TEST_F(ComparisonTest, RefusesABundleOfAnotherEncoder) {
  const Bundle bundle =
      bundle_of("rules:\n  - {name: failed, label: Error, pattern: ' failed$', match: ['the fan failed']}\n");
  Bundle other = bundle;
  other.encoder_weights_sha256 = std::string(64, '0');
  const auto compared = compare_bundles(data_, bundle, other, *encoder_, 1);
  ASSERT_FALSE(compared);
  EXPECT_NE(compared.error().message.find("second"), std::string::npos);
}

}  // namespace
}  // namespace logsieve
