// What the LLM said of forms, until a person has looked at it: the review queue, decisions, and how often the tiers
// disagreed. SQLite, review.sqlite3 in the state folder (docs/formats/review.md). One thread a store; several
// processes may share the file.
//
// Nothing here trains by itself: only what a person accepted or corrected is labelled data.
#ifndef LOGSIEVE_REVIEW_REVIEW_STORE_H_
#define LOGSIEVE_REVIEW_REVIEW_STORE_H_

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/sqlite.h"

namespace logsieve {

enum class ReviewState : std::uint8_t { kOpen, kAccepted, kCorrected, kRejected };
std::string_view review_state_name(ReviewState state);

// What one run has seen of a form that was put to the LLM.
struct ReviewedForm {
  std::string form;
  std::string llm_label;           // `Unclassified` where the LLM abstained
  std::string model_label;         // of the tiers before; `Unclassified` where they were silent
  double model_confidence = 0;     // [0, 1], of the best guess
  bool is_second_opinion = false;  // the model was sure, but not very
  std::uint64_t lines = 0;
  std::vector<std::string> samples = {};  // some different lines of this form, as they came
};

struct ReviewItem {
  std::int64_t id = 0;
  ReviewedForm seen;  // lines: of all runs
  ReviewState state = ReviewState::kOpen;
  std::string label;  // decided by a person; empty while open

  // What a look at it is worth: lines affected, times how unsure the tiers before were.
  double value() const { return static_cast<double>(seen.lines) * (1.0 - seen.model_confidence); }
};

// A form whose label a person has decided.
struct DecidedForm {
  std::string form;
  std::string label;  // `Unclassified` for a rejected one: the LLM's label must not be used
  std::int64_t id = 0;
};

// Second opinions on verdicts of about the same confidence: how often the model was right, as far as anybody knows.
struct CalibrationBin {
  double from = 0;  // confidence of the model, [from, from + 0.1)
  std::uint64_t forms = 0;
  std::uint64_t lines = 0;
  std::uint64_t agreed_forms = 0;  // the LLM, or the person who decided, said the same
  std::uint64_t agreed_lines = 0;
};

class ReviewStore {
 public:
  static constexpr int kVersion = 2;
  static constexpr std::size_t kMostSamples = 4;  // lines kept of a form: what a rule is discovered from
  static constexpr std::size_t kMostSampleBytes = 4'096;  // longer lines are not kept

  // Makes the file and its folder if need be. Errors: kIo; kBadConfig for a file of a newer version.
  static Result<ReviewStore> open(const std::filesystem::path& file);

  // Adds a run. A form that is there already gains lines and the newest labels; its decision stays. Errors: kIo.
  Result<void> add(std::span<const ReviewedForm> forms);
  // Open items with a label of the LLM and at least `min_lines`, by value, at most `limit`. Errors: kIo.
  Result<std::vector<ReviewItem>> open_items(std::uint64_t min_lines, std::size_t limit);
  // Errors: kInvalidArgument for a number that is not there.
  Result<ReviewItem> item(std::int64_t id);
  // `label` counts for kCorrected. Deciding again replaces. Errors: as of `item`, kIo.
  Result<void> decide(std::int64_t id, ReviewState state, std::string_view label, std::int64_t now_ms);
  // By id. Errors: kIo.
  Result<std::vector<DecidedForm>> decided();
  // The lines kept of a form; none where an earlier version has kept none. Errors: kIo.
  Result<std::vector<std::string>> samples(std::int64_t id);
  // Second opinions that differ from the model's verdict, the most lines first. Errors: kIo.
  Result<std::vector<ReviewItem>> disagreements(std::size_t limit);
  // By confidence, empty bins left out. Where the LLM abstained and nobody decided, it counts nowhere. Errors: kIo.
  Result<std::vector<CalibrationBin>> calibration();
  // Forms seen, the most lines first. Errors: kIo.
  Result<std::vector<ReviewItem>> seen(std::size_t limit);

 private:
  Result<std::vector<ReviewItem>> select(std::string_view where, std::int64_t first, std::int64_t limit);

  SqliteDatabase database_;
};

}  // namespace logsieve

#endif  // LOGSIEVE_REVIEW_REVIEW_STORE_H_
