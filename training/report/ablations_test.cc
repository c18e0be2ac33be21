// Ablations over real vectors.
#include "training/report/ablations.h"

#include <gtest/gtest.h>
#include <string>
#include <vector>

#include "encoder/encoder_test_support.h"
#include "training/fit/calibration.h"
#include "training/fit/form_problem.h"
#include "training/fit/form_vectors.h"
#include "training/fit/views.h"

namespace logsieve {
namespace {

const std::vector<std::string> kThings = {"anchor", "basket", "candle", "dragon",  "engine", "feather",
                                          "garden", "hammer", "island", "jacket",  "kettle", "ladder",
                                          "mirror", "needle", "orange", "pencil",  "rabbit", "saddle",
                                          "temple", "violin", "window", "blanket", "copper", "desert"};

// Only the number, which the form does not show, tells the labels apart: 71234 or 98765.
LabelledData told_by_values() {
  LabelledData data;
  data.labels = LabelSet({"A", "B"});
  for (std::size_t i = 0; i < kThings.size(); ++i) {
    LabelledLine line;
    line.label = static_cast<LabelId>(i % 2);
    line.message = "the " + kThings[i] + (line.label == 0 ? " 71234 71234 71234" : " 98765 98765 98765");
    data.lines.push_back(line);
  }
  fold_to_forms(data);
  return data;
}

class AblationsTest : public WithEncoder {
 protected:
  Ablations ablations(const LabelledData& data, const TrainOptions& options) {
    auto vectors = encode_forms(data, *encoder_, 1);
    EXPECT_TRUE(vectors);
    auto found = ablations_of(data, *vectors, Spelling::kWords, options);
    EXPECT_TRUE(found);
    return std::move(*found);
  }
  TrainOptions options() const {
    TrainOptions options;
    options.encoder = &*encoder_;
    return options;
  }
};

TEST_F(AblationsTest, OnlyTheRawRowReadsLinesAsTheyWereWritten) {
  const Ablations found = ablations(told_by_values(), options());
  EXPECT_EQ(found.forms, kThings.size());
  for (const Ablation& row : found.rows) {
    if (row.name.starts_with("raw text")) {
      EXPECT_EQ(row.form_accuracy, 1.0);
    } else {
      EXPECT_LT(row.form_accuracy, 0.8) << row.name;
    }
  }
}

TEST_F(AblationsTest, RowsAreTheOutOfFoldFitsTheyName) {
  LabelledData data = told_by_values();
  for (LabelledLine& line : data.lines) line.message += line.label == 0 ? " was sold" : " has burnt down";
  data.lines[0].label = 1;  // one that must be wrong
  fold_to_forms(data);
  const Ablations found = ablations(data, options());
  ASSERT_GE(found.rows.size(), 2U);
  EXPECT_EQ(found.rows[0].won + found.rows[0].lost, 0U);

  const auto vectors = encode_forms(data, *encoder_, 1);
  const FormProblem sentences = make_form_problem(data, *vectors, 10, 3);
  FitOptions fit;
  fit.weighting = Weighting::kLines;  // the first that is tried; here each form has one line
  const auto logits = out_of_fold_logits(sentences, fit, [] {});
  ASSERT_TRUE(logits);
  const auto expected = calibrate(sentences, *logits, 0.99);
  ASSERT_TRUE(expected);
  EXPECT_EQ(found.rows[1].name, "sentence vectors alone");
  EXPECT_EQ(found.rows[1].accuracy, expected->scores.accuracy);
  EXPECT_EQ(found.rows[1].form_accuracy, expected->form_accuracy);
  EXPECT_LT(found.rows[1].form_accuracy, 1.0);
  const auto right = [&](const Ablation& row) {
    return row.form_accuracy * static_cast<double>(found.forms);
  };
  for (const Ablation& row : found.rows)
    EXPECT_NEAR(right(row) - right(found.rows[0]),
                static_cast<double>(row.won) - static_cast<double>(row.lost), 1e-9);
}

TEST_F(AblationsTest, ThereAreNoneWithoutARegressionOrAnEncoder) {
  const LabelledData data = told_by_values();
  EXPECT_TRUE(ablations(data, {}).rows.empty());
  TrainOptions demanding = options();
  demanding.min_forms = 1000;
  EXPECT_TRUE(ablations(data, demanding).rows.empty());
}

}  // namespace
}  // namespace logsieve
