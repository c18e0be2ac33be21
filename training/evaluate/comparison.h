// Two bundles on one labelled file: which is better, whether that may be chance, and which lines changed.
#ifndef LOGSIEVE_TRAINING_EVALUATE_COMPARISON_H_
#define LOGSIEVE_TRAINING_EVALUATE_COMPARISON_H_

#include <array>
#include <cstddef>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "base/result.h"
#include "bundle/bundle.h"
#include "encoder/sentence_encoder.h"
#include "record/verdict.h"
#include "training/fit/labelled_data.h"

namespace logsieve {

// Two-sided exact test of McNemar (1947) that two classifiers err equally often: twice the binomial tail of the
// smaller of the two counts of cases that only one of them got right, at most 1. O(first + second).
double mcnemar_exact(std::size_t only_first, std::size_t only_second);

// Cases by who was right.
struct PairedCounts {
  std::size_t both = 0;
  std::size_t only_first = 0;
  std::size_t only_second = 0;
  std::size_t neither = 0;
  double p_value = 1.0;  // mcnemar_exact
};

struct SideScores {
  double coverage = 0.0;           // share of lines answered
  double accuracy = 0.0;           // right of all lines: silence is not right
  double answered_accuracy = 0.0;  // right of the answered
  double seen_form_share =
      0.0;  // of lines: their form was in the bundle's training. Above 0 the scores are leaky
  std::size_t seen_forms = 0;  // distinct forms that were
  bool is_leaky() const { return seen_form_share > kMostSeen; }
  static constexpr double kMostSeen = 0.05;
};

// Lines of one form that both bundles answer alike among themselves, and unlike each other.
struct ChangedLine {
  std::string message;  // the first of them
  std::string truth;
  std::array<std::string, 2> answers;  // `Unclassified` where nothing was sure
  std::array<Tier, 2> tiers{};
  std::size_t lines = 0;
  bool is_better = false;  // the second is right, the first is not
  bool is_worse = false;   // the other way round
};

struct Comparison {
  std::size_t lines = 0;
  std::size_t forms = 0;
  std::array<SideScores, 2> sides;
  PairedCounts by_line;
  // A form counts as right where most of its lines are. Copies of a line are no independent cases: believe this one.
  PairedCounts by_form;
  std::vector<ChangedLine>
      changed;  // worse ones first, then better ones, then the rest; the most lines first
};

// Verdicts of rules, model and prototypes, each allowed to abstain. Both bundles must be of the same encoder and mask.
// Errors: a rule book that does not compile; kInvalidArgument where the bundles' encoders differ.
Result<Comparison> compare_bundles(const LabelledData& data, const Bundle& first, const Bundle& second,
                                   const SentenceEncoder& encoder, std::size_t threads);

nlohmann::ordered_json to_json(const Comparison& comparison);
std::string to_text(const Comparison& comparison);

}  // namespace logsieve

#endif  // LOGSIEVE_TRAINING_EVALUATE_COMPARISON_H_
