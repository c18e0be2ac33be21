#include "review/review_store.h"

#include <gtest/gtest.h>

#include "base/test_folder.h"

namespace logsieve {
namespace {

ReviewedForm seen(std::string form, std::string label, std::uint64_t lines, double confidence = 0.2) {
  ReviewedForm shape;
  shape.form = std::move(form);
  shape.llm_label = std::move(label);
  shape.model_label = "Unclassified";
  shape.model_confidence = confidence;
  shape.lines = lines;
  return shape;
}

class ReviewStoreTest : public ::testing::Test {
 protected:
  ReviewStore open() {
    auto store = ReviewStore::open(folder_.path() / "state" / "review.sqlite3");
    if (!store) throw std::runtime_error(render(store.error()));
    return std::move(*store);
  }
  void add(ReviewStore& store, std::vector<ReviewedForm> forms) { ASSERT_TRUE(store.add(forms)); }
  std::vector<std::string> open_forms(ReviewStore& store, std::uint64_t min_lines = 1) {
    std::vector<std::string> forms;
    const auto items = store.open_items(min_lines, 100);
    for (const ReviewItem& item : *items) forms.push_back(item.seen.form);
    return forms;
  }

  TestFolder folder_;
};

using Forms = std::vector<std::string>;

TEST_F(ReviewStoreTest, ListsByLinesTimesUncertainty) {
  ReviewStore store = open();
  add(store,
      {seen("few", "Error", 2, 0.0), seen("many but known", "Error", 100, 0.99), seen("many", "Error", 50)});
  EXPECT_EQ(open_forms(store), (Forms{"many", "few", "many but known"}));
  EXPECT_EQ(open_forms(store, 10), (Forms{"many", "many but known"}));
}

TEST_F(ReviewStoreTest, AddsUpTheLinesOfRunsAndKeepsDecisions) {
  {
    ReviewStore store = open();
    add(store, {seen("a", "Error", 3)});
    ASSERT_TRUE(store.decide(1, ReviewState::kCorrected, "User Action", 5));
  }
  ReviewStore store = open();  // another run
  add(store, {seen("a", "Security Alert", 4)});
  EXPECT_TRUE(open_forms(store).empty());
  const auto all = store.seen(1);
  ASSERT_TRUE(all);
  const ReviewItem& item = all->front();
  EXPECT_EQ(item.seen.lines, 7U);
  EXPECT_EQ(item.seen.llm_label, "Security Alert");
  EXPECT_EQ(item.state, ReviewState::kCorrected);
  EXPECT_EQ(item.label, "User Action");
}

TEST_F(ReviewStoreTest, GivesWhatAPersonDecidedAndNothingElse) {
  ReviewStore store = open();
  add(store, {seen("a", "Error", 1), seen("b", "Error", 1), seen("c", "Error", 1), seen("d", "Error", 1)});
  ASSERT_TRUE(store.decide(1, ReviewState::kAccepted, "", 5));
  ASSERT_TRUE(store.decide(2, ReviewState::kCorrected, "User Action", 5));
  ASSERT_TRUE(store.decide(3, ReviewState::kRejected, "", 5));
  const auto decided = store.decided();
  ASSERT_TRUE(decided);
  ASSERT_EQ(decided->size(), 3U);
  EXPECT_EQ((*decided)[0].label, "Error");
  EXPECT_EQ((*decided)[1].label, "User Action");
  EXPECT_EQ((*decided)[2].label, "Unclassified");
}

TEST_F(ReviewStoreTest, KeepsAbstentionsOutOfTheQueue) {
  ReviewStore store = open();
  add(store, {seen("a", "Unclassified", 90)});
  EXPECT_TRUE(open_forms(store).empty());
}

TEST_F(ReviewStoreTest, ShowsSecondOpinionsThatDiffer) {
  ReviewStore store = open();
  ReviewedForm differs = seen("differs", "Error", 4);
  ReviewedForm agrees = seen("agrees", "Error", 9);
  ReviewedForm first = seen("first opinion", "Error", 9);
  differs.is_second_opinion = agrees.is_second_opinion = true;
  differs.model_label = "User Action";
  agrees.model_label = "Error";
  add(store, {differs, agrees, first});
  const auto found = store.disagreements(9);
  ASSERT_TRUE(found);
  ASSERT_EQ(found->size(), 1U);
  EXPECT_EQ(found->front().seen.form, "differs");
}

TEST_F(ReviewStoreTest, SaysWhatIsNotThere) {
  ReviewStore store = open();
  const auto decided = store.decide(7, ReviewState::kAccepted, "", 5);
  ASSERT_FALSE(decided);
  EXPECT_EQ(decided.error().code, ErrorCode::kInvalidArgument);
}

TEST_F(ReviewStoreTest, RefusesAFileOfANewerVersion) {
  const auto file = folder_.path() / "new.sqlite3";
  {
    auto database = SqliteDatabase::open(file);
    ASSERT_TRUE(database);
    ASSERT_TRUE(database->run("PRAGMA user_version = 99"));
  }
  const auto store = ReviewStore::open(file);
  ASSERT_FALSE(store);
  EXPECT_EQ(store.error().code, ErrorCode::kBadConfig);
}

TEST_F(ReviewStoreTest, KeepsSomeLinesOfAForm) {
  ReviewStore store = open();
  ReviewedForm first = seen("pump number", "Error", 3);
  first.samples = {"pump 1", "pump 2", std::string(ReviewStore::kMostSampleBytes + 1, 'x')};
  ReviewedForm again = first;
  again.samples = {"pump 2", "pump 3", "pump 4", "pump 5"};
  add(store, {first, seen("fan", "Error", 1), again});
  EXPECT_EQ(*store.samples(1), (Forms{"pump 1", "pump 2", "pump 3", "pump 4"}));
  EXPECT_TRUE(store.samples(2)->empty());
}

TEST_F(ReviewStoreTest, CountsHowOftenTheModelWasRightByItsConfidence) {
  ReviewStore store = open();
  const auto second = [](std::string form, std::string llm, double confidence, std::uint64_t lines) {
    ReviewedForm opinion = seen(std::move(form), std::move(llm), lines, confidence);
    opinion.model_label = "Error";
    opinion.is_second_opinion = true;
    return opinion;
  };
  ReviewedForm first = seen("no second opinion", "Error", 100, 0.85);
  add(store, {second("a", "Error", 0.85, 3), second("b", "User Action", 0.81, 5),
              second("c", "Unclassified", 0.8, 7), second("d", "User Action", 0.62, 2),
              second("e", "Error", 1.0, 1), std::move(first)});
  ASSERT_TRUE(store.decide(2, ReviewState::kRejected, {}, 5));  // the LLM was wrong, and so was the model
  ASSERT_TRUE(store.decide(4, ReviewState::kCorrected, "Error", 5));
  const auto bins = store.calibration();
  ASSERT_TRUE(bins);
  ASSERT_EQ(bins->size(), 3U);
  const auto expect = [](const CalibrationBin& bin, double from, const std::vector<std::uint64_t>& counts) {
    EXPECT_DOUBLE_EQ(bin.from, from);
    EXPECT_EQ((std::vector<std::uint64_t>{bin.forms, bin.lines, bin.agreed_forms, bin.agreed_lines}), counts);
  };
  expect((*bins)[0], 0.6, {1, 2, 1, 2});
  expect((*bins)[1], 0.8, {2, 8, 1, 3});
  expect((*bins)[2], 0.9, {1, 1, 1, 1});
}

}  // namespace
}  // namespace logsieve
