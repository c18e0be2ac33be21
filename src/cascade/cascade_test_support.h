// For tests: a small bundle over the real encoder.
#ifndef LOGSIEVE_CASCADE_CASCADE_TEST_SUPPORT_H_
#define LOGSIEVE_CASCADE_CASCADE_TEST_SUPPORT_H_

#include <gtest/gtest.h>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cascade/cascade.h"
#include "encoder/sentence_encoder.h"
#include "mask/masker.h"

namespace logsieve {

inline const std::vector<std::pair<std::string, std::string>>& labelled_forms() {
  static const std::vector<std::pair<std::string, std::string>> forms = {
      {"disk number failed", "Error"},
      {"disk failure on volume number", "Error"},
      {"user number opened the page", "User Action"},
      {"user number closed the page", "User Action"},
      {"approval chain for order number has no owner", "Workflow Error"},
  };
  return forms;
}

// A head that says Error with 99 % for what lies near the first form and User Action for the third; rare: Workflow Error.
inline Bundle small_bundle(const SentenceEncoder& encoder) {
  Bundle bundle;
  bundle.labels = LabelSet({"Error", "User Action", "Workflow Error", "Noise"});
  std::vector<std::string_view> texts;
  PrototypeParameters prototypes;
  for (const auto& [form, label] : labelled_forms()) {
    texts.push_back(form);
    bundle.forms.push_back(form);
    prototypes.labels.push_back(bundle.labels.find(label));
  }
  prototypes.dim = kDim;
  prototypes.vectors.resize(texts.size() * kDim);
  EXPECT_TRUE(encoder.encode(texts, prototypes.vectors, 1));
  SoftmaxParameters head;
  head.dim = kDim;
  head.labels = {bundle.labels.find("Error"), bundle.labels.find("User Action")};
  for (const std::size_t row : {std::size_t{0}, std::size_t{2}})
    for (std::size_t d = 0; d < kDim; ++d) head.weights.push_back(20.0F * prototypes.vectors[row * kDim + d]);
  head.bias = {0.0F, 0.0F};
  head.thresholds = {0.9F, 0.9F};
  bundle.head = *SoftmaxHead::create(std::move(head));
  prototypes.answered_labels = {bundle.labels.find("Workflow Error")};
  prototypes.min_similarity = 0.6F;
  prototypes.min_margin = 0.05F;
  bundle.prototypes = *Prototypes::create(std::move(prototypes));
  bundle.novelty = *Novelty::create({.limits = {.least_nearest = 0.35F}});
  bundle.rules = *RuleBook::parse(
      "rules:\n  - {name: noise, label: Noise, pattern: '^noise', match: [noise 1]}\n"
      "  - {name: only-db, label: Noise, pattern: 'failed$', source: quiet, match: [x failed]}\n",
      "rules.yaml");
  bundle.encoder_weights_sha256 = encoder.weights_sha256();
  bundle.encoder_vocab_sha256 = encoder.vocab_sha256();
  bundle.mask_version = kMaskVersion;
  return bundle;
}

}  // namespace logsieve

#endif  // LOGSIEVE_CASCADE_CASCADE_TEST_SUPPORT_H_
