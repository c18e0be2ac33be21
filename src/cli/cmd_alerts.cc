#include <chrono>
#include <filesystem>
#include <fmt/format.h>
#include <memory>
#include <nlohmann/json.hpp>
#include <utility>

#include "anomaly/alert_store.h"
#include "base/utf8.h"
#include "cli/commands.h"
#include "cli/console.h"
#include "cli/settings.h"

namespace logsieve {
namespace {

constexpr std::size_t kMaxListed = 1'000;

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

Result<AlertStore> open_store(const AlertsArgs& args) {
  auto settings = resolve_settings(args.settings);
  if (!settings) return std::move(settings).error();
  return AlertStore::open(std::filesystem::path(settings->state_dir) / "alerts.sqlite");
}

nlohmann::ordered_json json_of(const Alert& alert) {
  return {{"id", alert.id},
          {"state", alert.is_open() ? "firing" : "resolved"},
          {"acknowledged", alert.is_acknowledged},
          {"kind", alert.kind},
          {"severity", alert.severity},
          {"since", format_time(alert.since)},
          {"ended", alert.is_open() ? nlohmann::ordered_json(nullptr)
                                    : nlohmann::ordered_json(format_time(alert.ended))},
          {"label", to_valid_utf8(alert.label)},
          {"template", to_valid_utf8(alert.template_text)},
          {"source", to_valid_utf8(alert.source)},
          {"what", to_valid_utf8(alert.what)}};
}

Result<int> list_alerts(const AlertsArgs& args) {
  auto store = open_store(args);
  if (!store) return std::move(store).error();
  auto alerts = store->alerts(!args.lists_all, kMaxListed);
  if (!alerts) return std::move(alerts).error();
  std::string out;
  if (!args.is_json && !alerts->empty())
    out = fmt::format("{:12}  {:24}  {:8}  {:12}  {}\n", "id", "since", "severity", "kind", "what");
  for (const Alert& alert : *alerts) {
    if (args.is_json) {
      out += json_of(alert).dump() + '\n';
      continue;
    }
    const char* state = alert.is_acknowledged ? " (acknowledged)" : alert.is_open() ? "" : " (over)";
    out += fmt::format("{:12}  {:24}  {:8}  {:12}  {}{}\n", alert.id.substr(0, 12), format_time(alert.since),
                       alert.severity, alert.kind, printable(alert.what), state);
  }
  std::fputs(out.c_str(), stdout);
  if (alerts->empty() && !args.is_json) note(args.lists_all ? "no alerts" : "no open alerts");
  return 0;
}

Result<int> acknowledge(const AlertsArgs& args) {
  auto store = open_store(args);
  if (!store) return std::move(store).error();
  if (auto done = store->acknowledge(args.id); !done) return std::move(done).error();
  return 0;
}

Result<int> mute(const AlertsArgs& args) {
  Mute mute = args.mute;
  if (mute.kind.empty() && mute.label.empty() && mute.template_text.empty() && mute.source.empty())
    return Error{ErrorCode::kInvalidArgument,
                 "a mute without any of --kind, --label, --template and --source would silence everything"};
  if (!args.duration.empty()) {
    auto duration = read_duration(args.duration);
    if (!duration) return std::move(duration).error();
    mute.until = wall_clock() + *duration;
  }
  auto store = open_store(args);
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
  if (auto removed = store->remove_mute(args.mute_id); !removed) return std::move(removed).error();
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
  CLI::App* list = add("list", "Open alerts, newest first", list_alerts);
  list->add_flag("--all", args->lists_all, "Also those that are over");
  list->add_flag("--json", args->is_json, "One JSON object each");
  add("ack", "No more repeats of an alert", acknowledge)
      ->add_option("ID", args->id, "Its id, or a beginning of it that is clear")
      ->required();
  CLI::App* muted =
      add("mute", "Do not tell alerts that have all these; prints the number of the mute", mute);
  muted->add_option("--kind", args->mute.kind,
                    "new_template, gone, burst, dip, novel, rare, value, sequence, risk");
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
