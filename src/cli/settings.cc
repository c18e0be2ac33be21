#include "cli/settings.h"

#include <charconv>
#include <cstdlib>
#include <filesystem>
#include <utility>

#include "base/threads.h"

namespace logsieve {
namespace {

namespace fs = std::filesystem;
constexpr std::size_t kMaxThreads = 4096;

// The folder of the checkout or installation that this program runs from: build/release/logsieve -> its root.
fs::path program_root() {
  std::error_code ignored;
  const fs::path program = fs::read_symlink("/proc/self/exe", ignored);
  return program.parent_path().parent_path().parent_path();
}

// A default folder is looked for where the user stands, then beside the program.
std::string default_folder(const std::string& relative) {
  std::error_code ignored;
  if (fs::exists(relative, ignored)) return relative;
  const fs::path beside = program_root() / relative;
  return fs::exists(beside, ignored) ? beside.string() : relative;
}

std::string first_of(const std::string& said, const std::string& configured, const std::string& fallback) {
  if (!said.empty()) return said;
  return configured.empty() ? fallback : configured;
}

std::vector<std::string> split_commas(std::string_view text) {
  std::vector<std::string> parts;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(','), text.size());
    std::string_view part = text.substr(0, end);
    while (!part.empty() && part.front() == ' ') part.remove_prefix(1);
    while (!part.empty() && part.back() == ' ') part.remove_suffix(1);
    parts.emplace_back(part);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return parts;
}

Result<LlmWait> read_wait(const std::string& text) {
  if (text == "none") return LlmWait::kNone;
  if (text == "budget") return LlmWait::kBudget;
  if (text == "all") return LlmWait::kAll;
  return Error{ErrorCode::kInvalidArgument, "--llm-wait must be none, budget or all, not \"" + text + "\""};
}

Result<Arithmetic> read_encoder_mode(const std::string& text) {
  for (const Arithmetic arithmetic : {Arithmetic::kFp32, Arithmetic::kFast})
    if (text == arithmetic_name(arithmetic)) return arithmetic;
  return Error{ErrorCode::kInvalidArgument, "--encoder-mode must be exact or fast, not \"" + text + "\""};
}

// XDG base directories: $XDG_STATE_HOME, else ~/.local/state.
std::string default_state_dir() {
  const auto folder_of = [](const char* name) {
    const char* value = std::getenv(name);
    return fs::path(value == nullptr ? "" : value);
  };
  if (const fs::path state = folder_of("XDG_STATE_HOME"); state.is_absolute())
    return (state / "logsieve").string();
  if (const fs::path home = folder_of("HOME"); home.is_absolute())
    return (home / ".local/state/logsieve").string();
  return ".logsieve";
}

Result<std::size_t> read_threads(const std::string& text) {
  std::size_t threads = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), threads);
  if (failure != std::errc() || end != text.data() + text.size() || threads == 0 || threads > kMaxThreads)
    return Error{ErrorCode::kInvalidArgument,
                 "--threads must be a number from 1 to 4096, not \"" + text + "\""}
        .with_help("without it, all CPUs that this process may use work");
  return threads;
}

Result<Config> read_config(const std::string& said, std::string& read_from) {
  std::error_code ignored;
  read_from = first_of(said, "", fs::exists("logsieve.yaml", ignored) ? "logsieve.yaml" : "");
  if (read_from.empty()) return Config{};
  auto config = load_config(read_from);
  if (!config && config.error().code == ErrorCode::kNotFound) config.error().code = ErrorCode::kBadConfig;
  return config;
}

}  // namespace

std::string environment_name(std::string_view flag) {
  std::string name = "LOGSIEVE_";
  for (const char c : flag.substr(2))
    name += c == '-' ? '_' : static_cast<char>(c >= 'a' && c <= 'z' ? c - 32 : c);
  return name;
}

void add_settings(CLI::App& command, RawSettings& raw, std::initializer_list<Setting> settings) {
  for (const Setting setting : settings) {
    const SettingSpec& spec = kSettings[static_cast<std::size_t>(setting)];
    // Several commands may share one `raw`: the environment is also read for those that were not chosen, and must
    // not win over a flag of the one that was.
    std::string* value = &raw.values[static_cast<std::size_t>(setting)];
    command
        .add_option_function<std::string>(
            std::string(spec.flag),
            [chosen = &command, value](const std::string& said) {
              if (chosen->parsed()) *value = said;
            },
            std::string(spec.help))
        ->envname(environment_name(spec.flag))
        ->type_name(std::string(spec.value))
        ->group("Settings");
  }
}

Result<Settings> resolve_settings(const RawSettings& raw) {
  Settings settings;
  auto config = read_config(raw.of(Setting::kConfig), settings.config_file);
  if (!config) return std::move(config).error();
  settings.config = std::move(*config);
  settings.model = first_of(raw.of(Setting::kModel), settings.config.model, default_folder("models/default"));
  settings.encoder_dir =
      first_of(raw.of(Setting::kEncoderDir), settings.config.encoder_dir, default_folder("models/encoder"));
  auto arithmetic =
      read_encoder_mode(first_of(raw.of(Setting::kEncoderMode), settings.config.encoder_mode, "exact"));
  if (!arithmetic) return std::move(arithmetic).error();
  settings.arithmetic = *arithmetic;
  settings.threads = settings.config.threads > 0 ? settings.config.threads : usable_cpus();
  if (const std::string& text = raw.of(Setting::kThreads); !text.empty()) {
    auto threads = read_threads(text);
    if (!threads) return std::move(threads).error();
    settings.threads = *threads;
  }
  const std::string mode = first_of(raw.of(Setting::kLlm), settings.config.llm_mode, "auto");
  if (mode != "auto" && mode != "off")
    return Error{ErrorCode::kInvalidArgument, "--llm must be auto or off, not \"" + mode + "\""}.with_help(
        "auto asks where there is a key or an endpoint, off never");
  settings.uses_llm = mode == "auto";
  auto wait = read_wait(first_of(raw.of(Setting::kLlmWait), settings.config.llm_wait, "all"));
  if (!wait) return std::move(wait).error();
  settings.llm_wait = *wait;
  settings.state_dir = first_of(raw.of(Setting::kState), settings.config.state_dir, default_state_dir());
  LlmOptions& llm = settings.config.llm;
  llm.base_url = first_of(raw.of(Setting::kLlmBaseUrl), llm.base_url, "");
  if (auto models = split_commas(raw.of(Setting::kLlmModels)); !models.empty())
    llm.models = std::move(models);
  settings.config.llm_key_file = first_of(raw.of(Setting::kLlmKeyFile), settings.config.llm_key_file, "");
  return settings;
}

Result<void> check_state_dir(const Settings& settings) {
  std::error_code absent;
  if (fs::is_directory(settings.state_dir, absent)) return ok();
  return Error{ErrorCode::kNotFound, "there is no state folder " + settings.state_dir}.with_help(
      "--state names the folder that classify or watch was given; nothing was kept yet if it is the default");
}

}  // namespace logsieve
