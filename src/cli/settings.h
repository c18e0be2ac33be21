// Settings that several commands share. Each is a flag, an environment variable and a config key, from one
// table: --llm-base-url, LOGSIEVE_LLM_BASE_URL and `llm: base_url:`. The flag wins, then the environment, then
// logsieve.yaml, then the default.
#ifndef LOGSIEVE_CLI_SETTINGS_H_
#define LOGSIEVE_CLI_SETTINGS_H_

#include <CLI/CLI.hpp>
#include <array>
#include <cstddef>
#include <string>
#include <string_view>

#include "base/result.h"
#include "cascade/config.h"
#include "cascade/llm_stage.h"
#include "encoder/arithmetic.h"

namespace logsieve {

enum class Setting : std::uint8_t {
  kModel,
  kEncoderDir,
  kEncoderMode,
  kConfig,
  kThreads,
  kLlm,
  kLlmBaseUrl,
  kLlmModels,
  kLlmKeyFile,
  kLlmWait,
  kState
};

struct SettingSpec {
  Setting setting;
  std::string_view flag;
  std::string_view value;       // what stands for it in --help
  std::string_view config_key;  // empty: not in the file
  std::string_view help;        // with its default
};

inline constexpr std::array<SettingSpec, 11> kSettings = {{
    {Setting::kModel, "--model", "DIR", "model", "The model bundle [models/default]"},
    {Setting::kEncoderDir, "--encoder-dir", "DIR", "encoder_dir",
     "The folder of the encoder [models/encoder]"},
    {Setting::kEncoderMode, "--encoder-mode", "exact|fast", "encoder_mode",
     "Arithmetic of the encoder: floats, or integers of 8 bits [exact]"},
    {Setting::kConfig, "--config", "FILE", "", "The configuration [logsieve.yaml, if it is there]"},
    {Setting::kThreads, "--threads", "N", "threads", "Worker threads [the CPUs this process may use]"},
    {Setting::kLlm, "--llm", "auto|off", "llm.mode",
     "Ask the LLM what no other tier is sure of [auto: if there is a key]"},
    {Setting::kLlmBaseUrl, "--llm-base-url", "URL", "llm.base_url",
     "An OpenAI-compatible endpoint, ending in /v1 [Groq]"},
    {Setting::kLlmModels, "--llm-models", "A,B", "llm.models", "Models, tried in order"},
    {Setting::kLlmKeyFile, "--llm-key-file", "FILE", "llm.key_file", "A file that holds the API key"},
    {Setting::kLlmWait, "--llm-wait", "none|budget|all", "llm.wait",
     "Whether output waits for the LLM; what it does not wait for is deferred [all]"},
    {Setting::kState, "--state", "DIR", "state",
     "Where answers, alerts and checkpoints are kept [$XDG_STATE_HOME/logsieve]"},
}};

// LOGSIEVE_LLM_BASE_URL for --llm-base-url.
std::string environment_name(std::string_view flag);

// What was said on the command line or in the environment; empty: nothing.
struct RawSettings {
  std::array<std::string, kSettings.size()> values;
  const std::string& of(Setting setting) const { return values[static_cast<std::size_t>(setting)]; }
};

// Adds the named settings to a command.
void add_settings(CLI::App& command, RawSettings& raw, std::initializer_list<Setting> settings);

// Everything resolved.
struct Settings {
  std::string model;
  std::string encoder_dir;
  Arithmetic arithmetic = Arithmetic::kFp32;
  std::string config_file;  // empty: none was read
  std::size_t threads = 1;
  bool uses_llm = true;
  LlmWait llm_wait = LlmWait::kAll;
  std::string state_dir;  // may not be there yet
  Config config;          // with what flags and environment said put in
};

// Errors: kBadConfig, kInvalidArgument (a value that cannot be).
Result<Settings> resolve_settings(const RawSettings& raw);

// For commands that only look at the state. Errors: kNotFound: there is no such folder.
Result<void> check_state_dir(const Settings& settings);

}  // namespace logsieve

#endif  // LOGSIEVE_CLI_SETTINGS_H_
