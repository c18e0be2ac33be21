// logsieve llm: what the LLM has cost, and what still waits for it.
#include <algorithm>
#include <fmt/format.h>
#include <memory>
#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

#include "base/utf8.h"
#include "cli/commands.h"
#include "cli/console.h"
#include "cli/counts.h"
#include "cli/open_model.h"
#include "cli/opinions.h"
#include "cli/settings.h"
#include "io/verdict_writer.h"
#include "llm/deferred_lines.h"
#include "llm/llm_options.h"
#include "llm/prompt.h"

namespace logsieve {
namespace {

constexpr std::size_t kFormsPerRound = kParallelRequests * kMaxBatchForms;

struct LedgerArgs {
  RawSettings settings;
  std::size_t rows = 20;
  bool is_json = false;
};

double usd(std::int64_t nano) {
  return static_cast<double>(nano) / 1e9;
}

nlohmann::ordered_json totals_json(const LedgerTotals& totals) {
  return {{"calls", totals.calls},
          {"answered_calls", totals.answered_calls},
          {"input_tokens", totals.tokens.input},
          {"cached_input_tokens", totals.tokens.cached},
          {"output_tokens", totals.tokens.output},
          {"usd", usd(totals.nano_usd)}};
}

void print_ledger_json(const LedgerTotals& all, const LedgerTotals& today,
                       const std::vector<LedgerRow>& rows) {
  nlohmann::ordered_json forms = nlohmann::ordered_json::array();
  for (const LedgerRow& row : rows)
    forms.push_back({{"form", to_valid_utf8(row.form)},
                     {"label", to_valid_utf8(row.label)},
                     {"model", to_valid_utf8(row.model)},
                     {"usd", usd(row.nano_usd)},
                     {"tokens", row.tokens},
                     {"cache_hits", row.cache_hits},
                     {"lines", row.lines}});
  nlohmann::ordered_json ledger = {{"total", totals_json(all)}, {"today", totals_json(today)}};
  ledger["answers"] = all.answers;
  ledger["cache_hits"] = all.cache_hits;
  ledger["lines_answered"] = all.lines;
  ledger["forms"] = std::move(forms);
  fmt::print("{}\n", ledger.dump());
}

void print_totals(std::string_view name, const LedgerTotals& totals) {
  fmt::print("{:<8} {} calls ({} answered), {} tokens in ({} cached), {} out, ${:.6f}\n", name, totals.calls,
             totals.answered_calls, totals.tokens.input, totals.tokens.cached, totals.tokens.output,
             usd(totals.nano_usd));
}

void print_ledger(const LedgerTotals& all, const LedgerTotals& today, const std::vector<LedgerRow>& rows) {
  print_totals("all", all);
  print_totals("today", today);
  fmt::print("store    {} forms answered, {} cache hits, {} lines labelled\n", all.answers, all.cache_hits,
             all.lines);
  if (rows.empty()) return;
  fmt::print("\n{:>10}  {:>8}  {:>10}  {:>10}  {}  form\n", "usd", "tokens", "cache hits", "lines",
             fit("label", 20));
  for (const LedgerRow& row : rows)
    fmt::print("{:>10.6f}  {:>8}  {:>10}  {:>10}  {}  {}\n", usd(row.nano_usd), row.tokens, row.cache_hits,
               row.lines, fit(row.label, 20), printable(row.form));
}

Result<int> run_ledger(const LedgerArgs& args) {
  auto settings = resolve_settings(args.settings);
  if (!settings) return std::move(settings).error();
  if (auto there = check_state_dir(*settings); !there) return std::move(there).error();
  auto store = AnswerStore::open(llm_state_file(*settings));
  if (!store) return std::move(store).error();
  auto all = store->totals(0);
  if (!all) return std::move(all).error();
  auto today = store->totals(day_start_ms(system_clock().now().wall_ms));
  if (!today) return std::move(today).error();
  auto rows = store->rows(args.rows);
  if (!rows) return std::move(rows).error();
  args.is_json ? print_ledger_json(*all, *today, *rows) : print_ledger(*all, *today, *rows);
  return 0;
}

struct EgressArgs {
  RawSettings settings;
};

// One JSON object a request. `request` is the body as it left.
void print_request(const SentRequest& sent) {
  const nlohmann::ordered_json line = {{"call", sent.call},
                                       {"unix_ms", sent.at_ms},
                                       {"model", to_valid_utf8(sent.model)},
                                       {"outcome", to_valid_utf8(sent.outcome)},
                                       {"bytes", sent.body.size()},
                                       {"request", to_valid_utf8(sent.body)}};
  fmt::print("{}\n", line.dump());
}

Result<int> run_egress(const EgressArgs& args) {
  constexpr std::size_t kRows = 64;
  auto settings = resolve_settings(args.settings);
  if (!settings) return std::move(settings).error();
  if (auto there = check_state_dir(*settings); !there) return std::move(there).error();
  auto store = AnswerStore::open(llm_state_file(*settings));
  if (!store) return std::move(store).error();
  std::size_t requests = 0;
  std::size_t bytes = 0;
  for (std::int64_t after = 0;;) {
    auto sent = store->sent(after, kRows);
    if (!sent) return std::move(sent).error();
    for (const SentRequest& request : *sent) {
      print_request(request);
      after = request.call;
      bytes += request.body.size();
    }
    requests += sent->size();
    if (sent->size() < kRows) break;
  }
  note(fmt::format("{} requests, {} bytes of body, have left this machine", requests, bytes));
  return 0;
}

struct DrainArgs {
  RawSettings settings;
  std::string out;
};

Tier tier_named(std::string_view name) {
  for (std::size_t i = 0; i < kTierCount; ++i)
    if (name == tier_name(static_cast<Tier>(i))) return static_cast<Tier>(i);
  return Tier::kNone;
}

// Asks about every deferred form and writes the records that this settles.
class Drain {
 public:
  Drain(OpenedModel& model, DeferredLines& lines, OutputFile& out)
      : model_(model), lines_(lines), out_(out) {}

  Result<void> run() {
    std::string after;
    for (;;) {
      auto forms = lines_.forms(after, kFormsPerRound);
      if (!forms) return std::move(forms).error();
      if (forms->empty()) return ok();
      for (const std::string& form : *forms) {
        auto question = model_.cascade.question(form);
        if (!question) return std::move(question).error();
        model_.llm->submit(form, std::move(*question));
      }
      for (const std::string& form : *forms)
        if (auto settled = settle(form, model_.llm->answer(form)); !settled) return settled;
      after = forms->back();
    }
  }

  std::uint64_t settled() const { return settled_; }
  Opinions& opinions() { return opinions_; }

 private:
  // Written first, then forgotten: a kill between the two writes records twice, never not at all.
  Result<void> settle(const std::string& form, const LlmAnswer& answer) {
    if (answer.status == LlmStatus::kUnavailable) return ok();
    auto groups = lines_.lines_of(form);
    if (!groups) return std::move(groups).error();
    std::uint64_t lines = 0;
    for (const DeferredLineGroup& group : *groups) {
      if (auto written = write(group, answer); !written) return written;
      lines += group.records.size();
    }
    if (!answer.key.empty()) model_.llm->count_lines(answer.key, lines);
    settled_ += lines;
    return lines_.forget(form);
  }

  Verdict provisional(const DeferredLineGroup& group) const {
    return {model_.cascade.bundle().labels.find(group.label), group.confidence, tier_named(group.tier), -1};
  }

  Result<void> write(const DeferredLineGroup& group, const LlmAnswer& answer) {
    const LabelSet& labels = model_.cascade.bundle().labels;
    const Verdict before = provisional(group);
    const Verdict verdict = model_.cascade.settle(before, group.is_second_opinion, answer);
    nlohmann::ordered_json object = {{"record_id", ""},
                                     {"input", to_valid_utf8(group.input)},
                                     {"line", 0},
                                     {"target_label", to_valid_utf8(labels.name(verdict.label))},
                                     {"confidence", verdict.confidence},
                                     {"tier", tier_name(verdict.tier)},
                                     {"template", to_valid_utf8(group.form)}};
    std::string text;
    for (const DeferredRecord& record : group.records) {
      const auto id = hex_digits(record.id);
      object["record_id"] = std::string_view(id.data(), id.size());
      object["line"] = record.line;
      text += object.dump() + '\n';
      opinions_.add({}, group.form, before, group.is_second_opinion, answer, labels);
    }
    return out_.write(text);
  }

  OpenedModel& model_;
  DeferredLines& lines_;
  OutputFile& out_;
  Opinions opinions_;
  std::uint64_t settled_ = 0;
};

Result<int> run_drain(const DrainArgs& args) {
  auto settings = resolve_settings(args.settings);
  if (!settings) return std::move(settings).error();
  if (settings->llm_wait == LlmWait::kNone) settings->llm_wait = LlmWait::kBudget;  // to drain is to wait
  auto model = open_model(*settings, /*with_llm=*/true);
  if (!model) return std::move(model).error();
  if (!model->llm)
    return Error{ErrorCode::kUnavailable, "there is no LLM to ask"}.with_help(
        "set GROQ_API_KEY or LOGSIEVE_LLM_API_KEY, or name a local endpoint by --llm-base-url");
  auto lines = DeferredLines::open(llm_state_file(*settings));
  if (!lines) return std::move(lines).error();
  auto out = OutputFile::create(args.out);
  if (!out) return std::move(out).error();
  Drain drain(*model, *lines, *out);
  if (auto done = drain.run(); !done) return std::move(done).error();
  if (auto closed = out->close(); !closed) return std::move(closed).error();
  if (auto kept = drain.opinions().save(review_file(*settings)); !kept)
    note("the review queue was not written: " + kept.error().message);
  auto left = lines->count();
  if (!left) return std::move(left).error();
  note(fmt::format("{} records settled, {} still deferred", drain.settled(), *left));
  return *left == 0 ? 0 : exit_code(ErrorCode::kUnavailable);
}

}  // namespace

Run add_llm(CLI::App& app) {
  CLI::App* command = app.add_subcommand("llm", "What the LLM has cost, and what still waits for it");
  command->require_subcommand(1);
  auto ledger = std::make_shared<LedgerArgs>();
  CLI::App* ledger_command = command->add_subcommand(
      "ledger",
      "Calls, tokens, money, cache hits; what each form has cost and how many lines it has answered");
  ledger_command->add_option("--rows", ledger->rows, "Forms to show, the busiest first [20]")
      ->check(count_range())
      ->type_name("N");
  ledger_command->add_flag("--json", ledger->is_json, "One JSON object on stdout");
  add_settings(*ledger_command, ledger->settings, {Setting::kConfig, Setting::kState});
  auto egress = std::make_shared<EgressArgs>();
  CLI::App* egress_command = command->add_subcommand(
      "egress", "Every request body that has left this machine, byte for byte, as JSON lines");
  add_settings(*egress_command, egress->settings, {Setting::kConfig, Setting::kState});
  auto drain = std::make_shared<DrainArgs>();
  CLI::App* drain_command = command->add_subcommand(
      "drain", "Ask the LLM about deferred records; settled ones go out as JSON lines with their record_id");
  drain_command->add_option("--out,-o", drain->out, "Output file, there whole or not at all [stdout]")
      ->type_name("FILE");
  add_settings(
      *drain_command, drain->settings,
      {Setting::kModel, Setting::kEncoderDir, Setting::kEncoderMode, Setting::kConfig, Setting::kThreads,
       Setting::kLlmBaseUrl, Setting::kLlmModels, Setting::kLlmKeyFile, Setting::kLlmWait, Setting::kState});
  return [ledger_command, ledger, egress_command, egress, drain] {
    auto code = ledger_command->parsed()   ? run_ledger(*ledger)
                : egress_command->parsed() ? run_egress(*egress)
                                           : run_drain(*drain);
    return code ? *code : report(code.error());
  };
}

}  // namespace logsieve
