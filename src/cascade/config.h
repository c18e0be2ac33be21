// logsieve.yaml: routes by source, the LLM endpoint, second opinions. Format: docs/configuration.md.
#ifndef LOGSIEVE_CASCADE_CONFIG_H_
#define LOGSIEVE_CASCADE_CONFIG_H_

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "anomaly/alert_options.h"
#include "anomaly/detector.h"
#include "base/result.h"
#include "llm/llm_client.h"
#include "record/verdict.h"

namespace logsieve {

enum class Disagreement : std::uint8_t { kAbstain, kLlm };

struct Config {
  // Empty or 0: not said here.
  std::string model;  // folder of the bundle
  std::string encoder_dir;
  std::string encoder_mode;
  std::size_t threads = 0;
  std::string llm_mode;  // auto, off
  std::string state_dir;
  // Tiers of a source, in order (rule, model, llm); a source that is not here goes through all three.
  std::map<std::string, std::vector<Tier>, std::less<>> routes;
  LlmOptions llm;
  std::string llm_key_file;
  bool llm_agreement = true;  // doubtful answers are asked for again (llm/agreement.h)
  std::string llm_wait;       // none, budget, all
  DetectorOptions detector;
  AlertOptions alerts;
  // Second opinions: a model verdict below `complement_below` is asked of the LLM too. Agreement stands;
  // disagreement abstains or takes the LLM's answer.
  bool complement = false;
  float complement_below = 0.9F;
  Disagreement on_disagreement = Disagreement::kAbstain;
};

// Errors: kNotFound, kBadConfig (all that is wrong with the file at once, with line and column).
Result<Config> load_config(const std::filesystem::path& file);
Result<Config> parse_config(std::string_view yaml, const std::string& file_name);

}  // namespace logsieve

#endif  // LOGSIEVE_CASCADE_CONFIG_H_
