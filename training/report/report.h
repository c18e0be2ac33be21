// One page that says how far a model may be trusted, what it was made from, and what would make it better.
//
// Every figure is of lines that the model, or rather one trained the same way on the other folds, has not seen; whole
// forms are held out. Nothing depends on the clock, the machine's locale or the number of threads.
#ifndef LOGSIEVE_TRAINING_REPORT_REPORT_H_
#define LOGSIEVE_TRAINING_REPORT_REPORT_H_

#include <array>
#include <cstddef>
#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "bundle/bundle.h"
#include "training/discover/rule_discovery.h"
#include "training/evaluate/evaluation.h"
#include "training/fit/labelled_data.h"
#include "training/fit/trainer.h"
#include "training/report/ablations.h"

namespace logsieve {

struct LabelReport {
  std::string name;
  std::size_t lines = 0;
  std::size_t forms = 0;
  std::size_t sources = 0;
  bool has_regression = false;
  bool has_prototypes = false;  // the nearest labelled forms answer it; neither: only rules do
  double threshold = 0.0;       // of the regression; above 1: never answered
};

// A form whose own lines carry several labels.
struct ConflictReport {
  std::string form;
  std::string taken;                                       // the label that training took
  std::vector<std::pair<std::string, std::size_t>> votes;  // label, lines; the most first
};

// A form as it was judged while it was held out.
struct JudgedForm {
  std::string message;  // its first line
  std::size_t lines = 0;
  std::string label;
  std::string likeliest;  // of the regression
  double likeliest_probability = 0.0;
  double label_probability = 0.0;
  std::string verdict;  // `Unclassified` where nothing was sure
};

// A cluster of forms of which some were refused or mistaken.
struct LabelNext {
  std::string message;  // of the form in its middle
  std::string label;
  std::string likeliest;  // label of that form, by the regression
  std::size_t forms = 0;
  std::size_t lines = 0;
  std::size_t unsure_lines = 0;  // refused or mistaken while held out
  double uncertainty = 0.0;      // mean over forms of 1 - probability of the likeliest label
};

struct MapPoint {
  std::array<double, 2> at{};  // principal_plane
  LabelId label = kNoLabel;
  bool is_answered = false;
  bool is_right = false;
  std::string form;
};

struct Report {
  std::string data_name;  // as the user named it
  std::string data_sha256;
  std::size_t lines = 0;
  std::size_t forms = 0;
  std::size_t sources = 0;
  std::string first_time;  // as written in the data; empty: no line has a time that can be read
  std::string last_time;
  std::size_t rejected = 0;
  std::vector<LeftOut> left_out;
  std::vector<LabelReport> labels;

  EvaluationRuns evaluation;
  Ablations ablations;
  std::size_t judged_forms = 0;  // fewer than `forms`: a sample of a large file was judged
  Interval
      form_interval;  // Wilson, 95 %, of the share of answered forms that are right; the lowest of the runs
  // [truth][answer] in lines, all tiers; the last column is silence.
  std::vector<std::vector<std::size_t>> confusion;
  std::vector<JudgedForm> hardest;
  std::vector<JudgedForm> suspected;  // label errors: `likeliest` is what the label may have to be
  std::size_t suspected_forms = 0;    // of all, of which `suspected` shows some
  std::vector<ConflictReport> conflicts;
  std::size_t conflicting_forms = 0;
  std::vector<LabelNext> next;
  std::vector<MapPoint> map;
  std::array<double, 2> explained{};  // share of variance on the axes of the map

  std::vector<Rule> rules;        // of the bundle, in its order
  std::size_t ruled_lines = 0;    // lines of the data that a rule decides
  std::vector<std::string> told;  // what training told, line by line
  std::uint64_t seed = 0;
  int mask_version = 0;
  Spelling spelling = Spelling::kWords;     // of placeholders, as the bundle's encoder reads them
  std::optional<SpellingChoice> spellings;  // what it was chosen from; none: there was no choice
  std::string encoder_sha256;
};

struct ReportInputs {
  const LabelledData& data;
  std::span<const float> vectors;  // [forms, kDim], in plain words
  const Bundle& bundle;            // trained on all of the data
  const RuleBook& rules;           // the user's own, without what was discovered
  const TrainOptions& options;
  const std::optional<DiscoveryOptions>& discovery;
  std::string data_name;
  std::vector<std::string> told;
  std::optional<SpellingChoice> spellings = {};
};

// Forms that are judged; of more, a sample by label in proportion stands for all.
inline constexpr std::size_t kMostJudgedForms = 4000;
// Cross-validates once, form protocol, five folds, and looks at the answers. Costs about five trainings of the judged
// forms. Errors: those of training.
Result<Report> make_report(const ReportInputs& inputs);

// The page: HTML 5 with inline styles and SVG, no script, nothing fetched. All text of the data is escaped and shown as
// `printable` has it.
std::string report_html(const Report& report);
nlohmann::ordered_json report_json(const Report& report);

// For the bundle, in Markdown. `report` null: only what training itself told.
std::string model_card(const Bundle& bundle, const LabelledData& data, std::span<const std::string> told,
                       const Report* report);

inline constexpr std::string_view kReportPage = "report.html";
inline constexpr std::string_view kReportData = "report.json";
// Both files. Replaces the folder whole; it must hold an older report, or nothing. Errors: kIo.
Result<void> write_report(const Report& report, const std::filesystem::path& folder);
// Whether write_report() could begin at `folder`; missing parents are made. kIo.
Result<void> check_report_folder(const std::filesystem::path& folder);

}  // namespace logsieve

#endif  // LOGSIEVE_TRAINING_REPORT_REPORT_H_
