#include "training/discover/unlabelled_lines.h"

#include <fstream>
#include <gtest/gtest.h>

#include "base/hash.h"
#include "base/test_folder.h"

namespace logsieve {
namespace {

TEST(LoadUnlabelled, KeepsTheTimeThatALineBeginsWith) {
  const std::string text =
      "2025-06-30 14:48:07 pump 3 stopped\n[2025-06-30T14:48:08Z] pump 4 stopped\npump 5 stopped at "
      "12:00:01\n";
  const TestFolder folder;
  std::ofstream(folder.path() / "app.log") << text;
  ReaderOptions options;
  options.format = InputFormat::kText;
  const auto data = load_unlabelled((folder.path() / "app.log").string(), options);
  ASSERT_TRUE(data) << render(data.error());
  ASSERT_EQ(data->lines.size(), 3U);
  EXPECT_EQ(data->lines[0].timestamp, "2025-06-30 14:48:07");
  EXPECT_EQ(data->lines[1].timestamp, "2025-06-30T14:48:08Z");
  EXPECT_EQ(data->lines[2].timestamp, "");
  EXPECT_EQ(data->sha256, sha256_hex(text));
  EXPECT_EQ(data->labels.names(), std::vector<std::string>{std::string(kUnlabelled)});
}

TEST(LabelByBook, HeedsPrioritiesAndSourcesAndDropsWhatNoRuleDecides) {
  const auto book = RuleBook::parse(
      "rules:\n"
      "  - {name: any, label: A, pattern: '^job \\d+', match: job 1}\n"
      "  - {name: lost, label: B, priority: 1, pattern: '^job \\d+ lost$', match: job 1 lost}\n"
      "  - {name: there, label: C, source: there, pattern: '^cup \\d$', match: cup 2}\n",
      "test");
  ASSERT_TRUE(book);
  LabelledData data;
  data.labels = LabelSet({std::string(kUnlabelled)});
  for (const auto& [message, source] : std::vector<std::pair<std::string, std::string>>{
           {"job 1 done", ""}, {"job 2 lost", ""}, {"cup 3", "there"}, {"cup 4", "here"}, {"rain", ""}})
    data.lines.push_back({message, source, "", 0, 0});
  const auto unknown = label_by_book(*book, data);
  ASSERT_TRUE(unknown);
  EXPECT_EQ(*unknown, 2U);
  ASSERT_EQ(data.lines.size(), 3U);
  EXPECT_EQ(data.labels.name(data.lines[0].label), "A");
  EXPECT_EQ(data.labels.name(data.lines[1].label), "B");
  EXPECT_EQ(data.labels.name(data.lines[2].label), "C");
  EXPECT_EQ(data.forms.size(), 3U);
}

}  // namespace
}  // namespace logsieve
