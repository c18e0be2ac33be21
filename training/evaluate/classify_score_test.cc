// Our figures against those of the reference scorer, which lies outside the checkout.
#include <cmath>
#include <cstdlib>
#include <fmt/format.h>
#include <fstream>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "base/random.h"
#include "base/test_folder.h"
#include "encoder/test_paths.h"
#include "training/fit/scores.h"
#include "training/fit/test_support.h"

namespace logsieve {
namespace {

const std::vector<std::string> kLabels = {"Alert", "Error", "Info", "Rare"};

// Confidences on a coarse grid, so that many are equal; the rare label has fewer than ten rows.
std::vector<ScoredRow> random_rows(std::uint64_t seed) {
  Random random(seed);
  std::vector<ScoredRow> rows;
  for (std::size_t i = 0; i < 400; ++i) {
    ScoredRow row;
    row.truth = i < 6 ? 3 : static_cast<LabelId>(random.below(3));
    row.tier = static_cast<Tier>(random.below(kTierCount - 1));
    row.confidence = static_cast<double>(random.below(31)) / 30.0;
    row.answer = random.unit() < 0.9 * row.confidence ? row.truth : static_cast<LabelId>(random.below(4));
    if (random.below(8) == 0) row = {row.truth, kNoLabel, 0.0, Tier::kNone};
    rows.push_back(row);
  }
  return rows;
}

nlohmann::json reference_scores(const std::vector<ScoredRow>& rows, const std::string& script) {
  const TestFolder folder;
  std::ofstream truth(folder / "truth.csv");
  std::ofstream predicted(folder / "predicted.csv");
  truth << "log_message,target_label\n";
  predicted << "log_message,target_label,confidence,tier\n";
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const auto name = [](LabelId label) {
      return label == kNoLabel ? std::string(kUnclassified) : kLabels[static_cast<std::size_t>(label)];
    };
    truth << fmt::format("line {},{}\n", i, name(rows[i].truth));
    predicted << fmt::format("line {},{},{:.17g},{}\n", i, name(rows[i].answer), rows[i].confidence,
                             tier_name(rows[i].tier));
  }
  truth.close();
  predicted.close();
  const std::string out = folder / "scores.json";
  const std::string command =
      fmt::format("python3 '{}' '{}' '{}' --json > '{}'", script, (folder / "truth.csv").string(),
                  (folder / "predicted.csv").string(), out);
  if (std::system(command.c_str()) != 0) return {};  // NOLINT: our own words only
  std::ifstream in(out);
  return nlohmann::json::parse(in, nullptr, /*allow_exceptions=*/false);
}

TEST(ClassifyScore, AgreesWithOurFigures) {
  const auto script = fit_test::shared_dir() / "bench" / "scores" / "classify_score.py";
  LOGSIEVE_NEEDS(script);
  for (std::uint64_t seed = 1; seed <= 3; ++seed) {
    const std::vector<ScoredRow> rows = random_rows(seed);
    const nlohmann::json theirs = reference_scores(rows, script.string());
    ASSERT_TRUE(theirs.is_object());
    const Scores ours = score(rows);
    EXPECT_NEAR(ours.accuracy, theirs["accuracy"], 1e-12);
    EXPECT_NEAR(ours.answered_accuracy, theirs["answered_accuracy"], 1e-12);
    EXPECT_NEAR(ours.abstain_rate, theirs["abstain_rate"], 1e-12);
    EXPECT_NEAR(ours.macro_f1, theirs["macro_f1"], 1e-12);
    EXPECT_NEAR(ours.macro_f1_supported, theirs["macro_f1_min10"], 1e-12);
    EXPECT_NEAR(ours.coverage_at_99, theirs["coverage_at_99"], 1e-12);
    EXPECT_NEAR(ours.ece, theirs["ece"], 1e-12);
    EXPECT_NEAR(ours.brier, theirs["brier"], 1e-12);
    ASSERT_EQ(ours.labels.size(), theirs["labels"].size());
    for (const LabelScore& label : ours.labels) {
      const auto& other = theirs["labels"][kLabels[static_cast<std::size_t>(label.label)]];
      EXPECT_NEAR(label.precision, other["precision"], 1e-12);
      EXPECT_NEAR(label.recall, other["recall"], 1e-12);
      EXPECT_NEAR(label.f1, other["f1"], 1e-12);
      EXPECT_EQ(label.support, other["support"]);
    }
    for (const TierScore& tier : ours.tiers) {
      const auto& other = theirs["tiers"][std::string(tier_name(tier.tier))];
      EXPECT_NEAR(tier.coverage, other["coverage"], 1e-12);
      EXPECT_NEAR(tier.precision, other["precision"], 1e-12);
      EXPECT_NEAR(tier.interval.low, other["precision_low"], 1e-12);
      EXPECT_NEAR(tier.interval.high, other["precision_high"], 1e-12);
    }
  }
}

}  // namespace
}  // namespace logsieve
