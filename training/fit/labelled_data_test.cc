#include "training/fit/labelled_data.h"

#include <fstream>
#include <gtest/gtest.h>
#include <string>
#include <string_view>
#include <unistd.h>

#include "base/hash.h"
#include "base/test_folder.h"

namespace logsieve {
namespace {

class LoadLabelledCsv : public ::testing::Test {
 protected:
  Result<LabelledData> load(std::string_view csv, const LabelledDataOptions& options = {}) const {
    const std::string path = (folder_ / "data.csv").string();
    std::ofstream(path, std::ios::binary) << csv;
    return load_labelled_csv(path, options);
  }
  void expect_error(std::string_view csv, std::string_view part) const {
    const auto data = load(csv);
    ASSERT_FALSE(data) << part;
    EXPECT_EQ(data.error().code, ErrorCode::kBadInput);
    EXPECT_NE(data.error().message.find(part), std::string::npos) << data.error().message;
    EXPECT_FALSE(data.error().help.empty());
  }

 private:
  TestFolder folder_;
};

TEST_F(LoadLabelledCsv, FoldsLinesToForms) {
  const std::string csv =
      "timestamp,source,log_message,target_label\n"
      "2025-01-01,db,disk 12 failed,Error\n"
      "2025-01-02,web,\"user said \"\"hi\"\", then left\", User Action \n"
      "2025-01-03,db,disk 977 failed,Error\n";
  const auto data = load(csv);
  ASSERT_TRUE(data) << data.error().message;
  EXPECT_EQ(data->sha256, sha256_hex(csv));
  EXPECT_EQ(data->labels.names(), (std::vector<std::string>{"Error", "User Action"}));
  ASSERT_EQ(data->lines.size(), 3U);
  EXPECT_EQ(data->lines[1].message, "user said \"hi\", then left");
  EXPECT_EQ(data->lines[1].timestamp, "2025-01-02");
  EXPECT_EQ(data->lines[2].source, "db");
  ASSERT_EQ(data->forms.size(), 2U);
  EXPECT_EQ(data->lines[0].form, data->lines[2].form);
  EXPECT_EQ(data->forms[0].lines, 2U);
  EXPECT_FALSE(data->forms[0].has_conflict);
}

TEST_F(LoadLabelledCsv, LetsTheMajorityDecideAConflictAndTheFirstLabelATie) {
  const auto data = load(
      "log_message,target_label\n"
      "disk 1 failed,Error\ndisk 2 failed,Critical Error\ndisk 3 failed,Error\n"
      "job 1 late,Error\njob 2 late,Critical Error\n");
  ASSERT_TRUE(data);
  ASSERT_EQ(data->forms.size(), 2U);
  EXPECT_TRUE(data->forms[0].has_conflict);
  EXPECT_EQ(data->labels.name(data->forms[0].label), "Error");
  EXPECT_TRUE(data->forms[1].has_conflict);
  EXPECT_EQ(data->labels.name(data->forms[1].label), "Critical Error");
}

TEST_F(LoadLabelledCsv, CountsRowsWithoutALabelOrWithTheSilentOne) {
  const auto data = load(
      "log_message,target_label\n"
      "a b c,Error\nd e f,\ng h i,Unclassified\nj k l,User Action\n");
  ASSERT_TRUE(data);
  EXPECT_EQ(data->lines.size(), 2U);
  EXPECT_EQ(data->rejected_records, 2U);
  ASSERT_EQ(data->counterexamples.size(), 1U);
  EXPECT_EQ(data->counterexamples[0].message, "g h i");
}

TEST_F(LoadLabelledCsv, TakesNamedColumns) {
  LabelledDataOptions options;
  options.message_column = "text";
  options.label_column = "Klass";
  const auto data = load("klass,text\nError,disk gone\nUser Action,page opened\n", options);
  ASSERT_TRUE(data) << data.error().message;
  EXPECT_EQ(data->lines[0].message, "disk gone");
}

TEST_F(LoadLabelledCsv, SaysWhatIsWrongAndWhatToDo) {
  expect_error("log_message,label\na,b\n", "no column \"target_label\"");
  expect_error("log_message,target_label\n", "no labelled row");
  expect_error("log_message,target_label\na,\n",
               "no labelled row (unreadable, without a label or labelled Unclassified: 1)");
  expect_error("log_message,target_label\na,Error\n", "only one label, \"Error\", in the only row");
  expect_error("log_message,target_label\na,Error\nb,Error\n", "in all 2 rows");
}

TEST_F(LoadLabelledCsv, RefusesALabelThatNoBookCanHoldAndNamesItsRow) {
  for (const std::string& label : {std::string("\"two\nlines\""), std::string(257, 'x')}) {
    const std::string csv = "log_message,target_label\na,A\nb," + label + "\nc,B\n";
    EXPECT_TRUE(load(csv));
    LabelledDataOptions options;
    options.is_for_rules = true;
    const auto data = load(csv, options);
    ASSERT_FALSE(data);
    EXPECT_EQ(data.error().code, ErrorCode::kBadInput);
    EXPECT_EQ(data.error().line, 3U);
    EXPECT_FALSE(data.error().file.empty());
    EXPECT_FALSE(data.error().help.empty());
  }
}

TEST_F(LoadLabelledCsv, ReadsAPipeAsAFile) {
  const std::string csv = "log_message,target_label\ndisk 1 failed,Error\njob 1 done,Fine\n";
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  ASSERT_EQ(::write(ends[1], csv.data(), csv.size()), static_cast<ssize_t>(csv.size()));
  ::close(ends[1]);
  const auto data = load_labelled_csv("/dev/fd/" + std::to_string(ends[0]), {});
  ::close(ends[0]);
  ASSERT_TRUE(data) << data.error().message;
  EXPECT_EQ(data->sha256, sha256_hex(csv));
  EXPECT_EQ(data->lines.size(), 2U);
}

TEST_F(LoadLabelledCsv, RefusesTwoColumnsOfLabelsAndMessagesThatAreAllBlank) {
  expect_error("log_message,target_label,Target_Label\na b,X,Y\nc d,Y,X\n", "2 columns \"target_label\"");
  expect_error("log_message,target_label\n  ,X\n\" \t\",Y\n", "all 2 labelled rows are blank");
  EXPECT_TRUE(load("log_message,target_label\n  ,X\na b,Y\n")) << "some are no error";
}

TEST_F(LoadLabelledCsv, TakesOneLabelWhereNothingIsTrained) {
  LabelledDataOptions options;
  options.is_for_training = false;
  const auto data = load("log_message,target_label\na b,X\nc d,X\n", options);
  ASSERT_TRUE(data) << data.error().message;
  EXPECT_EQ(data->labels.size(), 1U);
  EXPECT_EQ(data->lines.size(), 2U);
  EXPECT_FALSE(load("log_message,target_label\n", options));
}

TEST_F(LoadLabelledCsv, TellsAMissingFile) {
  const auto data = load_labelled_csv("/nonexistent/data.csv", {});
  ASSERT_FALSE(data);
  EXPECT_EQ(data.error().code, ErrorCode::kNotFound);
}

}  // namespace
}  // namespace logsieve
