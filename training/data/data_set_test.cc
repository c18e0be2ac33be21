// The committed templates and data set: what they must hold for the models trained on them.
#include <cstdlib>
#include <filesystem>
#include <gtest/gtest.h>
#include <map>
#include <set>

#include "base/file.h"
#include "base/utf8.h"
#include "training/data/generator.h"

namespace logsieve {
namespace {

std::filesystem::path source_dir() {
  const char* given = std::getenv("LOGSIEVE_SOURCE_DIR");
  return given != nullptr ? given : LOGSIEVE_SOURCE_DIR;
}

const std::vector<LogTemplate>& committed_templates() {
  static const std::vector<LogTemplate> kTemplates = [] {
    auto loaded = load_templates(source_dir() / "training/data/templates");
    if (!loaded) ADD_FAILURE() << render(loaded.error());
    return loaded ? *std::move(loaded) : std::vector<LogTemplate>{};
  }();
  return kTemplates;
}

std::string place(const LogTemplate& log_template) {
  return log_template.file + ":" + std::to_string(log_template.line) + ": " + log_template.text;
}

TEST(CommittedTemplates, ParseAndNoneIsWrittenTwice) {
  ASSERT_FALSE(committed_templates().empty());
  std::map<std::string, const LogTemplate*> seen;
  for (const LogTemplate& log_template : committed_templates()) {
    const auto [other, is_new] = seen.emplace(log_template.text, &log_template);
    EXPECT_TRUE(is_new) << place(log_template) << "\n  also " << place(*other->second);
    EXPECT_TRUE(is_valid_utf8(log_template.text)) << place(log_template);
  }
}

TEST(CommittedTemplates, FeedEveryLabelAndSource) {
  std::map<std::string, int> labels;
  std::set<std::string> sources;
  for (const LogTemplate& log_template : committed_templates()) {
    ++labels[log_template.label];
    sources.insert(log_template.source);
  }
  EXPECT_EQ(sources.size(), known_sources().size());
  EXPECT_EQ(labels.size(), known_labels().size());
  EXPECT_EQ(labels["Workflow Error"], 7);
  EXPECT_EQ(labels["Deprecation Warning"], 6);
  for (const auto& [label, count] : labels)
    if (label != "Workflow Error" && label != "Deprecation Warning") {
      EXPECT_GE(count, 40) << label;
    }
}

TEST(CommittedTemplates, KeepTheRareLabelsToLegacyCrmAndTheLlm) {
  for (const LogTemplate& log_template : committed_templates()) {
    const bool is_rare_label =
        log_template.label == "Workflow Error" || log_template.label == "Deprecation Warning";
    EXPECT_EQ(is_rare_label, log_template.complexity == "llm") << place(log_template);
    if (is_rare_label) {
      EXPECT_EQ(log_template.source, "LegacyCRM") << place(log_template);
    }
  }
}

TEST(CommittedDataSet, IsWhatTheGeneratorWrites) {
  const auto rows = make_data_set(committed_templates(), {});
  ASSERT_TRUE(rows) << render(rows.error());
  EXPECT_GE(rows->size(), 6000U);
  std::string csv;
  append_csv_header(true, csv);
  for (const LogLine& row : *rows) append_csv(row, true, csv);
  const auto committed = read_file(source_dir() / "training/data/logs.csv");
  ASSERT_TRUE(committed) << render(committed.error());
  EXPECT_TRUE(*committed == csv)
      << "templates or generator changed: run generate_logs --out training/data/logs.csv";
}

}  // namespace
}  // namespace logsieve
