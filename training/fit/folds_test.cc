#include "training/fit/folds.h"

#include <algorithm>
#include <gtest/gtest.h>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "base/random.h"

namespace logsieve {
namespace {

struct Items {
  std::vector<LabelId> labels;
  std::vector<std::size_t> lines;
};

Items random_items(std::size_t count, std::uint64_t seed) {
  Random random(seed);
  Items items;
  for (std::size_t i = 0; i < count; ++i) {
    items.labels.push_back(static_cast<LabelId>(random.below(4)));
    items.lines.push_back(1 + random.below(50));
  }
  return items;
}

TEST(FormFolds, DealEachLabelEvenly) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    const Items items = random_items(103, seed);
    const auto fold_of = form_folds(items.labels, items.lines, 5, seed);
    std::map<LabelId, std::vector<std::size_t>> counts;
    for (std::size_t i = 0; i < fold_of.size(); ++i) {
      ASSERT_LT(fold_of[i], 5U);
      auto& of_label = counts[items.labels[i]];
      of_label.resize(5);
      ++of_label[fold_of[i]];
    }
    for (const auto& [label, of_label] : counts) {
      const auto [least, most] = std::minmax_element(of_label.begin(), of_label.end());
      EXPECT_LE(*most - *least, 1U) << "label " << label;
    }
  }
}

TEST(FormFolds, DependOnTheSeedAlone) {
  const Items items = random_items(60, 3);
  EXPECT_EQ(form_folds(items.labels, items.lines, 5, 9), form_folds(items.labels, items.lines, 5, 9));
  EXPECT_NE(form_folds(items.labels, items.lines, 5, 9), form_folds(items.labels, items.lines, 5, 10));
}

TEST(FormFolds, AreNeverMoreThanForms) {
  const auto fold_of = form_folds(std::vector<LabelId>{0, 1, 0}, std::vector<std::size_t>{1, 1, 1}, 10, 1);
  EXPECT_LT(*std::max_element(fold_of.begin(), fold_of.end()), 3U);
  EXPECT_TRUE(form_folds({}, {}, 5, 1).empty());
}

LabelledData some_lines() {
  LabelledData data;
  data.labels = LabelSet({"Error", "User Action"});
  for (int i = 0; i < 40; ++i) {
    LabelledLine line;
    line.message = i % 2 == 0
                       ? "disk " + std::string(1, static_cast<char>('a' + i % 8)) + " failed after 12 tries"
                       : "somebody opened page " + std::string(1, static_cast<char>('a' + i % 10));
    line.source = i % 3 == 0 ? "db" : "web";
    line.label = static_cast<LabelId>(i % 2);
    data.lines.push_back(std::move(line));
  }
  fold_to_forms(data);
  return data;
}

TEST(LineFolds, KeepWholeFormsOrSourcesTogether) {
  const LabelledData data = some_lines();
  for (const Protocol protocol : {Protocol::kForm, Protocol::kSource}) {
    const auto fold_of = line_folds(data, protocol, 4, 7);
    std::map<std::string, std::set<std::size_t>> folds_of;
    for (std::size_t i = 0; i < fold_of.size(); ++i)
      folds_of[protocol == Protocol::kForm ? data.forms[data.lines[i].form].text : data.lines[i].source]
          .insert(fold_of[i]);
    for (const auto& [what, folds] : folds_of) EXPECT_EQ(folds.size(), 1U) << what;
  }
  const auto by_source = line_folds(data, Protocol::kSource, 9, 7);
  EXPECT_EQ(std::set<std::size_t>(by_source.begin(), by_source.end()).size(), 2U);
}

TEST(LineFolds, SplitFormsUnderTheLeakyProtocol) {
  const LabelledData data = some_lines();
  const auto fold_of = line_folds(data, Protocol::kLine, 4, 7);
  std::map<std::size_t, std::set<std::size_t>> folds_of;
  for (std::size_t i = 0; i < fold_of.size(); ++i) folds_of[data.lines[i].form].insert(fold_of[i]);
  EXPECT_TRUE(
      std::any_of(folds_of.begin(), folds_of.end(), [](const auto& f) { return f.second.size() > 1; }));
}

TEST(Protocol, NamesRoundTrip) {
  for (const Protocol protocol : {Protocol::kForm, Protocol::kLine, Protocol::kSource})
    EXPECT_EQ(protocol_from(protocol_name(protocol)), protocol);
  EXPECT_FALSE(protocol_from("forms"));
}

}  // namespace
}  // namespace logsieve
