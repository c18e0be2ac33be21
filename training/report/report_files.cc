// The report for machines, the model card, and where they are written.
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <utility>

#include "base/file.h"
#include "base/utf8.h"
#include "training/report/html.h"
#include "training/report/report.h"

namespace logsieve {
namespace {

using Json = nlohmann::ordered_json;

std::string text(std::string_view bytes) {
  return to_valid_utf8(bytes);
}

Json labels_json(const Report& report) {
  Json list = Json::array();
  for (const LabelReport& label : report.labels) {
    Json entry = {{"label", text(label.name)},
                  {"lines", label.lines},
                  {"forms", label.forms},
                  {"sources", label.sources},
                  {"has_regression", label.has_regression},
                  {"has_prototypes", label.has_prototypes}};
    if (label.has_regression) entry["threshold"] = label.threshold;
    list.push_back(std::move(entry));
  }
  return list;
}

Json forms_json(const std::vector<JudgedForm>& forms) {
  Json list = Json::array();
  for (const JudgedForm& form : forms)
    list.push_back({{"message", text(form.message)},
                    {"lines", form.lines},
                    {"label", text(form.label)},
                    {"label_probability", form.label_probability},
                    {"other", text(form.likeliest)},
                    {"other_probability", form.likeliest_probability},
                    {"verdict", text(form.verdict)}});
  return list;
}

Json conflicts_json(const Report& report) {
  Json list = Json::array();
  for (const ConflictReport& conflict : report.conflicts) {
    Json votes = Json::object();
    for (const auto& [label, lines] : conflict.votes) votes[text(label)] = lines;
    list.push_back({{"form", text(conflict.form)}, {"lines", votes}, {"taken", text(conflict.taken)}});
  }
  return list;
}

Json next_json(const Report& report) {
  Json list = Json::array();
  for (const LabelNext& next : report.next)
    list.push_back({{"message", text(next.message)},
                    {"label", text(next.label)},
                    {"likeliest", text(next.likeliest)},
                    {"forms", next.forms},
                    {"lines", next.lines},
                    {"unsure_lines", next.unsure_lines},
                    {"uncertainty", next.uncertainty}});
  return list;
}

Json ablations_json(const Ablations& ablations) {
  Json list = Json::array();
  for (const Ablation& row : ablations.rows)
    list.push_back({{"name", row.name},
                    {"forms", ablations.forms},
                    {"accuracy", row.accuracy},
                    {"macro_f1", row.macro_f1},
                    {"form_accuracy", row.form_accuracy},
                    {"log_loss", row.log_loss},
                    {"coverage_at_99", row.coverage_at_99},
                    {"won", row.won},
                    {"lost", row.lost}});
  return list;
}

Json spellings_json(const Report& report) {
  Json scores = Json::array();
  for (std::size_t i = 0; report.spellings && i < kSpellings.size(); ++i) {
    const SpellingScore& score = report.spellings->scores[i];
    scores.push_back({{"spelling", spelling_name(kSpellings[i])},
                      {"score", score.score},
                      {"gain", score.score_gain.mean},
                      {"standard_error", score.score_gain.error},
                      {"log_loss", score.log_loss},
                      {"log_loss_gain", score.loss_gain.mean},
                      {"log_loss_standard_error", score.loss_gain.error}});
  }
  return {{"spelling", spelling_name(report.spelling)},
          {"forms", report.spellings ? report.spellings->forms : 0},
          {"tried", scores}};
}

Json rules_json(const Report& report) {
  Json list = Json::array();
  for (const Rule& rule : report.rules) {
    Json entry = {{"name", text(rule.name)}, {"label", text(rule.label)}, {"pattern", text(rule.pattern)}};
    if (rule.certificate)
      entry["certificate"] = {{"lines", rule.certificate->lines},
                              {"messages", rule.certificate->messages},
                              {"forms", rule.certificate->forms},
                              {"other_messages", rule.certificate->other_messages},
                              {"held_out", rule.certificate->held_out},
                              {"precision_bound", rule.certificate->precision_bound},
                              {"labelled_by", rule.certificate->is_labelled_by_book ? "book" : "data"}};
    list.push_back(std::move(entry));
  }
  return list;
}

// A cell of a Markdown table: one line, no mark-up of its own.
std::string cell(std::string_view bytes) {
  std::string out;
  for (const char c : printable(bytes)) {
    if (std::string_view("\\`*_{}[]<>|#!&").find(c) != std::string_view::npos) out += '\\';
    out += c;
  }
  return out;
}

std::string card_figures(const Report& report) {
  const Evaluation mean = mean_of(report.evaluation.runs);
  std::string out = fmt::format(
      "On lines whose wording the judging model had not seen (whole forms held out, {} folds x {} seeds, "
      "everything "
      "learned inside the fold{}):\n\n"
      "| | |\n|---|---|\n"
      "| lines answered | {} |\n| of those right | {} |\n"
      "| forms answered, each counted once | {} |\n| of those right | {}, with 95 % confidence at least {} "
      "|\n"
      "| always answering: accuracy, macro-F1 | {:.3f}, {:.3f} |\n| coverage at 99 % | {:.3f} |\n| ECE, "
      "Brier | {:.3f}, "
      "{:.3f} |\n\n",
      mean.folds, report.evaluation.runs.size(),
      report.judged_forms < report.forms ? fmt::format("; a sample of {} forms", report.judged_forms) : "",
      percent(1.0 - mean.after.abstain_rate), percent(mean.after.answered_accuracy),
      percent(mean.after_by_form.coverage), percent(mean.after_by_form.answered_accuracy),
      percent(report.form_interval.low), mean.before.accuracy, mean.macro_f1_before,
      mean.before.coverage_at_99, mean.before.ece, mean.before.brier);
  out += "| label | lines | forms | precision | recall | F1 |\n|---|---|---|---|---|---|\n";
  for (const LabelScore& label : mean.after.labels)
    out += fmt::format("| {} | {} | {} | {:.3f} | {:.3f} | {:.3f} |\n", cell(mean.labels.name(label.label)),
                       label.support, mean.forms_of_label[static_cast<std::size_t>(label.label)],
                       label.precision, label.recall, label.f1);
  for (const std::string& suspicion : report.evaluation.suspicions)
    out += "\nSuspect: " + cell(suspicion) + ".\n";
  return out;
}

}  // namespace

nlohmann::ordered_json report_json(const Report& report) {
  Json left_out = Json::array();
  for (const LeftOut& rows : report.left_out)
    left_out.push_back({{"rows", rows.rows}, {"first_line", rows.first_line}, {"reason", text(rows.reason)}});
  return Json{{"data",
               {{"name", text(report.data_name)},
                {"sha256", report.data_sha256},
                {"lines", report.lines},
                {"forms", report.forms},
                {"sources", report.sources},
                {"first_time", text(report.first_time)},
                {"last_time", text(report.last_time)},
                {"left_out", left_out}}},
              {"seed", report.seed},
              {"labels", labels_json(report)},
              {"judged_forms", report.judged_forms},
              {"form_precision_low", report.form_interval.low},
              {"form_precision_high", report.form_interval.high},
              {"evaluation", to_json(report.evaluation)},
              {"placeholders", spellings_json(report)},
              {"ablations", ablations_json(report.ablations)},
              {"confusion", report.confusion},
              {"hardest", forms_json(report.hardest)},
              {"suspected_label_errors", report.suspected_forms},
              {"suspected", forms_json(report.suspected)},
              {"conflicting_forms", report.conflicting_forms},
              {"conflicts", conflicts_json(report)},
              {"label_next", next_json(report)},
              {"ruled_lines", report.ruled_lines},
              {"rules", rules_json(report)}};
}

std::string model_card(const Bundle& bundle, const LabelledData& data, std::span<const std::string> told,
                       const Report* report) {
  std::string out = fmt::format(
      "# Model card\n\nA logsieve model: it labels single log lines, and answers `Unclassified` where it is "
      "not sure. "
      "Made by `logsieve train` from labelled lines. It holds their forms (values masked), and in its rules "
      "some lines as "
      "they were: whoever has the model can read them.\n\n"
      "## Made from\n| | |\n|---|---|\n| data, SHA-256 | {} |\n| lines, forms, labels | {}, {}, {} |\n| seed "
      "| {} |\n"
      "| encoder weights, SHA-256 | {} |\n| mask version | {} |\n| placeholders, as the encoder reads them | "
      "{} |\n| rules | {} |\n\n",
      bundle.data_sha256, data.lines.size(), data.forms.size(), data.labels.size(), bundle.seed,
      bundle.encoder_weights_sha256, bundle.mask_version, spelling_name(bundle.spelling),
      bundle.rules.rules().size());
  out += "## How good it is\n";
  if (report != nullptr) {
    out += card_figures(*report);
  } else {
    out +=
        "What training told; scores are of the regression alone, whole forms held out. `logsieve evaluate` "
        "and `train "
        "--report` tell more.\n\n";
  }
  out += "\n```\n";
  for (const std::string& line : told) out += printable(line) + "\n";
  out +=
      "```\n\n## What it is for, and what not\n"
      "- Lines of systems like those it was trained on. On others it answers less; what it answers there was "
      "not "
      "measured here.\n"
      "- One line at a time: it knows nothing of what came before.\n"
      "- A label with few forms is found where a line is nearly one of them, and seldom otherwise.\n"
      "- Figures hold for lines like the data's. Where the system changes, evaluate again.\n";
  return out;
}

namespace {

Result<StagedDirectory> staged_report(const std::filesystem::path& folder) {
  std::error_code unreadable;
  if (std::filesystem::is_directory(folder, unreadable) && !std::filesystem::is_empty(folder, unreadable) &&
      !std::filesystem::exists(folder / kReportData, unreadable))
    return Error{ErrorCode::kIo,
                 "will not replace " + folder.string() + ": it holds other files and is no report"}
        .with_help("name a folder that does not exist yet");
  auto staged = StagedDirectory::create(folder);
  if (!staged) return std::move(staged).error().with_context("writing the report");
  return staged;
}

}  // namespace

Result<void> check_report_folder(const std::filesystem::path& folder) {
  auto staged = staged_report(folder);
  if (!staged) return std::move(staged).error();
  return ok();
}

Result<void> write_report(const Report& report, const std::filesystem::path& folder) {
  auto staged = staged_report(folder);
  if (!staged) return std::move(staged).error();
  if (auto written = staged->write(kReportPage, report_html(report)); !written) return written;
  if (auto written = staged->write(kReportData, report_json(report).dump(2) + '\n'); !written) return written;
  return staged->commit();
}

}  // namespace logsieve
