// logsieve rules: what is wrong with a rule book.
#include <algorithm>
#include <fmt/format.h>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "base/utf8.h"
#include "cli/commands.h"
#include "cli/console.h"
#include "cli/labelled_columns.h"
#include "training/discover/book_review.h"
#include "training/fit/labelled_data.h"
#include "training/fit/train_summary.h"

namespace logsieve {
namespace {

constexpr int kFoundFaults = 1;

struct CheckArgs {
  std::string book;
  std::string data;
  LabelledDataOptions columns;
  bool is_json = false;
};

void print_json(const BookReview& review) {
  for (const RuleFinding& finding : review.findings) {
    nlohmann::ordered_json line = {{"kind", finding_name(finding.kind)}, {"rule", finding.rule}};
    if (!finding.other.empty()) line["other"] = finding.other;
    if (!finding.sample.empty()) line["sample"] = to_valid_utf8(finding.sample);
    line["detail"] = to_valid_utf8(finding.detail);
    line["grave"] = finding.is_grave;
    fmt::print("{}\n", line.dump());
  }
}

void print_text(const BookReview& review) {
  for (const RuleFinding& finding : review.findings) {
    fmt::print("{}: rule \"{}\" {}{}\n", finding.is_grave ? "error" : "note", printable(finding.rule),
               finding_name(finding.kind),
               finding.other.empty() ? "" : " \"" + printable(finding.other) + '"');
    if (!finding.sample.empty()) fmt::print("  sample: {}\n", printable(finding.sample));
    fmt::print("  {}\n", printable(finding.detail));
  }
}

Result<int> run_check(const CheckArgs& args) {
  auto book = RuleBook::load(args.book);
  if (!book) return std::move(book).error();
  std::optional<LabelledData> data;
  if (!args.data.empty()) {
    LabelledDataOptions columns = args.columns;
    columns.is_for_training = false;
    auto loaded = load_labelled_csv(args.data, columns);
    if (!loaded) return std::move(loaded).error();
    for (const std::string& rows : told_left_out(*loaded)) note("left out: " + printable(rows));
    data = std::move(*loaded);
  }
  auto review = review_book(*book, data ? &*data : nullptr);
  if (!review) return std::move(review).error();
  if (args.is_json)
    print_json(*review);
  else
    print_text(*review);
  const auto grave =
      static_cast<std::size_t>(std::count_if(review->findings.begin(), review->findings.end(),
                                             [](const RuleFinding& finding) { return finding.is_grave; }));
  note(fmt::format("{} rules: {} faults, {} notes; {} pairs proved apart, {} looked at by samples only",
                   review->rules, grave, review->findings.size() - grave, review->decided_pairs,
                   review->undecided_pairs));
  return grave > 0 ? kFoundFaults : 0;
}

}  // namespace

Run add_rules(CLI::App& app) {
  auto args = std::make_shared<CheckArgs>();
  CLI::App* command = app.add_subcommand("rules", "Check a rule book");
  command->require_subcommand(1);
  CLI::App* check =
      command->add_subcommand("check",
                              "Find rules that contradict, overlap or hide each other; with DATA also those "
                              "that never fire and those whose "
                              "certificate no longer holds. Exit code 1 if something must be mended");
  check->add_option("BOOK", args->book, "Rule book")->required()->type_name("FILE");
  check->add_option("DATA", args->data, "CSV with the columns log_message and target_label")
      ->type_name("FILE");
  check->add_flag("--json", args->is_json, "Print JSON, a finding a line");
  add_labelled_columns(*check, args->columns);
  return [args] {
    auto code = run_check(*args);
    return code ? *code : report(code.error());
  };
}

}  // namespace logsieve
