// logsieve rules: what is wrong with a rule book, and certificates for what is right.
#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "base/file.h"
#include "base/number_of.h"
#include "base/utf8.h"
#include "cli/commands.h"
#include "cli/console.h"
#include "cli/input_formats.h"
#include "cli/labelled_columns.h"
#include "cli/output_checks.h"
#include "training/discover/book_review.h"
#include "training/discover/certification.h"
#include "training/discover/rule_proof.h"
#include "training/discover/unlabelled_lines.h"
#include "training/fit/labelled_data.h"
#include "training/fit/train_summary.h"

namespace logsieve {
namespace {

constexpr int kFoundFaults = 1;

struct CheckArgs {
  std::string book;
  std::string data;
  std::string out;
  std::string from = "auto";
  LabelledDataOptions columns;
  bool is_unlabelled = false;
  bool is_json = false;
};

void print_json(const std::vector<RuleFinding>& findings) {
  for (const RuleFinding& finding : findings) {
    nlohmann::ordered_json line = {{"kind", finding_name(finding.kind)}, {"rule", finding.rule}};
    if (!finding.other.empty()) line["other"] = finding.other;
    if (!finding.sample.empty()) line["sample"] = to_valid_utf8(finding.sample);
    line["detail"] = to_valid_utf8(finding.detail);
    line["grave"] = finding.is_grave;
    fmt::print("{}\n", line.dump());
  }
}

// After the rule's name, before the other rule's.
std::string_view told_kind(FindingKind kind) {
  switch (kind) {
    case FindingKind::kUnreachable:
      return "is hidden for ever by";
    case FindingKind::kShadowed:
      return "is shadowed by";
    case FindingKind::kWrong:
      return "is wrong";
    case FindingKind::kSwallows:
      return "takes lines of";
    case FindingKind::kBrokenCertificate:
      return "has a broken certificate";
    case FindingKind::kWeakerCertificate:
      return "has a weaker certificate";
    default:
      return finding_name(kind);
  }
}

// What to do about it; empty where the detail says enough.
std::string_view help_of(const RuleFinding& finding) {
  switch (finding.kind) {
    case FindingKind::kContradicts:
      if (!finding.is_grave) return "";
      return "give the one that should win a higher priority, or narrow a pattern, or give both one label";
    case FindingKind::kUnreachable:
      return "delete it, or give it a higher priority";
    case FindingKind::kWrong:
      return "narrow its pattern, or mend the labels of those lines";
    case FindingKind::kBrokenCertificate:
      return "narrow its pattern; `--out` writes the book without a certificate that does not hold";
    case FindingKind::kUnproved:
      if (finding.detail != kRefusedByNearMiss) return "";
      return "anchor it, ^...$, so that a word more does not fit, and give its groups types, not .*";
    default:
      return "";
  }
}

void print_text(const std::vector<RuleFinding>& findings) {
  std::string_view last_help;
  for (const RuleFinding& finding : findings) {
    const std::string other = finding.other.empty() ? "" : " \"" + printable(finding.other) + '"';
    const bool is_unproved = finding.kind == FindingKind::kUnproved;
    fmt::print("{}: rule \"{}\" {}{}\n", finding.is_grave ? "error" : "note", printable(finding.rule),
               is_unproved ? "is not proved: " + printable(finding.detail) : told_kind(finding.kind), other);
    if (!finding.sample.empty()) fmt::print("  sample: {}\n", printable(finding.sample));
    if (!is_unproved) fmt::print("  {}\n", printable(finding.detail));
    const std::string_view help = help_of(finding);
    if (!help.empty() && help != last_help) fmt::print("  help: {}\n", help);
    if (!help.empty()) last_help = help;
  }
}

// DATA with labels of its own, or with those that the rules give it.
Result<LabelledData> load_data(const CheckArgs& args, const RuleBook& book) {
  if (!args.is_unlabelled) {
    LabelledDataOptions columns = args.columns;
    columns.is_for_training = false;
    columns.keeps_unclassified = true;  // no rule should decide them
    auto data = load_labelled_csv(args.data, columns);
    if (!data) return unlabelled_hint(std::move(data).error());
    for (const std::string& rows : told_left_out(*data)) note("left out: " + printable(rows));
    return data;
  }
  ReaderOptions options;
  options.format = input_format_from(args.from);
  options.message_column = args.columns.message_column;
  options.source_column = args.columns.source_column;
  auto data = load_unlabelled(args.data, options);
  if (!data) return data;
  const std::size_t lines = data->lines.size();
  auto unknown = label_by_book(book, *data);
  if (!unknown) return std::move(unknown).error();
  for (const std::string& rows : told_left_out(*data)) note("left out: " + printable(rows));
  note(fmt::format("rules decide {} of {} lines{}", lines - *unknown, lines,
                   *unknown > 0 ? "; the label of the others is unknown, they prove nothing" : ""));
  return data;
}

Result<void> check_args(const CheckArgs& args) {
  const auto needs_data = [](const char* flag) {
    return Error{ErrorCode::kInvalidArgument, std::string(flag) + " means nothing without DATA"}.with_help(
        "name the log or the labelled CSV that the rules are proved on, after the book");
  };
  if (args.data.empty() && args.is_unlabelled) return needs_data("--unlabelled");
  if (args.out.empty()) return ok();
  if (args.data.empty()) return needs_data("--out");
  const std::array<std::string, 2> inputs = {args.book, args.data};
  const std::array<std::string, 2> outputs = {args.out, "-"};  // findings go to stdout
  if (auto checked = check_outputs(inputs, outputs); !checked) return checked;
  return check_writable(args.out);
}

// Writes the book, adds what is not proved to the findings; returns what to tell.
Result<std::string> write_certified(const CheckArgs& args, const RuleBook& book, const LabelledData& data,
                                    BookReview& review) {
  auto certified =
      certify_book(book, data, args.is_unlabelled ? LabelledBy::kBook : LabelledBy::kData, review);
  if (!certified) return std::move(certified).error().at(args.book);
  for (RuleFinding& finding : certified->unproved) review.findings.push_back(std::move(finding));
  if (auto written = write_file_atomic(args.out, certified->book.to_yaml()); !written)
    return std::move(written).error();
  std::string told = fmt::format("{} of {} proved; their certificates are in {}", certified->certified,
                                 number_of(book.rules().size(), "rule"), args.out);
  if (certified->kept > 0)
    told += fmt::format("; {} of them as they were, for DATA says nothing against them and nothing better",
                        certified->kept);
  return told;
}

Result<int> run_check(const CheckArgs& args) {
  if (auto checked = check_args(args); !checked) return std::move(checked).error();
  auto draft = RuleBook::load_draft(args.book);
  if (!draft) return std::move(draft).error();
  if (!draft->unlabelled.empty())
    note(fmt::format("left out: {} without a label", number_of(draft->unlabelled.size(), "rule")));
  const RuleBook& book = draft->book;
  if (!args.out.empty() && !draft->unlabelled.empty() && book.rules().empty())
    return Error{ErrorCode::kInvalidRule, "no rule of the draft has a label yet"}.at(args.book).with_help(
        "fill in the labels that you know; the others may stay empty");
  std::optional<LabelledData> data;
  if (!args.data.empty()) {
    auto loaded = load_data(args, book);
    if (!loaded) return std::move(loaded).error();
    data = std::move(*loaded);
  }
  const LabelledBy labelled_by = args.is_unlabelled ? LabelledBy::kBook : LabelledBy::kData;
  auto review = review_book(book, data ? &*data : nullptr, labelled_by);
  if (!review) return std::move(review).error();
  auto swallowed = swallowed_kinds(book, draft->unlabelled);
  if (!swallowed) return std::move(swallowed).error();
  for (RuleFinding& finding : *swallowed) review->findings.push_back(std::move(finding));
  const auto grave =
      static_cast<std::size_t>(std::count_if(review->findings.begin(), review->findings.end(),
                                             [](const RuleFinding& finding) { return finding.is_grave; }));
  const std::size_t notes = review->findings.size() - grave;
  std::string told;
  if (!args.out.empty()) {
    auto written = write_certified(args, book, *data, *review);
    if (!written) return std::move(written).error();
    told = std::move(*written);
  }
  if (args.is_json)
    print_json(review->findings);
  else
    print_text(review->findings);
  note(fmt::format("{}: {}, {}; {} proved apart, {} looked at by samples only",
                   number_of(review->rules, "rule"), number_of(grave, "fault"), number_of(notes, "note"),
                   number_of(review->decided_pairs, "pair"), review->undecided_pairs));
  if (!told.empty()) note(printable(told));
  return grave > 0 ? kFoundFaults : 0;
}

}  // namespace

Run add_rules(CLI::App& app) {
  auto args = std::make_shared<CheckArgs>();
  CLI::App* command = app.add_subcommand("rules", "Check a rule book, prove its rules");
  command->require_subcommand(1);
  CLI::App* check = command->add_subcommand(
      "check",
      "Find rules that contradict, overlap or hide each other; with DATA also those that never fire and "
      "those "
      "whose certificate no longer holds. With --out the rules are proved on DATA, each for itself, and the "
      "book is written with a certificate for each that is; why the others are not is told. Rules without a "
      "label, as in a draft, are left out. BOOK and --out are files, not `-`, for findings go to stdout. "
      "Exit code 1 if "
      "something must be mended");
  check->add_option("BOOK", args->book, "Rule book, or a draft by `discover --unlabelled`")
      ->required()
      ->type_name("FILE");
  check
      ->add_option("DATA", args->data,
                   "CSV with the columns log_message and target_label; any log with --unlabelled")
      ->type_name("FILE");
  check
      ->add_option("--out,-o", args->out,
                   "Book to write, with certificates; neither BOOK nor DATA, as comments are not kept")
      ->check(named_file)
      ->type_name("FILE");
  auto* unlabelled =
      check->add_flag("--unlabelled", args->is_unlabelled,
                      "DATA has no labels: a line's label is what the rules of BOOK say, else unknown");
  check->add_option("--from", args->from, "Format of DATA, with --unlabelled [auto]")
      ->check(CLI::IsMember(input_format_names()))
      ->type_name("FORMAT")
      ->needs(unlabelled);
  check->add_flag("--json", args->is_json, "Print JSON, a finding a line");
  add_labelled_columns(*check, args->columns);
  check->get_option("--label-column")->excludes(unlabelled);
  return [args] {
    auto code = run_check(*args);
    return code ? *code : report(code.error());
  };
}

}  // namespace logsieve
