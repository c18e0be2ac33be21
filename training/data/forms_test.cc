// The masked forms of the committed templates: one form, one label; none of a public log's.
#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <gtest/gtest.h>
#include <map>
#include <set>

#include "base/csv_test_reader.h"
#include "base/file.h"
#include "mask/masker.h"
#include "training/data/generator.h"

namespace logsieve {
namespace {

constexpr std::size_t kDrawsATemplate = 12;  // most choices have two to four alternatives

std::string directory(const char* variable, const std::string& fallback) {
  const char* given = std::getenv(variable);
  return given != nullptr ? given : fallback;
}

std::filesystem::path source_dir() {
  return directory("LOGSIEVE_SOURCE_DIR", LOGSIEVE_SOURCE_DIR);
}

std::filesystem::path shared_dir() {
  return directory("LOGSIEVE_SHARED_DIR", (source_dir() / "../shared").string());
}

struct FormOrigin {
  const LogTemplate* origin;
  std::string message;
};

std::string describe(const FormOrigin& at) {
  return at.origin->file + ":" + std::to_string(at.origin->line) + " [" + at.origin->label + "] " +
         at.message;
}

const std::vector<LogTemplate>& templates() {
  static const std::vector<LogTemplate> kTemplates = [] {
    auto loaded = load_templates(source_dir() / "training/data/templates");
    if (!loaded) ADD_FAILURE() << render(loaded.error());
    return loaded ? *std::move(loaded) : std::vector<LogTemplate>{};
  }();
  return kTemplates;
}

struct DrawnForms {
  std::map<std::string, FormOrigin> forms;
  std::vector<std::string> conflicts;  // one text for each form that got a second label
};

// Several draws of every template, each from the same seed: equal slots at equal places draw equal values, so
// that two templates that differ in nothing but values meet.
DrawnForms draw_forms() {
  DrawnForms drawn;
  std::string form;
  for (const LogTemplate& log_template : templates()) {
    LineSource source({&log_template, 1}, 17);
    LogLine line;
    for (std::size_t i = 0; i < kDrawsATemplate; ++i) {
      source.next(line);
      mask(line.message, form);
      const FormOrigin here{&log_template, line.message};
      const auto [first, is_new] = drawn.forms.emplace(form, here);
      if (first->second.origin->label != log_template.label)
        drawn.conflicts.push_back(form + "\n  " + describe(first->second) + "\n  " + describe(here));
    }
  }
  return drawn;
}

const DrawnForms& drawn_forms() {
  static const DrawnForms kDrawn = draw_forms();
  return kDrawn;
}

TEST(TemplateForms, OneFormNeverHasTwoLabels) {
  const auto& [forms, conflicts] = drawn_forms();
  for (const std::string& conflict : conflicts) ADD_FAILURE() << conflict;
  EXPECT_GT(forms.size(), templates().size()) << "choices must give more forms than there are templates";
}

TEST(TemplateForms, FeedEveryLabelWithManyForms) {
  std::map<std::string, std::set<std::string>> forms_of;
  std::set<std::string> all;
  std::string form;
  const auto rows = make_data_set(templates(), {});
  ASSERT_TRUE(rows);
  for (const LogLine& row : *rows) {
    mask(row.message, form);
    forms_of[row.origin->label].insert(form);
    all.insert(form);
  }
  EXPECT_GE(all.size(), 600U);
  for (const auto& [label, forms] : forms_of)
    if (label != "Workflow Error" && label != "Deprecation Warning") {
      EXPECT_GE(forms.size(), 40U) << label;
    }
}

// resources/test.csv is for trying what was trained: neither its lines nor their forms are in the training set.
TEST(SampleInput, IsNotInTheTrainingData) {
  const auto bytes = read_file(source_dir() / "resources/test.csv");
  const auto truth = read_file(source_dir() / "resources/test_truth.csv");
  ASSERT_TRUE(bytes && truth);
  const auto records = test_support::read_csv(*bytes);
  ASSERT_EQ(records.size(), 41U);
  EXPECT_EQ(records.front(), (std::vector<std::string>{"timestamp", "source", "log_message"}));
  EXPECT_EQ(test_support::read_csv(*truth).size(), records.size());
  const auto rows = make_data_set(templates(), {});
  ASSERT_TRUE(rows);
  std::set<std::string> messages;
  std::set<std::string> forms;
  std::string form;
  for (const LogLine& row : *rows) {
    messages.insert(row.message);
    mask(row.message, form);
    forms.insert(form);
  }
  for (std::size_t i = 1; i < records.size(); ++i) {
    ASSERT_EQ(records[i].size(), 3U);
    EXPECT_FALSE(messages.contains(records[i][2])) << records[i][2];
    mask(records[i][2], form);
    EXPECT_FALSE(forms.contains(form)) << records[i][2];
  }
}

// The bundle is judged on logs that it has never seen: none of their forms may be among the training forms.
TEST(TemplateForms, NoneIsAFormOfThePublicLogsThatWeAreJudgedOn) {
  const auto folder = shared_dir() / "data/loghub2k";
  if (!std::filesystem::is_directory(folder)) GTEST_SKIP() << "no reference logs at " << folder;
  const auto& forms = drawn_forms().forms;
  std::size_t checked = 0;
  std::string form;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (!entry.path().string().ends_with("_structured.csv")) continue;
    const auto bytes = read_file(entry.path());
    ASSERT_TRUE(bytes) << render(bytes.error());
    const auto records = test_support::read_csv(*bytes);
    ASSERT_FALSE(records.empty());
    const auto& header = records.front();
    const auto content =
        static_cast<std::size_t>(std::find(header.begin(), header.end(), "Content") - header.begin());
    ASSERT_LT(content, header.size()) << entry.path();
    std::set<std::string> reported;
    for (const auto& record : records) {
      if (&record == &header || record.size() <= content) continue;
      ++checked;
      mask(record[content], form);
      const auto found = forms.find(form);
      if (found != forms.end() && reported.insert(form).second) ADD_FAILURE() << describe(found->second);
    }
  }
  EXPECT_GT(checked, 1000U);
}

}  // namespace
}  // namespace logsieve
