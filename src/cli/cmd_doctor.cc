#include <cstdlib>
#include <filesystem>
#include <fmt/format.h>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "anomaly/sink_url.h"
#include "base/threads.h"
#include "base/utf8.h"
#include "bundle/bundle.h"
#include "cascade/cascade.h"
#include "cli/commands.h"
#include "cli/console.h"
#include "cli/open_model.h"
#include "cli/settings.h"

namespace logsieve {
namespace {

struct DoctorArgs {
  RawSettings settings;
};

// Prints findings and remembers the worst one's exit code.
class Findings {
 public:
  void good(std::string_view what, std::string_view found) { print("ok     ", what, found); }
  void hint(std::string_view what, std::string_view found) { print("note   ", what, found); }
  void bad(std::string_view what, const Error& error) {
    print("WRONG  ", what, error.message);
    if (!error.file.empty())
      fmt::print("                     in {}{}\n", printable(error.file),
                 error.line == 0 ? "" : fmt::format(":{}", error.line));
    if (!error.help.empty()) fmt::print("                     -> {}\n", printable(error.help));
    for (const Error& other : error.others) bad(what, other);
    if (code_ == 0) code_ = exit_code(error.code);
  }
  int code() const { return code_; }

 private:
  static void print(std::string_view mark, std::string_view what, std::string_view found) {
    fmt::print("{}{:<13} {}\n", mark, what, printable(found));
  }
  int code_ = 0;
};

void check_encoder(const Settings& settings, Findings& findings, std::optional<SentenceEncoder>& encoder) {
  SentenceEncoder::forget_checks(settings.encoder_dir);
  auto loaded = open_encoder(settings);
  if (!loaded) return findings.bad("encoder", loaded.error());
  findings.good("encoder",
                fmt::format("{}, weights SHA-256 {}", settings.encoder_dir, loaded->weights_sha256()));
  encoder = std::move(*loaded);
}

void check_bundle(const Settings& settings, Findings& findings, std::optional<SentenceEncoder> encoder) {
  auto bundle = load_bundle(settings.model);
  if (!bundle) return findings.bad("model", bundle.error());
  const std::string found =
      fmt::format("{}: {} labels, {} rules, {} labelled forms, every checksum right", settings.model,
                  bundle->labels.size(), bundle->rules.rules().size(), bundle->forms.size());
  if (!encoder) return findings.good("model", found);
  CascadeOptions options;
  options.routes = settings.config.routes;
  auto cascade = Cascade::open(std::move(*bundle), std::move(*encoder), std::move(options));
  if (!cascade) return findings.bad("model", cascade.error());
  findings.good("model", found);
}

void check_llm(const Settings& settings, Findings& findings) {
  if (!settings.uses_llm) return findings.hint("llm", "switched off: the prototype tier answers rare labels");
  std::string warning;
  auto key = find_api_key(settings.config.llm_key_file, warning);
  if (!key) return findings.bad("llm", key.error());
  if (!warning.empty()) findings.hint("llm key", warning);
  LlmOptions options = settings.config.llm;
  const bool has_key = !key->empty();
  options.api_key = std::move(*key);
  if (!has_key && options.base_url == LlmOptions().base_url)
    return findings.hint(
        "llm", "no key (GROQ_API_KEY or LOGSIEVE_LLM_API_KEY): the prototype tier answers rare labels");
  auto client = LlmClient::create(std::move(options), LabelSet({"reachable"}));
  if (!client) return findings.bad("llm", client.error());
  auto probed = client->probe();
  if (!probed) return findings.bad("llm", probed.error());
  findings.good("llm", *probed);
}

// Looks at the state only where there is one: to look makes nothing.
void check_llm_state(const Settings& settings, Findings& findings) {
  const std::string file = llm_state_file(settings);
  std::error_code ignored;
  if (!std::filesystem::exists(file, ignored))
    return findings.hint("llm state", "nothing was asked yet: " + file);
  auto store = AnswerStore::open(file);
  if (!store) return findings.bad("llm state", store.error());
  auto today = store->totals(day_start_ms(system_clock().now().wall_ms));
  if (!today) return findings.bad("llm state", today.error());
  findings.good("llm state", fmt::format("{}: {} answers; today {} calls, ${:.4f}", file, today->answers,
                                         today->calls, static_cast<double>(today->nano_usd) / 1e9));
}

// Their URLs were checked with the configuration. Nothing is sent: a test message would be an alert to somebody.
void check_sinks(const Settings& settings, Findings& findings) {
  const std::vector<SinkOptions>& sinks = settings.config.alerts.sinks;
  if (sinks.empty()) return findings.hint("sinks", "none: watch tells alerts on stdout alone");
  for (const SinkOptions& sink : sinks) {
    const std::filesystem::path folder = std::filesystem::path(sink.target).parent_path();
    std::error_code absent;
    if (sink.type == SinkType::kFile && !folder.empty() && !std::filesystem::is_directory(folder, absent))
      findings.bad(
          "sink", Error{ErrorCode::kBadConfig, "\"" + sink.name + "\": there is no folder " + folder.string()}
                      .with_help("make it, or give the sink another path"));
    else
      findings.good("sink", fmt::format("\"{}\", {}", sink.name, sink_type_name(sink.type)));
  }
}

void check_disk(Findings& findings) {
  std::error_code failure;
  const std::filesystem::space_info space = std::filesystem::space(".", failure);
  if (failure) return findings.hint("disk", "free space is unknown: " + failure.message());
  const double free_gib = static_cast<double>(space.available) / (1024.0 * 1024 * 1024);
  if (free_gib < 1)
    return findings.hint("disk", fmt::format("only {:.2f} GiB free here: outputs may not fit", free_gib));
  findings.good("disk", fmt::format("{:.1f} GiB free here", free_gib));
}

int run_doctor(const DoctorArgs& args) {
  Findings findings;
  findings.good("program", std::string("logsieve ") + LOGSIEVE_VERSION);
  findings.good("cpu",
                fmt::format("{} usable, encoder kernel {}", usable_cpus(), SentenceEncoder::kernel_name()));
  auto settings = resolve_settings(args.settings);
  if (!settings) {
    findings.bad("config", settings.error());
    return findings.code();
  }
  findings.good("config",
                settings->config_file.empty() ? "no logsieve.yaml, defaults" : settings->config_file);
  std::optional<SentenceEncoder> encoder;
  check_encoder(*settings, findings, encoder);
  check_bundle(*settings, findings, std::move(encoder));
  check_llm(*settings, findings);
  if (settings->uses_llm) check_llm_state(*settings, findings);
  check_sinks(*settings, findings);
  check_disk(findings);
  return findings.code();
}

}  // namespace

Run add_doctor(CLI::App& app) {
  auto args = std::make_shared<DoctorArgs>();
  CLI::App* command = app.add_subcommand(
      "doctor", "Look at CPU, model, configuration, LLM and disk; say what is wrong and what to do");
  add_settings(
      *command, args->settings,
      {Setting::kModel, Setting::kEncoderDir, Setting::kEncoderMode, Setting::kConfig, Setting::kThreads,
       Setting::kLlm, Setting::kLlmBaseUrl, Setting::kLlmModels, Setting::kLlmKeyFile, Setting::kState});
  return [args] { return run_doctor(*args); };
}

}  // namespace logsieve
