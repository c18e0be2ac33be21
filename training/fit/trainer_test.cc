#include "training/fit/trainer.h"

#include <algorithm>
#include <fstream>
#include <gtest/gtest.h>
#include <iterator>
#include <string>
#include <vector>

#include "base/test_folder.h"
#include "training/fit/clusters_test_data.h"
#include "training/fit/prototype_limits.h"

namespace logsieve {
namespace {

using fit_test::Clusters;
using fit_test::make_clusters;

Clusters usual() {
  return make_clusters({{"A", 30, 2}, {"B", 25, 3}, {"C", 20, 1}, {"Rare", 4, 1}}, 0.7, 21);
}

std::string file_bytes(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

bool tells(const TrainSummary& summary, const std::string& part) {
  return std::any_of(summary.lines.begin(), summary.lines.end(),
                     [&](const std::string& line) { return line.find(part) != std::string::npos; });
}

TEST(Train, GivesTheSameBytesWhateverTheThreads) {
  const Clusters c = usual();
  const TestFolder folder;
  std::vector<std::string> manifests;
  for (const std::size_t threads : {1U, 3U}) {
    TrainOptions options;
    options.threads = threads;
    auto bundle = train_on_vectors(c.data, c.vectors, {}, options, nullptr);
    ASSERT_TRUE(bundle) << bundle.error().message;
    const auto out = folder / std::to_string(threads);
    ASSERT_TRUE(save_bundle(*bundle, out));
    manifests.push_back(file_bytes(out / "manifest.json"));
  }
  ASSERT_FALSE(manifests[0].empty());
  EXPECT_EQ(manifests[0], manifests[1]);  // it holds the hash of every other file
}

TEST(Train, SendsLabelsWithTooLittleDataToThePrototypesAndSaysWhy) {
  const Clusters c = usual();
  TrainSummary summary;
  const auto bundle = train_on_vectors(c.data, c.vectors, {}, {}, &summary);
  ASSERT_TRUE(bundle);
  EXPECT_EQ(bundle->head.parameters().labels, (std::vector<LabelId>{0, 1, 2}));
  EXPECT_EQ(bundle->prototypes.parameters().answered_labels, (std::vector<LabelId>{3}));
  EXPECT_EQ(bundle->prototypes.size(), c.data.forms.size());
  EXPECT_TRUE(tells(summary, "Rare: 4 lines, 4 forms; the regression asks for 10 and 3"));
}

TEST(Train, AnswersEveryLabelByPrototypesWhereOnlyOneHasEnough) {
  const Clusters c = make_clusters({{"A", 30, 2}, {"Rare", 2, 1}}, 0.5, 22);
  const auto bundle = train_on_vectors(c.data, c.vectors, {}, {}, nullptr);
  ASSERT_TRUE(bundle);
  EXPECT_EQ(bundle->head.classes(), 0U);
  EXPECT_EQ(bundle->prototypes.parameters().answered_labels, (std::vector<LabelId>{0, 1}));
}

TEST(Train, RefusesAnErrorLimitForALabelThatItDoesNotKnow) {
  const Clusters c = usual();
  TrainOptions options;
  ASSERT_TRUE(options.limits.add("Nobody=0.01"));
  const auto bundle = train_on_vectors(c.data, c.vectors, {}, options, nullptr);
  ASSERT_FALSE(bundle);
  EXPECT_EQ(bundle.error().code, ErrorCode::kInvalidArgument);
}

TEST(Train, NeverAnswersALabelWhoseErrorLimitCannotBeCertified) {
  const Clusters c = usual();
  TrainOptions options;
  ASSERT_TRUE(options.limits.add("A=0.0001"));
  TrainSummary summary;
  const auto bundle = train_on_vectors(c.data, c.vectors, {}, options, &summary);
  ASSERT_TRUE(bundle);
  EXPECT_GT(bundle->head.parameters().thresholds[0], 1.0F);
  EXPECT_LE(bundle->head.parameters().thresholds[1], 1.0F);
  EXPECT_TRUE(tells(summary, "more labelled forms"));
}

TEST(Train, NamesConflicts) {
  Clusters c = usual();
  c.data.lines[0].label = 1;
  fold_to_forms(c.data);
  TrainSummary summary;
  ASSERT_TRUE(train_on_vectors(c.data, c.vectors, {}, {}, &summary));
  EXPECT_TRUE(tells(summary, "conflict"));
  EXPECT_TRUE(tells(summary, c.data.forms[c.data.lines[0].form].text));
}

TEST(Train, LeavesLabelsOfAStatedErrorOutOfThePrototypes) {
  const Clusters c = usual();
  for (const char* limit : {"0.05", "A=0.05"}) {
    TrainOptions options;
    ASSERT_TRUE(options.limits.add(limit));
    TrainSummary summary;
    const auto bundle = train_on_vectors(c.data, c.vectors, {}, options, &summary);
    ASSERT_TRUE(bundle);
    const bool is_meant = std::string_view(limit) == "0.05";
    EXPECT_EQ(bundle->prototypes.parameters().answered_labels,
              is_meant ? std::vector<LabelId>{} : std::vector<LabelId>{3})
        << limit;
    EXPECT_EQ(tells(summary, "Rare: 4 lines, 4 forms; not answered, since no error rate"), is_meant) << limit;
  }
}

TEST(Train, RefusesVectorsThatDoNotFitTheForms) {
  Clusters c = usual();
  c.vectors.pop_back();
  const auto bundle = train_on_vectors(c.data, c.vectors, {}, {}, nullptr);
  ASSERT_FALSE(bundle);
  EXPECT_EQ(bundle.error().code, ErrorCode::kInvalidArgument);
}

TEST(Train, KnowsTheLabelsOfRulesThatTheDataDoesNotHave) {
  auto rules = RuleBook::parse(
      "rules:\n  - name: boom\n    label: Another\n    pattern: 'boom (\\d+)'\n    match: [boom 7]\n",
      "r.yaml");
  ASSERT_TRUE(rules);
  const Clusters c = usual();
  const auto bundle = train_on_vectors(c.data, c.vectors, std::move(*rules), {}, nullptr);
  ASSERT_TRUE(bundle);
  EXPECT_NE(bundle->labels.find("Another"), kNoLabel);
  // Labels are numbered anew: every class must still carry its own vectors.
  std::vector<float> probabilities(bundle->head.classes());
  bundle->head.predict(std::span<const float>(c.vectors).first(kDim), probabilities);
  EXPECT_EQ(bundle->labels.name(bundle->head.answer(probabilities).label), "A");
}

TEST(PrototypeLimits, RiseWhereARareLabelLiesAmongOthers) {
  // Rare forms scattered over the cluster of another label: near alone must not be enough.
  const Clusters apart = make_clusters({{"A", 400, 1}, {"Rare", 5, 1}}, 0.4, 24);
  Clusters mixed = make_clusters({{"A", 405, 1}}, 0.4, 25);
  mixed.data.labels = LabelSet({"A", "Rare"});
  for (std::size_t i = 0; i < 5; ++i) mixed.data.lines[i * 80].label = 1;
  fold_to_forms(mixed.data);
  const std::vector<LabelId> rare = {1};
  const auto far = make_prototypes(apart.data, apart.vectors, rare, {});
  const auto near = make_prototypes(mixed.data, mixed.vectors, rare, {});
  ASSERT_TRUE(far);
  ASSERT_TRUE(near);
  std::size_t taken = 0;
  for (std::size_t i = 0; i < mixed.data.forms.size(); ++i) {
    if (mixed.data.forms[i].label == 1) continue;
    if (near->prototypes.answer(std::span<const float>(mixed.vectors).subspan(i * kDim, kDim)).label == 1)
      ++taken;
  }
  EXPECT_EQ(taken, 0U);
  const auto rare_row =
      static_cast<std::size_t>(std::find_if(apart.data.forms.begin(), apart.data.forms.end(),
                                            [](const auto& f) { return f.label == 1; }) -
                               apart.data.forms.begin());
  EXPECT_EQ(
      far->prototypes.answer(std::span<const float>(apart.vectors).subspan(rare_row * kDim, kDim)).label, 1);
}

}  // namespace
}  // namespace logsieve
