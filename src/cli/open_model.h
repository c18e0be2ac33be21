// Opens what the commands work with, as the settings say.
#ifndef LOGSIEVE_CLI_OPEN_MODEL_H_
#define LOGSIEVE_CLI_OPEN_MODEL_H_

#include <memory>

#include "base/result.h"
#include "cascade/cascade.h"
#include "cascade/llm_stage.h"
#include "cli/settings.h"
#include "encoder/sentence_encoder.h"

namespace logsieve {

Result<SentenceEncoder> open_encoder(const Settings& settings);

// What people and the LLM said of forms (logsieve review).
std::string review_file(const Settings& settings);

// File of answers, ledger and deferred records.
std::string llm_state_file(const Settings& settings);

// The LLM, or null: off, or no key for a remote endpoint, or the store of answers cannot be opened (without it no
// budget holds); then one line on stderr says so. Errors: kBadConfig (a URL or key file that must not be used).
Result<std::unique_ptr<LlmStage>> open_llm(const Settings& settings, const LabelSet& labels);

struct OpenedModel {
  Cascade cascade;
  std::unique_ptr<LlmStage> llm;  // null: none
};

// Bundle and encoder are read side by side. `with_llm` false: never one, and nothing is said of it.
Result<OpenedModel> open_model(const Settings& settings, bool with_llm);

}  // namespace logsieve

#endif  // LOGSIEVE_CLI_OPEN_MODEL_H_
