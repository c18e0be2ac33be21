// logsieve review: what the LLM said, looked at by a person.
#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fmt/format.h>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

#include "base/utf8.h"
#include "cascade/decided_forms.h"
#include "cli/commands.h"
#include "cli/console.h"
#include "cli/counts.h"
#include "cli/open_model.h"
#include "cli/settings.h"
#include "io/field_escapes.h"
#include "io/verdict_writer.h"
#include "review/review_order.h"
#include "review/review_store.h"
#include "training/fit/labelled_data.h"

namespace logsieve {
namespace {

constexpr std::size_t kMostCandidates = 1'000;  // of which the diverse ones are shown
constexpr std::size_t kMostPast = 2'000;        // forms that a decision is compared with

struct ReviewArgs {
  RawSettings settings;
  std::size_t limit = 20;
  std::uint64_t min_lines = 1;
  bool is_json = false;
  std::vector<std::int64_t> ids;
  std::int64_t id = 0;
  std::string label;
  std::string out;
  std::string data;
};

// The store, and the settings that say where it is.
struct Desk {
  Settings settings;
  ReviewStore store;
};

Result<Desk> open_desk(const ReviewArgs& args) {
  auto settings = resolve_settings(args.settings);
  if (!settings) return std::move(settings).error();
  if (auto there = check_state_dir(*settings); !there) return std::move(there).error();
  auto store = ReviewStore::open(review_file(*settings));
  if (!store) return std::move(store).error();
  return Desk{std::move(*settings), std::move(*store)};
}

std::int64_t now_ms() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

Result<std::vector<float>> embeddings_of(const std::vector<ReviewItem>& items, const FormEncoder& encoder,
                                         std::size_t threads) {
  std::vector<std::string_view> forms;
  for (const ReviewItem& item : items) forms.push_back(item.seen.form);
  std::vector<float> rows(forms.size() * kDim);
  if (auto encoded = encoder.encode(forms, rows, threads); !encoded) return std::move(encoded).error();
  return rows;
}

nlohmann::ordered_json json_of(const ReviewItem& item) {
  return {{"id", item.id},
          {"form", to_valid_utf8(item.seen.form)},
          {"llm_label", to_valid_utf8(item.seen.llm_label)},
          {"model_label", to_valid_utf8(item.seen.model_label)},
          {"model_confidence", item.seen.model_confidence},
          {"lines", item.seen.lines},
          {"state", review_state_name(item.state)}};
}

void print_items(const std::vector<ReviewItem>& items, bool is_json) {
  if (is_json) {
    for (const ReviewItem& item : items) fmt::print("{}\n", json_of(item).dump());
    return;
  }
  fmt::print("{:>6}  {:>9}  {}  {}  {:>5}  form\n", "id", "lines", fit("llm says", 20), fit("model says", 20),
             "sure");
  for (const ReviewItem& item : items)
    fmt::print("{:>6}  {:>9}  {}  {}  {:>5.2f}  {}\n", item.id, item.seen.lines, fit(item.seen.llm_label, 20),
               fit(item.seen.model_label, 20), item.seen.model_confidence, printable(item.seen.form));
}

Result<int> run_list(const ReviewArgs& args) {
  auto desk = open_desk(args);
  if (!desk) return std::move(desk).error();
  auto items = desk->store.open_items(args.min_lines, kMostCandidates);
  if (!items) return std::move(items).error();
  auto encoder = open_encoder(desk->settings);
  if (!encoder) return std::move(encoder).error();
  const FormEncoder reader(*encoder, Spelling::kWords);  // compared with each other only: any spelling does
  auto rows = embeddings_of(*items, reader, desk->settings.threads);
  if (!rows) return std::move(rows).error();
  std::vector<double> values;
  for (const ReviewItem& item : *items) values.push_back(item.value());
  std::vector<ReviewItem> shown;
  for (const std::size_t index : diverse_order(values, *rows, kDim, args.limit))
    shown.push_back(std::move((*items)[index]));
  print_items(shown, args.is_json);
  if (!args.is_json) note(fmt::format("{} of {} forms to look at", shown.size(), items->size()));
  return 0;
}

// Past lines, of forms that were put to the LLM, that a decision labels otherwise from now on.
Result<std::string> flips(Desk& desk, const ReviewItem& item, const std::string& label) {
  auto past = desk.store.seen(kMostPast);
  if (!past) return std::move(past).error();
  auto bundle = load_bundle(desk.settings.model);
  if (!bundle) return std::move(bundle).error();
  auto encoder = open_encoder(desk.settings);
  if (!encoder) return std::move(encoder).error();
  if (bundle->labels.find(label) == kNoLabel)
    return Error{ErrorCode::kInvalidArgument, "the model has no label \"" + label + "\""}.with_help(
        "a new label needs training: add lines that carry it to the training data");
  const DecidedLabel decision{item.seen.form, label};
  const FormEncoder reader(*encoder, bundle->spelling);
  auto decided = DecidedForms::create({&decision, 1}, bundle->labels, reader, desk.settings.threads);
  if (!decided) return std::move(decided).error();
  auto rows = embeddings_of(*past, reader, desk.settings.threads);
  if (!rows) return std::move(rows).error();
  std::uint64_t lines = 0;
  std::size_t forms = 0;
  for (std::size_t i = 0; i < past->size(); ++i) {
    const ReviewItem& other = (*past)[i];
    const auto row = std::span<const float>(*rows).subspan(i * kDim, kDim);
    const std::string& before = other.state == ReviewState::kOpen ? other.seen.llm_label : other.label;
    if (before == label || !decided->find(other.seen.form, row, bundle->prototypes.nearest_similarity(row)))
      continue;
    lines += other.seen.lines;
    ++forms;
  }
  return fmt::format("labels {} past line{} of {} form{} otherwise", lines, lines == 1 ? "" : "s", forms,
                     forms == 1 ? "" : "s");
}

Result<int> run_decide(const ReviewArgs& args, ReviewState state) {
  auto desk = open_desk(args);
  if (!desk) return std::move(desk).error();
  for (const std::int64_t id : args.ids)
    if (auto decided = desk->store.decide(id, state, {}, now_ms()); !decided)
      return std::move(decided).error();
  note(fmt::format("{} {}", args.ids.size(), review_state_name(state)));
  return 0;
}

Result<int> run_correct(const ReviewArgs& args) {
  auto desk = open_desk(args);
  if (!desk) return std::move(desk).error();
  auto item = desk->store.item(args.id);
  if (!item) return std::move(item).error();
  auto effect = flips(*desk, *item, args.label);
  if (!effect) return std::move(effect).error();
  if (auto decided = desk->store.decide(args.id, ReviewState::kCorrected, args.label, now_ms()); !decided)
    return std::move(decided).error();
  note(fmt::format("{} is {} from now on; it {}", args.id, printable(args.label), *effect));
  return 0;
}

// Labelled data for `train`: the lines that were kept, since rules are discovered from values and all. Of an older
// queue the forms: they are masked lines, and masking them again changes nothing.
Result<int> run_export(const ReviewArgs& args) {
  auto desk = open_desk(args);
  if (!desk) return std::move(desk).error();
  auto decided = desk->store.decided();
  if (!decided) return std::move(decided).error();
  auto out = OutputFile::create(args.out);
  if (!out) return std::move(out).error();
  std::string text = "log_message,target_label\n";
  for (const DecidedForm& form : *decided) {
    if (form.label == kUnclassified) continue;
    auto lines = desk->store.samples(form.id);
    if (!lines) return std::move(lines).error();
    if (lines->empty()) lines->push_back(form.form);
    for (const std::string& line : *lines) {
      append_csv_field(line, ',', text);
      text += ',';
      append_csv_field(form.label, ',', text);
      text += '\n';
    }
  }
  if (auto written = out->write(text); !written) return std::move(written).error();
  if (auto closed = out->close(); !closed) return std::move(closed).error();
  return 0;
}

// What a report says, with the lines that it is about.
using Finding = std::pair<std::uint64_t, nlohmann::ordered_json>;

// Where the LLM and the model differ: the labelled form nearest to such a line is a row to look at.
Result<void> find_opinions(Desk& desk, const OpenedModel& model, std::size_t limit,
                           std::vector<Finding>& findings) {
  auto items = desk.store.disagreements(limit);
  if (!items) return std::move(items).error();
  for (const ReviewItem& item : *items) {
    auto question = model.cascade.question(item.seen.form);
    if (!question) return std::move(question).error();
    nlohmann::ordered_json line = json_of(item);
    line["suspect_rows"] = nlohmann::ordered_json::array();
    for (const auto& [form, label] : question->examples)
      if (label == item.seen.model_label)
        line["suspect_rows"].push_back({{"form", to_valid_utf8(form)}, {"label", to_valid_utf8(label)}});
    findings.emplace_back(item.seen.lines, std::move(line));
  }
  return ok();
}

// Labelled lines whose row, rule and model do not say the same.
struct Clash {
  std::size_t rule;
  LabelId row_label;
  LabelId model_label;  // kNoLabel: not sure
  std::size_t form;
  auto operator<=>(const Clash&) const = default;  // NOLINT(modernize-use-nullptr): clang-tidy 14 errs
};

Result<std::map<Clash, std::uint64_t>> clashes_of(const OpenedModel& model, const LabelledData& data) {
  const Cascade& cascade = model.cascade;
  const LabelSet& labels = cascade.bundle().labels;
  auto scratch = cascade.rules().make_scratch();
  std::map<std::size_t, LabelId> judged;  // by form
  std::map<Clash, std::uint64_t> clashes;
  for (const LabelledLine& line : data.lines) {
    const std::int32_t rule = cascade.rules().match(line.message, line.source, scratch);
    if (rule < 0) continue;
    const auto [known, is_new] = judged.try_emplace(line.form, kNoLabel);
    if (is_new) {
      auto judgement = cascade.judgement_of(data.forms[line.form].text);
      if (!judgement) return std::move(judgement).error();
      if (judgement->model.is_sure && !judgement->is_novel()) known->second = judgement->model.label;
    }
    const auto index = static_cast<std::size_t>(rule);
    const LabelId said = labels.find(cascade.bundle().rules.rules()[index].label);
    const LabelId row = labels.find(data.labels.name(line.label));
    if (row != said || (known->second != kNoLabel && known->second != said))
      ++clashes[{index, row, known->second, line.form}];
  }
  return clashes;
}

Result<void> find_clashes(const OpenedModel& model, const std::string& file, std::vector<Finding>& findings) {
  auto data = load_labelled_csv(file, {});
  if (!data) return std::move(data).error();
  auto clashes = clashes_of(model, *data);
  if (!clashes) return std::move(clashes).error();
  const LabelSet& labels = model.cascade.bundle().labels;
  for (const auto& [clash, lines] : *clashes) {
    const Rule& rule = model.cascade.bundle().rules.rules()[clash.rule];
    findings.emplace_back(
        lines, nlohmann::ordered_json{{"rule", to_valid_utf8(rule.name)},
                                      {"rule_label", to_valid_utf8(rule.label)},
                                      {"row_label", to_valid_utf8(labels.name(clash.row_label))},
                                      {"model_label", to_valid_utf8(labels.name(clash.model_label))},
                                      {"lines", lines},
                                      {"form", to_valid_utf8(data->forms[clash.form].text)}});
  }
  return ok();
}

// Suspect rules and suspect rows together, those of the most lines first.
Result<int> run_report(const ReviewArgs& args) {
  auto desk = open_desk(args);
  if (!desk) return std::move(desk).error();
  auto model = open_model(desk->settings, /*with_llm=*/false);
  if (!model) return std::move(model).error();
  std::vector<Finding> findings;
  if (auto done = find_opinions(*desk, *model, args.limit, findings); !done) return std::move(done).error();
  if (!args.data.empty())
    if (auto done = find_clashes(*model, args.data, findings); !done) return std::move(done).error();
  std::stable_sort(findings.begin(), findings.end(),
                   [](const Finding& a, const Finding& b) { return a.first > b.first; });
  findings.resize(std::min(findings.size(), args.limit));
  for (const auto& [lines, finding] : findings) fmt::print("{}\n", finding.dump());
  return 0;
}

// How often a verdict of the model was right, by its confidence.
Result<int> run_calibration(const ReviewArgs& args) {
  auto desk = open_desk(args);
  if (!desk) return std::move(desk).error();
  auto bins = desk->store.calibration();
  if (!bins) return std::move(bins).error();
  for (const CalibrationBin& bin : *bins)
    fmt::print("{}\n", nlohmann::ordered_json({{"confidence_from", bin.from},
                                               {"forms", bin.forms},
                                               {"agreed_forms", bin.agreed_forms},
                                               {"lines", bin.lines},
                                               {"agreed_lines", bin.agreed_lines}})
                           .dump());
  return 0;
}

CLI::App* add_command(CLI::App& review, ReviewArgs& args, const char* name, const char* help) {
  CLI::App* command = review.add_subcommand(name, help);
  add_settings(*command, args.settings,
               {Setting::kModel, Setting::kEncoderDir, Setting::kEncoderMode, Setting::kConfig,
                Setting::kThreads, Setting::kState});
  return command;
}

void add_ids(CLI::App& command, ReviewArgs& args) {
  command.add_option("ID", args.ids, "Numbers that `list` shows")->required();
}

}  // namespace

Run add_review(CLI::App& app) {
  auto args = std::make_shared<ReviewArgs>();
  CLI::App* review = app.add_subcommand("review", "Look at what the LLM said: accept, correct, reject");
  review->require_subcommand(1);
  CLI::App* list =
      add_command(*review, *args, "list", "Forms worth a look: lines times doubt, unlike ones first");
  list->add_option("--limit", args->limit, "Forms to show [20]")->check(count_range())->type_name("N");
  list->add_option("--min-lines", args->min_lines, "Only forms of at least so many lines [1]")
      ->check(count_range())
      ->type_name("N");
  list->add_flag("--json", args->is_json, "JSON lines on stdout");
  CLI::App* accept = add_command(*review, *args, "accept", "The LLM's label is right");
  add_ids(*accept, *args);
  CLI::App* reject = add_command(*review, *args, "reject", "The LLM's label is wrong, and no other is known");
  add_ids(*reject, *args);
  CLI::App* correct = add_command(*review, *args, "correct", "Another label is right; it counts at once");
  correct->add_option("ID", args->id, "The number that `list` shows")->required();
  correct->add_option("LABEL", args->label, "A label of the model")->required();
  CLI::App* export_command =
      add_command(*review, *args, "export", "Lines of decided forms as CSV for `train --reviewed`");
  export_command->add_option("--out,-o", args->out, "Output file, there whole or not at all [stdout]")
      ->type_name("FILE");
  CLI::App* report_command = add_command(
      *review, *args, "report", "Where LLM and model differ, with the labelled rows behind it (JSON lines)");
  report_command->add_option("--limit", args->limit, "Forms to show [20]")
      ->check(count_range())
      ->type_name("N");
  report_command
      ->add_option("--data", args->data,
                   "Labelled CSV: also lines whose row, rule and model do not say the same")
      ->type_name("FILE");
  CLI::App* calibration = add_command(*review, *args, "calibration",
                                      "How often second opinions agreed with the model, by its confidence");
  return [=] {
    const auto run = [&]() -> Result<int> {
      if (calibration->parsed()) return run_calibration(*args);
      if (list->parsed()) return run_list(*args);
      if (accept->parsed()) return run_decide(*args, ReviewState::kAccepted);
      if (reject->parsed()) return run_decide(*args, ReviewState::kRejected);
      if (correct->parsed()) return run_correct(*args);
      return export_command->parsed() ? run_export(*args) : run_report(*args);
    };
    auto code = run();
    return code ? *code : report(code.error());
  };
}

}  // namespace logsieve
