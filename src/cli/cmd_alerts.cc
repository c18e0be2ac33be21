#include <chrono>
#include <filesystem>
#include <fmt/format.h>
#include <memory>
#include <nlohmann/json.hpp>
#include <utility>

#include "anomaly/alert_store.h"
#include "base/utf8.h"
#include "bundle/bundle.h"
#include "cli/commands.h"
#include "cli/console.h"
#include "cli/settings.h"

namespace logsieve {
namespace {

constexpr std::size_t kMaxListed = 1'000;
constexpr const char* kKinds = "new_template, gone, burst, dip, novel, rare, value, sequence, risk";

struct AlertsArgs {
  RawSettings settings;
  bool lists_all = false;
  bool is_json = false;
  std::string id;
  Mute mute;
  std::string duration;
  std::int64_t mute_id = 0;
};

TimeMs wall_clock() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

// 90s, 30m, 2h, 7d.
Result<TimeMs> read_duration(const std::string& text) {
  const Error unreadable = Error{ErrorCode::kInvalidArgument, "\"" + text + "\" is no duration"}.with_help(
      "a number and a unit: 90s, 30m, 2h, 7d");
  std::size_t digits = 0;
  while (digits < text.size() && text[digits] >= '0' && text[digits] <= '9') ++digits;
  if (digits == 0 || digits > 9 || text.size() != digits + 1) return unreadable;
  const TimeMs count = std::stoll(text.substr(0, digits));
  if (count == 0)
    return Error{ErrorCode::kInvalidArgument, "a mute for no time would mute nothing"}.with_help(
        "alerts unmute N ends one");
  switch (text[digits]) {
    case 's':
      return count * kSecondMs;
    case 'm':
      return count * kMinuteMs;
    case 'h':
      return count * kHourMs;
    case 'd':
      return count * kDayMs;
    default:
      return unreadable;
  }
}

// `makes`: the folder may be made.
Result<AlertStore> open_store(const AlertsArgs& args, bool makes = false) {
  auto settings = resolve_settings(args.settings);
  if (!settings) return std::move(settings).error();
  if (auto there = makes ? ok() : check_state_dir(*settings); !there) return std::move(there).error();
  return AlertStore::open(std::filesystem::path(settings->state_dir) / "alerts.sqlite");
}

// An alert that is not there is a slip of the one who named it.
Result<void> as_usage(Result<void> done) {
  if (!done && done.error().code == ErrorCode::kNotFound) done.error().code = ErrorCode::kInvalidArgument;
  return done;
}

std::string_view state_of(const Alert& alert) {
  if (alert.is_instant()) return "once";
  return alert.is_open() ? "firing" : "resolved";
}

nlohmann::ordered_json json_of(const Alert& alert) {
  auto examples = nlohmann::ordered_json::array();
  for (const std::string& example : alert.examples) examples.push_back(to_valid_utf8(example));
  auto sources = nlohmann::ordered_json::array();
  for (const Contributor& source : alert.sources)
    if (!source.name.empty())
      sources.push_back({{"source", to_valid_utf8(source.name)}, {"lines", source.lines}});
  return {{"id", alert.id},
          {"fingerprint", alert.fingerprint},
          {"state", state_of(alert)},
          {"acknowledged", alert.is_acknowledged},
          {"kind", alert.kind},
          {"severity", alert.severity},
          {"since", format_time(alert.since)},
          {"ended", alert.is_open() || alert.is_instant() ? nlohmann::ordered_json(nullptr)
                                                          : nlohmann::ordered_json(format_time(alert.ended))},
          {"line", alert.line},
          {"subject", alert.subject},
          {"label", to_valid_utf8(alert.label)},
          {"template", to_valid_utf8(alert.template_text)},
          {"source", to_valid_utf8(alert.source)},
          {"what", to_valid_utf8(alert.what)},
          {"expected", alert.expected},
          {"seen", alert.seen},
          {"examples", std::move(examples)},
          {"sources", std::move(sources)}};
}

std::string row_of(const Alert& alert) {
  const std::string state = alert.is_acknowledged ? "acknowledged"
                            : alert.is_instant()  ? "once"
                            : alert.is_open()     ? "open"
                                                  : "over";
  return fmt::format("{:12}  {:24}  {:12}  {:8}  {:12}  {}\n", alert.id.substr(0, 12),
                     format_time(alert.since), state, alert.severity, alert.kind, printable(alert.what));
}

Result<int> list_alerts(const AlertsArgs& args) {
  auto store = open_store(args);
  if (!store) return std::move(store).error();
  auto alerts = args.lists_all ? store->alerts(/*only_open=*/false, kMaxListed)
                               : store->open_and_recent(wall_clock() - kDayMs, kMaxListed);
  if (!alerts) return std::move(alerts).error();
  std::string out;
  if (!args.is_json && !alerts->empty())
    out = fmt::format("{:12}  {:24}  {:12}  {:8}  {:12}  {}\n", "id", "since", "state", "severity", "kind",
                      "what");
  for (const Alert& alert : *alerts) out += args.is_json ? json_of(alert).dump() + '\n' : row_of(alert);
  std::fputs(out.c_str(), stdout);
  if (alerts->empty() && !args.is_json) note(args.lists_all ? "no alerts" : "no open alerts");
  if (alerts->size() == kMaxListed) note(fmt::format("only the newest {} are shown", kMaxListed));
  return 0;
}

Result<int> acknowledge(const AlertsArgs& args) {
  auto store = open_store(args);
  if (!store) return std::move(store).error();
  if (auto done = as_usage(store->acknowledge(args.id)); !done) return std::move(done).error();
  return 0;
}

// A mute for what cannot come would seem to work.
Result<void> check_mute(const AlertsArgs& args, const Mute& mute) {
  if (!mute.kind.empty() && anomaly_kind_index(mute.kind) == kAnomalyKinds)
    return Error{ErrorCode::kInvalidArgument, "there is no kind \"" + printable(mute.kind) + "\""}.with_help(
        std::string("kinds: ") + kKinds);
  if (mute.label.empty() || mute.label == kUnclassified) return ok();
  auto settings = resolve_settings(args.settings);
  if (!settings) return std::move(settings).error();
  auto bundle = load_bundle(settings->model);
  if (!bundle) {
    note("the label is taken as it is: there is no model at " + settings->model + " to look it up in");
    return ok();
  }
  if (bundle->labels.find(mute.label) != kNoLabel) return ok();
  return Error{ErrorCode::kInvalidArgument, "the model has no label \"" + printable(mute.label) + "\""}
      .with_help("its labels: " + printable(fmt::format("{}", fmt::join(bundle->labels.names(), ", "))));
}

Result<int> mute(const AlertsArgs& args) {
  Mute mute = args.mute;
  if (mute.kind.empty() && mute.label.empty() && mute.template_text.empty() && mute.source.empty())
    return Error{ErrorCode::kInvalidArgument,
                 "a mute without any of --kind, --label, --template and --source would silence everything"};
  if (auto checked = check_mute(args, mute); !checked) return std::move(checked).error();
  if (!args.duration.empty()) {
    auto duration = read_duration(args.duration);
    if (!duration) return std::move(duration).error();
    mute.until = wall_clock() + *duration;
  }
  auto store = open_store(args, /*makes=*/true);
  if (!store) return std::move(store).error();
  auto id = store->add_mute(mute);
  if (!id) return std::move(id).error();
  std::fputs(fmt::format("{}\n", *id).c_str(), stdout);
  return 0;
}

Result<int> list_mutes(const AlertsArgs& args) {
  auto store = open_store(args);
  if (!store) return std::move(store).error();
  auto mutes = store->mutes(wall_clock());
  if (!mutes) return std::move(mutes).error();
  std::string out;
  for (const Mute& some : *mutes) {
    out += fmt::format("{}  {}", some.id,
                       some.until == kNoTime ? "for ever" : "until " + format_time(some.until));
    for (const auto& [name, value] : {std::pair{"kind", some.kind},
                                      {"label", some.label},
                                      {"template", some.template_text},
                                      {"source", some.source},
                                      {"reason", some.reason}})
      if (!value.empty()) out += fmt::format("  {}=\"{}\"", name, printable(value));
    out += '\n';
  }
  std::fputs(out.c_str(), stdout);
  return 0;
}

Result<int> unmute(const AlertsArgs& args) {
  auto store = open_store(args);
  if (!store) return std::move(store).error();
  if (auto removed = as_usage(store->remove_mute(args.mute_id)); !removed) return std::move(removed).error();
  return 0;
}

}  // namespace

Run add_alerts(CLI::App& app) {
  auto args = std::make_shared<AlertsArgs>();
  CLI::App* command = app.add_subcommand("alerts", "List, mute and acknowledge alerts");
  command->require_subcommand(1);
  using Action = Result<int> (*)(const AlertsArgs&);
  std::vector<std::pair<CLI::App*, Action>> actions;
  const auto add = [&](const char* name, const char* help, Action action) {
    CLI::App* sub = command->add_subcommand(name, help);
    add_settings(*sub, args->settings, {Setting::kState, Setting::kConfig});
    actions.emplace_back(sub, action);
    return sub;
  };
  CLI::App* list = add("list", "Open alerts and what came once in the last day, newest first", list_alerts);
  list->add_flag("--all", args->lists_all, "Also those that are over");
  list->add_flag("--json", args->is_json, "One JSON object each");
  add("ack", "No more repeats of an alert", acknowledge)
      ->add_option("ID", args->id, "Its id, or a beginning of it that is clear")
      ->required();
  CLI::App* muted =
      add("mute", "Do not tell alerts that have all these; prints the number of the mute", mute);
  add_settings(*muted, args->settings, {Setting::kModel});
  muted->add_option("--kind", args->mute.kind, kKinds);
  muted->add_option("--label", args->mute.label, "Label");
  muted->add_option("--template", args->mute.template_text, "Template, as alerts list --json shows it");
  muted->add_option("--source", args->mute.source, "Source");
  muted->add_option("--for", args->duration, "90s, 30m, 2h, 7d [for ever]")->type_name("TIME");
  muted->add_option("--reason", args->mute.reason, "Why, for people");
  add("mutes", "What is muted", list_mutes);
  add("unmute", "End a mute", unmute)
      ->add_option("NUMBER", args->mute_id, "As alerts mutes shows it")
      ->required();
  return [args, actions] {
    for (const auto& [sub, action] : actions) {
      if (!sub->parsed()) continue;
      auto code = action(*args);
      return code ? *code : report(code.error());
    }
    return 2;
  };
}

}  // namespace logsieve
