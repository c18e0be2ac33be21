#include "training/data/generator.h"

#include <algorithm>
#include <gtest/gtest.h>
#include <map>
#include <set>

#include "base/csv_test_reader.h"

namespace logsieve {
namespace {

std::vector<LogTemplate> some_templates() {
  auto templates = parse_templates(
      "@@ ModernCRM | Error | bert\nlost <n> of <n>\n<host> <is down|went away|left>, \"quoted\" <amount>\n"
      "@@ PlatformOps | System Notification | regex\nready\n"
      "@@ LegacyCRM | Workflow Error | llm\nescalation of <id> found no approver\n",
      "t.txt");
  EXPECT_TRUE(templates);
  return *std::move(templates);
}

std::string csv_of(const std::vector<LogLine>& rows, bool with_labels = true) {
  std::string csv;
  append_csv_header(with_labels, csv);
  for (const LogLine& row : rows) append_csv(row, with_labels, csv);
  return csv;
}

TEST(Generator, SameSeedSameBytesOtherSeedOtherBytes) {
  const auto templates = some_templates();
  const auto a = make_data_set(templates, {.rows = 200, .seed = 1});
  const auto b = make_data_set(templates, {.rows = 200, .seed = 1});
  const auto c = make_data_set(templates, {.rows = 200, .seed = 2});
  ASSERT_TRUE(a && b && c);
  EXPECT_EQ(csv_of(*a), csv_of(*b));
  EXPECT_NE(csv_of(*a), csv_of(*c));
}

TEST(Generator, GivesEveryTemplateTwoDifferentRowsAndRareOnesOne) {
  const auto templates = some_templates();
  const auto rows = make_data_set(templates, {.rows = 7, .seed = 3});
  ASSERT_TRUE(rows);
  std::map<std::string, std::set<std::string>> values;
  std::map<std::string, int> counts;
  for (const LogLine& row : *rows) {
    values[row.origin->text].insert(row.message);
    ++counts[row.origin->text];
  }
  for (const LogTemplate& log_template : templates) {
    const bool is_rare = log_template.complexity == "llm";
    EXPECT_EQ(counts[log_template.text], is_rare ? 1 : 2) << log_template.text;
    EXPECT_EQ(values[log_template.text].size(), is_rare || log_template.text == "ready" ? 1U : 2U);
  }
}

TEST(Generator, RareTemplatesStayRareHoweverManyRows) {
  const auto templates = some_templates();
  const auto rows = make_data_set(templates, {.rows = 3000, .seed = 4});
  ASSERT_TRUE(rows);
  EXPECT_EQ(rows->size(), 3000U);
  EXPECT_EQ(std::count_if(rows->begin(), rows->end(),
                          [](const LogLine& r) { return r.origin->complexity == "llm"; }),
            1);
  EXPECT_TRUE(std::is_sorted(rows->begin(), rows->end(),
                             [](const LogLine& x, const LogLine& y) { return x.timestamp < y.timestamp; }));
}

TEST(Generator, RefusesTooFewRows) {
  const auto templates = some_templates();
  const auto rows = make_data_set(templates, {.rows = 6, .seed = 1});
  ASSERT_FALSE(rows);
  EXPECT_EQ(rows.error().code, ErrorCode::kInvalidArgument);
  EXPECT_FALSE(make_data_set({}, {.rows = 6, .seed = 1}));
  const auto only_rare = std::span(templates).last(1);
  EXPECT_TRUE(make_data_set(only_rare, {.rows = 1, .seed = 1}));
  EXPECT_FALSE(make_data_set(only_rare, {.rows = 2, .seed = 1}));
}

TEST(Generator, CsvReadsBackAsItWasWritten) {
  const auto templates = some_templates();
  const auto rows = make_data_set(templates, {.rows = 100, .seed = 5});
  ASSERT_TRUE(rows);
  for (const bool with_labels : {true, false}) {
    const auto records = test_support::read_csv(csv_of(*rows, with_labels));
    ASSERT_EQ(records.size(), rows->size() + 1);
    for (std::size_t i = 0; i < rows->size(); ++i) {
      const LogLine& row = (*rows)[i];
      std::vector<std::string> expected = {row.timestamp, row.origin->source, row.message};
      if (with_labels) expected.insert(expected.end(), {row.origin->label, row.origin->complexity});
      EXPECT_EQ(records[i + 1], expected);
    }
  }
}

TEST(Generator, StreamDrawsEveryTemplateAndRareOnesSeldom) {
  const auto templates = some_templates();
  LineSource source(templates, 6);
  std::map<const LogTemplate*, int> counts;
  LogLine line;
  std::string before;
  for (int i = 0; i < 20000; ++i) {
    source.next(line);
    ++counts[line.origin];
    EXPECT_LE(before, line.timestamp);
    before = line.timestamp;
    EXPECT_EQ(line.message.find('\n'), std::string::npos);
  }
  EXPECT_EQ(counts.size(), templates.size());
  // Its weight is at most 1/20 of 1/5, of a total above 1/6 + 1/7 + 1/8.
  EXPECT_LT(counts[&templates.back()], 20000 * 3 / 100);
}

}  // namespace
}  // namespace logsieve
