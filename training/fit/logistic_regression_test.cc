#include "training/fit/logistic_regression.h"

#include <algorithm>
#include <cmath>
#include <fstream>
#include <gtest/gtest.h>
#include <limits>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "base/random.h"
#include "training/fit/logistic_objective.h"
#include "training/fit/test_support.h"

namespace logsieve {
namespace {

using fit_test::read_npy_f32;
using fit_test::read_npy_f64;
using fit_test::read_npy_i32;

constexpr std::size_t kGoldenDim = 384;

// One of scikit-learn's fits: its rows, its settings and its answers.
struct GoldenFit {
  nlohmann::json setting;
  std::vector<float> x;
  std::vector<std::int32_t> y;
  std::vector<double> weights;
};

std::vector<std::string> read_lines(const std::filesystem::path& file) {
  std::ifstream in(file);
  std::vector<std::string> lines;
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

GoldenFit load_golden(const std::filesystem::path& folder, const nlohmann::json& setting) {
  GoldenFit fit{setting, {}, {}, {}};
  const auto x = read_npy_f32(folder / "X.npy");
  const auto names = read_lines(folder / "y.txt");
  const auto weights = read_npy_f64(folder / "weights.npy");
  std::vector<std::int32_t> rows(names.size());
  for (std::size_t i = 0; i < rows.size(); ++i) rows[i] = static_cast<std::int32_t>(i);
  if (setting["rows"] != "all") rows = read_npy_i32(folder / setting["rows"].get<std::string>());
  const auto classes = setting["classes"].get<std::vector<std::string>>();
  for (const std::int32_t index : rows) {
    const auto row = static_cast<std::size_t>(index);
    const auto begin = x.begin() + static_cast<std::ptrdiff_t>(row * kGoldenDim);
    fit.x.insert(fit.x.end(), begin, begin + kGoldenDim);
    fit.y.push_back(
        static_cast<std::int32_t>(std::find(classes.begin(), classes.end(), names[row]) - classes.begin()));
    if (!setting["sample_weight"].is_null()) fit.weights.push_back(weights[row]);
  }
  return fit;
}

// Probabilities as scikit-learn shapes them: [rows, classes].
std::vector<double> probabilities(const LogisticModel& model, const std::vector<float>& x) {
  std::vector<double> out;
  std::vector<double> z(model.classes);
  for (std::size_t row = 0; row * model.dim < x.size(); ++row) {
    logistic_scores(model, std::span<const float>(x).subspan(row * model.dim, model.dim), z);
    const double top = *std::max_element(z.begin(), z.end());
    double sum = 0;
    for (double& value : z) sum += value = std::exp(value - top);
    for (const double value : z) out.push_back(value / sum);
  }
  return out;
}

// Our rows +-w/2 in scikit-learn's single row for two classes, otherwise as they are.
std::vector<double> as_reference_rows(const std::vector<double>& rows, std::size_t classes,
                                      std::size_t width) {
  if (classes != 2) return rows;
  std::vector<double> out(width);
  for (std::size_t d = 0; d < width; ++d) out[d] = rows[width + d] - rows[d];
  return out;
}

double largest_difference(const std::vector<double>& a, const std::vector<double>& b) {
  if (a.size() != b.size()) return INFINITY;
  double out = 0;
  for (std::size_t i = 0; i < a.size(); ++i) out = std::max(out, std::abs(a[i] - b[i]));
  return out;
}

// Where the reference's intercepts do not sum to 0 by construction they are compared about their mean.
std::vector<double> centred(std::vector<double> values) {
  if (values.size() < 2) return values;
  double mean = 0;
  for (const double value : values) mean += value / static_cast<double>(values.size());
  for (double& value : values) value -= mean;
  return values;
}

TEST(LogisticRegression, AgreesWithScikitLearnOnAllReferenceSettings) {
  const auto folder = fit_test::shared_dir() / "golden" / "logistic";
  if (!std::filesystem::exists(folder / "settings.json")) GTEST_SKIP() << "no reference data at " << folder;
  const auto settings = nlohmann::json::parse(fit_test::bytes_of(folder / "settings.json"));
  ASSERT_EQ(settings.size(), 16U);
  for (const auto& setting : settings) {
    const std::string name = setting["name"];
    const GoldenFit golden = load_golden(folder, setting);
    const std::size_t classes = setting["classes"].size();
    const auto model = fit_logistic(
        {golden.x, kGoldenDim, golden.y, classes, golden.weights},
        {.c = setting["C"], .is_balanced = !setting["class_weight"].is_null(), .tolerance = 1e-11});
    ASSERT_TRUE(model) << name;
    EXPECT_TRUE(model->is_converged) << name;
    // The tolerances of golden/README.md section 4.
    EXPECT_LE(model->objective, setting["objective_newton"].get<double>() + 1e-8) << name;
    const auto weights = as_reference_rows(model->weights, classes, kGoldenDim);
    const auto bias = as_reference_rows(model->bias, classes, 1);
    EXPECT_LE(largest_difference(weights, read_npy_f64(folder / (name + "_coef.npy"))), 1e-5) << name;
    EXPECT_LE(largest_difference(centred(bias), centred(read_npy_f64(folder / (name + "_intercept.npy")))),
              2e-5)
        << name;
    EXPECT_LE(
        largest_difference(probabilities(*model, golden.x), read_npy_f64(folder / (name + "_proba.npy"))),
        2e-6)
        << name;
  }
}

struct Toy {
  std::vector<float> x;
  std::vector<std::int32_t> y;
};

// Noisy clusters; every row has `dim` features.
Toy toy(std::size_t rows, std::size_t dim, std::size_t classes, std::uint64_t seed) {
  Random random(seed);
  Toy out;
  for (std::size_t row = 0; row < rows; ++row) {
    const std::size_t label = row < classes ? row : random.below(classes);
    out.y.push_back(static_cast<std::int32_t>(label));
    for (std::size_t d = 0; d < dim; ++d)
      out.x.push_back(static_cast<float>(random.unit() - 0.5 + (d % classes == label ? 0.4 : 0.0)));
  }
  return out;
}

TEST(LogisticRegression, OneFeatureGivesWhatPaperAndPencilGive) {
  // x = -1 (class 0) and x = 1 (class 1), C = 1: w solves w = 2 / (1 + exp(w)), so w = 0.6...; b = 0.
  const std::vector<float> x = {-1, 1};
  const std::vector<std::int32_t> y = {0, 1};
  const auto model = fit_logistic({x, 1, y, 2}, {.tolerance = 1e-12});
  ASSERT_TRUE(model);
  const double w = model->weights[1] - model->weights[0];
  EXPECT_NEAR(w, 2 / (1 + std::exp(w)), 1e-9);
  EXPECT_NEAR(model->bias[1] - model->bias[0], 0.0, 1e-9);
}

TEST(LogisticRegression, GradientVanishesByFiniteDifferences) {
  const Toy data = toy(37, 5, 3, 4);  // neither rows nor classes fill a tile
  const auto model = fit_logistic({data.x, 5, data.y, 3}, {.c = 3.0, .tolerance = 1e-12});
  ASSERT_TRUE(model);
  const auto objective = [&](const LogisticModel& at) {
    double value = 0;
    for (const double w : at.weights) value += 0.5 * w * w;
    const auto p = probabilities(at, data.x);
    for (std::size_t i = 0; i < data.y.size(); ++i)
      value -= 3.0 * std::log(p[i * 3 + static_cast<std::size_t>(data.y[i])]);
    return value;
  };
  EXPECT_NEAR(objective(*model), model->objective, 1e-9);
  for (std::size_t i = 0; i < model->weights.size() + model->bias.size(); ++i) {
    LogisticModel moved = *model;
    double& place = i < moved.weights.size() ? moved.weights[i] : moved.bias[i - moved.weights.size()];
    place += 1e-5;
    const double up = objective(moved);
    place -= 2e-5;
    EXPECT_NEAR((up - objective(moved)) / 2e-5, 0.0, 1e-6) << i;
  }
}

TEST(LogisticRegression, WeightTwoIsTheSameRowTwice) {
  Toy data = toy(60, 8, 3, 5);
  const std::vector<double> weights = [] {
    std::vector<double> out(60, 1.0);
    out[7] = 2.0;
    out[20] = 0.0;
    return out;
  }();
  const auto weighted = fit_logistic({data.x, 8, data.y, 3, weights}, {.tolerance = 1e-12});
  Toy repeated;
  for (std::size_t row = 0; row < 60; ++row) {
    for (int copy = 0; copy < static_cast<int>(weights[row]); ++copy) {
      repeated.x.insert(repeated.x.end(), data.x.begin() + static_cast<std::ptrdiff_t>(row * 8),
                        data.x.begin() + static_cast<std::ptrdiff_t>(row * 8 + 8));
      repeated.y.push_back(data.y[row]);
    }
  }
  const auto plain = fit_logistic({repeated.x, 8, repeated.y, 3}, {.tolerance = 1e-12});
  ASSERT_TRUE(weighted);
  ASSERT_TRUE(plain);
  EXPECT_LE(largest_difference(weighted->weights, plain->weights), 1e-7);
  EXPECT_LE(largest_difference(weighted->bias, plain->bias), 1e-7);
}

TEST(LogisticRegression, GivesTheSameBitsOnAnyNumberOfThreads) {
  const Toy data = toy(1500, 32, 6, 6);  // six blocks of rows
  const auto one = fit_logistic({data.x, 32, data.y, 6}, {.c = 10.0, .threads = 1});
  ASSERT_TRUE(one);
  for (const std::size_t threads : {2U, 3U, 16U}) {
    const auto many = fit_logistic({data.x, 32, data.y, 6}, {.c = 10.0, .threads = threads});
    ASSERT_TRUE(many);
    EXPECT_EQ(one->weights, many->weights);
    EXPECT_EQ(one->bias, many->bias);
    EXPECT_EQ(one->objective, many->objective);
  }
}

TEST(LogisticRegression, RowsAndBiasSumToZeroOverTheClasses) {
  const Toy data = toy(200, 16, 5, 7);
  const auto model = fit_logistic({data.x, 16, data.y, 5}, {.c = 10.0});
  ASSERT_TRUE(model);
  for (std::size_t d = 0; d <= 16; ++d) {
    double sum = 0;
    for (std::size_t k = 0; k < 5; ++k) sum += d < 16 ? model->weights[k * 16 + d] : model->bias[k];
    EXPECT_NEAR(sum, 0.0, 1e-9);
  }
}

TEST(LogisticObjective, HasTheSameBitsWithAndWithoutAvx2) {
  for (const std::size_t classes : {2U, 5U, 9U}) {
    const Toy data = toy(301, 23, classes, 8);
    const LogisticProblem problem{data.x, 23, data.y, classes};
    const std::vector<double> weights(data.y.size(), 0.7);
    LogisticObjective fast(problem, weights, 3.0, 1);
    LogisticObjective portable(problem, weights, 3.0, 1, true);
    std::vector<double> at(fast.parameters());
    Random random(9);
    for (double& value : at) value = random.unit() - 0.5;
    std::vector<double> gradient(at.size());
    std::vector<double> expected(at.size());
    EXPECT_EQ(fast.evaluate(at, gradient), portable.evaluate(at, expected));
    EXPECT_EQ(gradient, expected);
  }
}

TEST(LogisticRegression, RefusesWhatItCannotFit) {
  const std::vector<float> x = {1, 2, 3, 4};
  const std::vector<float> bad_x = {1, std::numeric_limits<float>::quiet_NaN(), 3, 4};
  const std::vector<std::int32_t> y = {0, 1};
  const std::vector<std::int32_t> one_class = {0, 0};
  const std::vector<std::int32_t> out_of_range = {0, 2};
  const std::vector<double> no_weight = {1, 0};
  const std::vector<double> negative = {1, -1};
  const std::vector<std::pair<LogisticProblem, LogisticOptions>> cases = {
      {{x, 3, y, 2}, {}},
      {{x, 2, y, 1}, {}},
      {{bad_x, 2, y, 2}, {}},
      {{x, 2, one_class, 2}, {}},
      {{x, 2, out_of_range, 2}, {}},
      {{x, 2, y, 2, no_weight}, {}},
      {{x, 2, y, 2, negative}, {}},
      {{x, 2, y, 2}, {.c = 0}},
      {{{}, 2, {}, 2}, {}},
  };
  for (std::size_t i = 0; i < cases.size(); ++i) {
    const auto model = fit_logistic(cases[i].first, cases[i].second);
    ASSERT_FALSE(model) << i;
    EXPECT_EQ(model.error().code, ErrorCode::kInvalidArgument) << i;
  }
  EXPECT_TRUE(fit_logistic({x, 2, y, 2}, {}));
}

}  // namespace
}  // namespace logsieve
