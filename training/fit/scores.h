// Scores of answers against the truth, by the same definitions as the project's Python scorer
// (classify_score): an abstained row is nobody's false positive and always a miss.
#ifndef LOGSIEVE_TRAINING_FIT_SCORES_H_
#define LOGSIEVE_TRAINING_FIT_SCORES_H_

#include <cstddef>
#include <span>
#include <vector>

#include "record/label_set.h"
#include "record/verdict.h"

namespace logsieve {

// What was said of one row.
struct ScoredRow {
  LabelId truth = kNoLabel;   // never kNoLabel
  LabelId answer = kNoLabel;  // kNoLabel: abstained
  double confidence = 0.0;    // [0, 1]; of an abstained row not looked at
  Tier tier = Tier::kNone;
};

struct LabelScore {
  LabelId label = kNoLabel;
  std::size_t support = 0;    // rows that truly carry it
  std::size_t predicted = 0;  // rows answered with it
  std::size_t right = 0;
  double precision = 0.0;  // right / predicted; 0 for 0/0
  double recall = 0.0;     // right / support
  double f1 = 0.0;         // 2 right / (support + predicted)
};

struct Interval {
  double low = 0.0;
  double high = 1.0;
};

struct TierScore {
  Tier tier = Tier::kNone;
  std::size_t answered = 0;
  std::size_t right = 0;
  double coverage = 0.0;   // answered / all rows
  double precision = 0.0;  // right / answered
  Interval interval;       // Wilson, 95 %
};

struct Scores {
  std::size_t rows = 0;
  std::size_t answered = 0;
  std::size_t right = 0;
  double accuracy = 0.0;           // right / rows
  double answered_accuracy = 0.0;  // right / answered
  double abstain_rate = 0.0;
  double macro_f1 = 0.0;            // plain mean over all labels of either side
  double macro_f1_supported = 0.0;  // over the labels with at least `min_support` true rows
  double coverage_at_99 = 0.0;      // see coverage_at
  double threshold_at_99 = 0.0;     // the lowest confidence taken; above 1 if none is
  double ece = 0.0;
  double brier = 0.0;
  std::vector<LabelScore> labels;  // ascending, those with support or predictions
  std::vector<TierScore> tiers;    // those that answered, in the order of Tier
};

Scores score(std::span<const ScoredRow> rows, std::size_t min_support = 10);

// 95 % score interval of a proportion (Wilson 1927; Newcombe 1998). 0..1 for no trials.
Interval wilson_interval(std::size_t right, std::size_t trials);

// Largest share of all rows such that the answers of highest confidence are right in at least `percent` of
// 100 cases; rows of equal confidence are taken together or not at all (El-Yaniv and Wiener 2010).
struct Coverage {
  double share = 0.0;
  double threshold = 2.0;  // lowest confidence taken
};
Coverage coverage_at(std::span<const ScoredRow> rows, std::size_t percent);

// How often a truth got a wrong answer, most frequent first, then by ids.
struct Confusion {
  LabelId truth = kNoLabel;
  LabelId answer = kNoLabel;
  std::size_t rows = 0;
};
std::vector<Confusion> confusions(std::span<const ScoredRow> rows);

}  // namespace logsieve

#endif  // LOGSIEVE_TRAINING_FIT_SCORES_H_
