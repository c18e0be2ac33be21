#include "training/evaluate/splits.h"

#include <gtest/gtest.h>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace logsieve {
namespace {

struct Row {
  std::string message;
  LabelId label;
  std::string source = "app";
  std::string timestamp = {};
};

LabelledData data_of(const std::vector<Row>& rows) {
  LabelledData data;
  data.labels = LabelSet({"Error", "Info"});
  for (const Row& row : rows) {
    LabelledLine line;
    line.message = row.message;
    line.source = row.source;
    line.timestamp = row.timestamp;
    line.label = row.label;
    data.lines.push_back(std::move(line));
  }
  fold_to_forms(data);
  return data;
}

// Twelve forms of ten words, in six families of two, each form three times.
LabelledData families() {
  std::vector<Row> rows;
  for (char family = 'a'; family < 'g'; ++family) {
    std::string words;
    for (const char* word : {"lorem", "ipsum", "dolor", "amet", "elit", "sed", "magna", "quis", "velit"})
      words += std::string(word) + family + family + " ";
    for (const char* last : {"north", "south"})
      for (int copy = 0; copy < 3; ++copy) rows.push_back({words + last, family % 2 == 0 ? 0 : 1});
  }
  return data_of(rows);
}

TEST(Splits, KeepFormsFamiliesAndSourcesWhole) {
  LabelledData data = families();
  for (std::size_t i = 0; i < data.lines.size(); ++i) data.lines[i].source = "s" + std::to_string(i % 4);
  const std::vector<std::size_t> family = families_of_forms(data);
  ASSERT_EQ(std::set<std::size_t>(family.begin(), family.end()).size(), 6U);
  for (const SplitBy by : {SplitBy::kForm, SplitBy::kFamily, SplitBy::kSource}) {
    const auto split = split_lines(data, by, 3, 1);
    ASSERT_TRUE(split);
    std::map<std::string, std::size_t> part_of;
    for (std::size_t i = 0; i < data.lines.size(); ++i) {
      const std::string group = by == SplitBy::kForm     ? std::to_string(data.lines[i].form)
                                : by == SplitBy::kFamily ? std::to_string(family[data.lines[i].form])
                                                         : data.lines[i].source;
      const auto [at, is_new] = part_of.emplace(group, split->part_of_line[i]);
      EXPECT_EQ(at->second, split->part_of_line[i]) << split_name(by) << " " << group;
    }
    EXPECT_EQ(split->parts, by == SplitBy::kSource ? 4U : 3U);
  }
  const auto by_line = split_lines(data, SplitBy::kLine, 3, 1);
  ASSERT_TRUE(by_line);
  std::set<std::size_t> parts_of_first_form(by_line->part_of_line.begin(), by_line->part_of_line.begin() + 3);
  EXPECT_GT(parts_of_first_form.size(), 1U) << "lines of one form are dealt out";
}

TEST(Splits, AreTheSameForTheSameSeedAndOthersForAnother) {
  const LabelledData data = families();
  const auto one = split_lines(data, SplitBy::kForm, 3, 1);
  EXPECT_EQ(one->part_of_line, split_lines(data, SplitBy::kForm, 3, 1)->part_of_line);
  bool differs = false;
  for (std::uint64_t seed = 2; seed < 6; ++seed)
    differs = differs || one->part_of_line != split_lines(data, SplitBy::kForm, 3, seed)->part_of_line;
  EXPECT_TRUE(differs);
}

TEST(Splits, TestLaterLinesByEarlierOnesAndNeverPartEqualTimes) {
  std::vector<Row> rows;
  for (int i = 11; i >= 0; --i)  // in the file the latest comes first
    rows.push_back({"event happened", i % 2, "app", "2025-01-0" + std::to_string(1 + i / 4) + " 10:00:00"});
  rows.push_back({"event without a time", 0, "app", "yesterday"});
  const LabelledData data = data_of(rows);
  const auto split = split_lines(data, SplitBy::kTime, 2, 1);
  ASSERT_TRUE(split);
  EXPECT_EQ(split->part_of_line,
            (std::vector<std::size_t>{2, 2, 2, 2, 1, 1, 1, 1, 0, 0, 0, 0, Split::kNoPart}));
  EXPECT_EQ(split->tested_parts(), 2U);
  EXPECT_TRUE(split->is_trained_on(8, 1));
  EXPECT_FALSE(split->is_trained_on(4, 1)) << "nor itself";
  EXPECT_FALSE(split->is_trained_on(0, 1)) << "the future teaches nothing";
  EXPECT_FALSE(split->is_trained_on(12, 2)) << "no time, no part";
}

TEST(Splits, SayWhyTheyCannotBeMade) {
  const LabelledData data = families();
  const auto by_time = split_lines(data, SplitBy::kTime, 5, 1);
  ASSERT_FALSE(by_time);
  EXPECT_NE(by_time.error().message.find("no line has a time"), std::string::npos);
  EXPECT_NE(by_time.error().help.find("timestamp"), std::string::npos);
  const auto by_source = split_lines(data, SplitBy::kSource, 5, 1);
  ASSERT_FALSE(by_source);
  EXPECT_EQ(by_source.error().code, ErrorCode::kBadInput);
}

TEST(Splits, ManySourcesShareParts) {
  std::vector<Row> rows;
  for (int i = 0; i < 200; ++i) rows.push_back({"event happened", i % 2, "host" + std::to_string(i)});
  const auto split = split_lines(data_of(rows), SplitBy::kSource, 5, 1);
  ASSERT_TRUE(split);
  EXPECT_EQ(split->parts, kMostSourceParts);
}

}  // namespace
}  // namespace logsieve
