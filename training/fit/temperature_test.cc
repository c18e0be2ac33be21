#include "training/fit/temperature.h"

#include <algorithm>
#include <cmath>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "base/random.h"
#include "training/fit/test_support.h"

namespace logsieve {
namespace {

std::vector<ScoredAnswer> answers_at(const HeldOutLogits& rows, double temperature) {
  std::vector<ScoredAnswer> out;
  std::vector<double> p(rows.classes);
  for (std::size_t row = 0; row < rows.y.size(); ++row) {
    softmax(rows.logits.subspan(row * rows.classes, rows.classes), temperature, p);
    const auto best = std::max_element(p.begin(), p.end());
    out.push_back({*best, best - p.begin() == rows.y[row]});
  }
  return out;
}

TEST(Temperature, AgreesWithScipyOnAllReferenceSets) {
  const auto folder = fit_test::shared_dir() / "golden" / "temperature";
  if (!std::filesystem::exists(folder / "temperature.json"))
    GTEST_SKIP() << "no reference data at " << folder;
  const auto cases = nlohmann::json::parse(fit_test::bytes_of(folder / "temperature.json"));
  ASSERT_GE(cases.size(), 4U);
  for (const auto& expected : cases) {
    const std::string name = expected["logits"];
    const auto logits = fit_test::read_npy_f64(folder / name);
    const auto y = fit_test::read_npy_i32(folder / expected["y"].get<std::string>());
    const HeldOutLogits rows{logits, expected["k"], y};
    ASSERT_EQ(y.size(), expected["n"]);
    const double wanted = expected["temperature"];
    const auto temperature = fit_temperature(rows);
    ASSERT_TRUE(temperature) << name;
    EXPECT_NEAR(*temperature / wanted, 1.0, 1e-6) << name;
    EXPECT_NEAR(mean_nll(rows, 1.0), expected["nll_before"], 1e-9) << name;
    EXPECT_NEAR(mean_nll(rows, *temperature), expected["nll_after"], 1e-9) << name;
    EXPECT_NEAR(calibration_error(answers_at(rows, 1.0)), expected["ece_before"], 1e-9) << name;
    EXPECT_NEAR(calibration_error(answers_at(rows, wanted)), expected["ece_after"], 1e-9) << name;
    EXPECT_NEAR(calibration_error(answers_at(rows, *temperature)), expected["ece_after"], 1e-6) << name;
  }
}

TEST(Temperature, OfTwoClassesHasAClosedForm) {
  // Logit gap 2, right in 3 rows of 4: sigmoid(2 / T) = 3/4, so T = 2 / ln 3.
  const std::vector<double> logits = {2, 0, 2, 0, 2, 0, 2, 0};
  const std::vector<std::int32_t> y = {0, 0, 0, 1};
  const auto temperature = fit_temperature({logits, 2, y});
  ASSERT_TRUE(temperature);
  EXPECT_NEAR(*temperature, 2 / std::log(3.0), 1e-9);
}

TEST(Temperature, WeightThreeIsTheSameRowThreeTimes) {
  const std::vector<double> logits = {2, 0, 2, 0};
  const std::vector<std::int32_t> y = {0, 1};
  const std::vector<double> weights = {3, 1};
  const auto temperature = fit_temperature({logits, 2, y, weights});
  ASSERT_TRUE(temperature);
  EXPECT_NEAR(*temperature, 2 / std::log(3.0), 1e-9);
}

TEST(Temperature, StaysInRangeWhenNothingIsWrongOrNothingIsKnown) {
  const std::vector<double> logits = {2, 0, 0, 2};
  const std::vector<std::int32_t> right = {0, 1};
  const std::vector<std::int32_t> wrong = {1, 0};
  EXPECT_EQ(*fit_temperature({logits, 2, right}, {0.25, 50}), 0.25);
  EXPECT_EQ(*fit_temperature({logits, 2, wrong}, {0.25, 50}), 50.0);
}

TEST(Temperature, HasNoBetterNeighbour) {
  Random random(11);
  std::vector<double> logits(600);
  for (double& z : logits) z = random.unit() * 12;
  std::vector<std::int32_t> y;
  for (std::size_t row = 0; row < 200; ++row) {
    const auto z = std::span<const double>(logits).subspan(row * 3, 3);
    const auto top = std::max_element(z.begin(), z.end()) - z.begin();
    y.push_back(static_cast<std::int32_t>(random.unit() < 0.8 ? top : static_cast<long>(random.below(3))));
  }
  const HeldOutLogits rows{logits, 3, y};
  const double best = *fit_temperature(rows);
  EXPECT_LT(mean_nll(rows, best), mean_nll(rows, best * 1.01));
  EXPECT_LT(mean_nll(rows, best), mean_nll(rows, best / 1.01));
}

TEST(Temperature, RefusesRowsItCannotUse) {
  const std::vector<double> logits = {2, 0, 0, NAN};
  const std::vector<std::int32_t> y = {0, 1};
  const std::vector<std::int32_t> out_of_range = {0, 2};
  const std::vector<double> nothing = {0, 0};
  const std::vector<double> fine = {2, 0, 0, 1};
  EXPECT_FALSE(fit_temperature({logits, 2, y}));
  EXPECT_FALSE(fit_temperature({fine, 3, y}));
  EXPECT_FALSE(fit_temperature({fine, 2, out_of_range}));
  EXPECT_FALSE(fit_temperature({fine, 2, y, nothing}));
  EXPECT_FALSE(fit_temperature({{}, 2, {}}));
  EXPECT_TRUE(fit_temperature({fine, 2, y}));
}

TEST(CalibrationError, PutsEdgesIntoTheLowerBin) {
  // 1/15 belongs to the first bin, together with 0: one bin with mean confidence 1/30 and accuracy 1/2.
  const std::vector<ScoredAnswer> answers = {{0.0, false}, {1.0 / 15, true}};
  EXPECT_NEAR(calibration_error(answers), 0.5 - 1.0 / 30, 1e-12);
  EXPECT_NEAR(calibration_error(std::vector<ScoredAnswer>{{1.0, true}}), 0.0, 1e-12);
  EXPECT_EQ(calibration_error({}), 0.0);
}

TEST(CalibrationError, AddsTheGapsOfItsBins) {
  // Bin of .9: accuracy .5, gap .4 for 2 of 3 answers; bin of .3: gap .3 for 1 of 3.
  const std::vector<ScoredAnswer> answers = {{0.9, true}, {0.9, false}, {0.3, false}};
  EXPECT_NEAR(calibration_error(answers), 0.4 * 2 / 3 + 0.3 / 3, 1e-12);
  EXPECT_NEAR(brier_score(answers), (0.01 + 0.81 + 0.09) / 3, 1e-12);
  EXPECT_EQ(brier_score({}), 0.0);
}

}  // namespace
}  // namespace logsieve
