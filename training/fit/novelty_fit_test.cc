#include "training/fit/novelty_fit.h"

#include <algorithm>
#include <gtest/gtest.h>
#include <vector>

#include "training/fit/clusters_test_data.h"
#include "training/fit/prototype_limits.h"

namespace logsieve {
namespace {

using fit_test::Clusters;
using fit_test::make_clusters;

// Texts of other marks and words than the forms of make_clusters, whose vectors are clusters of their own.
Background other_texts() {
  const Clusters c =
      make_clusters({{"a", 30, 1}, {"b", 30, 1}, {"c", 30, 1}, {"d", 30, 1}, {"e", 30, 1}}, 0.5, 77);
  Background background;
  for (std::size_t i = 0; i < c.data.forms.size(); ++i) {
    background.forms.push_back("f(" + fit_test::word_of(1000 + i) + ");");
    background.kinds.push_back(static_cast<BackgroundKind>(c.data.forms[i].label));
  }
  background.vectors = c.vectors;
  for (std::size_t i = 0; i < background.forms.size(); ++i) background.encoded.push_back(i);
  return background;
}

NoveltyMeasures measure(const Novelty& novelty, std::string_view form, std::span<const float> vector) {
  NoveltyMeasures measures;
  novelty.measure(form, vector, measures);
  return measures;
}

std::span<const float> row(const std::vector<float>& vectors, std::size_t i) {
  return std::span<const float>(vectors).subspan(i * kDim, kDim);
}

struct Fitted {
  Clusters clusters;
  Prototypes prototypes;
  Novelty novelty;
};

Fitted fitted(const Clusters& c, const Background* background, FalseAlarms shares = {}) {
  auto prototypes = make_prototypes(c.data, c.vectors, {}, {});
  EXPECT_TRUE(prototypes);
  auto novelty = fit_novelty(c.data, c.vectors, prototypes->nearest_others,
                             {.shares = shares, .background = background});
  EXPECT_TRUE(novelty) << novelty.error().message;
  return {c, std::move(prototypes->prototypes), std::move(*novelty)};
}

TEST(FitNovelty, RefusesTheStatedShareOfFormsByTheirNearestOther) {
  const Fitted f = fitted(make_clusters({{"A", 500, 1}, {"B", 500, 1}}, 1.2, 23), nullptr, {.nearest = 0.01});
  std::size_t beyond = 0;
  for (std::size_t i = 0; i < f.clusters.data.forms.size(); ++i) {
    const auto near = f.prototypes.nearest(row(f.clusters.vectors, i), 2);
    if (near[1].similarity < f.novelty.limits().least_nearest) ++beyond;
  }
  EXPECT_EQ(beyond, 10U);
}

TEST(FitNovelty, KeepsTheFalseAlarmsOnFormsThatItHasNotSeen) {
  const Background background = other_texts();
  const Clusters all = make_clusters({{"A", 600, 1}, {"B", 600, 1}}, 1.0, 24);
  Clusters seen = all;
  seen.data.lines.clear();
  seen.vectors.clear();
  std::vector<std::size_t> unseen;
  for (std::size_t i = 0; i < all.data.forms.size(); ++i) {
    if (i % 2 == 1) {
      unseen.push_back(i);
      continue;
    }
    seen.data.lines.push_back(all.data.lines[i]);
    const auto vector = row(all.vectors, i);
    seen.vectors.insert(seen.vectors.end(), vector.begin(), vector.end());
  }
  fold_to_forms(seen.data);
  const Fitted f = fitted(seen, &background, {.nearest = 0.02, .distance = 0.02, .other = 0.02});
  std::array<std::size_t, 3> beyond{};
  for (const std::size_t i : unseen) {
    const auto vector = row(all.vectors, i);
    const NoveltyMeasures measures = measure(f.novelty, all.data.forms[i].text, vector);
    const NoveltyLimits& limits = f.novelty.limits();
    beyond[0] += f.prototypes.nearest_similarity(vector) < limits.least_nearest ? 1U : 0U;
    beyond[1] += measures.distance > limits.most_distance ? 1U : 0U;
    beyond[2] += measures.other > limits.most_other ? 1U : 0U;
  }
  // 12 of 600 are expected; more than 25 have a chance below 0.1 %.
  for (const std::size_t count : beyond) EXPECT_LE(count, 25U);
}

TEST(FitNovelty, RefusesOtherTextsByVectorTokensAndShape) {
  const Background background = other_texts();
  const Fitted f = fitted(make_clusters({{"A", 200, 1}, {"B", 200, 1}}, 0.7, 25), &background);
  for (std::size_t i = 0; i < background.forms.size(); ++i) {
    const NoveltyMeasures measures = measure(f.novelty, background.forms[i], row(background.vectors, i));
    EXPECT_GT(measures.other, f.novelty.limits().most_other);
  }
  for (std::size_t i = 0; i < 400; i += 7) {
    const NoveltyMeasures measures = measure(f.novelty, "event unseen happened", row(f.clusters.vectors, i));
    EXPECT_LE(measures.other, f.novelty.limits().most_other);
  }
}

// The words of labelled forms, in an order and a shape that no labelled form has.
TEST(FitNovelty, CountsPairsOfTokensAndShapesAgainstAForm) {
  Background background = other_texts();
  for (std::size_t i = 0; i < background.forms.size(); ++i)
    background.forms[i] = "HAPPENED event " + fit_test::word_of(1000 + i);
  const Fitted f = fitted(make_clusters({{"A", 200, 1}, {"B", 200, 1}}, 0.7, 25), &background);
  const auto vector = row(f.clusters.vectors, 0);
  const float usual = measure(f.novelty, "event unseen happened", vector).other;
  const float turned = measure(f.novelty, "happened event unseen", vector).other;
  EXPECT_GT(turned, usual + 1.0F);
  EXPECT_GT(measure(f.novelty, "HAPPENED event unseen", vector).other, turned);
}

// A word that several labelled forms have is another sign of the shape than one that none has.
TEST(FitNovelty, CountsUnknownWordsAgainstAForm) {
  Background background = other_texts();
  for (std::size_t i = 0; i < background.forms.size(); ++i)
    background.forms[i] = fit_test::word_of(1000 + i) + " " + fit_test::word_of(3000 + i);
  const Fitted f = fitted(make_clusters({{"A", 200, 1}, {"B", 200, 1}}, 0.7, 25), &background);
  const auto vector = row(f.clusters.vectors, 0);
  EXPECT_TRUE(f.novelty.knows_word("event"));
  EXPECT_FALSE(f.novelty.knows_word("unseen"));
  EXPECT_GT(measure(f.novelty, "unseen wording", vector).other,
            measure(f.novelty, "happened event", vector).other + 1.0F);
}

TEST(FitNovelty, RefusesAVectorFarFromEveryLabel) {
  const Fitted f = fitted(make_clusters({{"A", 200, 1}, {"B", 200, 1}}, 0.3, 26), nullptr);
  const Clusters far = make_clusters({{"C", 20, 1}}, 0.3, 99);
  for (std::size_t i = 0; i < 20; ++i)
    EXPECT_EQ(f.novelty.sign(measure(f.novelty, "w", row(far.vectors, i))), NoveltySign::kClasses);
}

TEST(FitNovelty, IsTheSameWhateverTheThreads) {
  const Background background = other_texts();
  const Clusters c = make_clusters({{"A", 80, 1}, {"B", 40, 1}}, 0.8, 27);
  const auto one = fit_novelty(c.data, c.vectors, {}, {.background = &background, .threads = 1});
  const auto three = fit_novelty(c.data, c.vectors, {}, {.background = &background, .threads = 3});
  ASSERT_TRUE(one);
  ASSERT_TRUE(three);
  EXPECT_EQ(one->gaussians().parameters().whitening, three->gaussians().parameters().whitening);
  EXPECT_EQ(one->parameters().tokens.weights, three->parameters().tokens.weights);
  EXPECT_EQ(one->limits().most_distance, three->limits().most_distance);
  EXPECT_EQ(one->limits().most_other, three->limits().most_other);
}

TEST(FitNovelty, OfFormsThatAreAllAlikeHasNoDistances) {
  Clusters c = make_clusters({{"A", 3, 1}, {"B", 3, 1}}, 0.5, 28);
  for (std::size_t i = kDim; i < c.vectors.size(); ++i) c.vectors[i] = c.vectors[i % kDim];
  const auto novelty = fit_novelty(c.data, c.vectors, {}, {});
  ASSERT_TRUE(novelty);
  EXPECT_TRUE(novelty->gaussians().empty());
}

}  // namespace
}  // namespace logsieve
