#include "cli/open_model.h"

#include <future>
#include <utility>

#include "bundle/bundle.h"
#include "cli/console.h"

namespace logsieve {

Result<SentenceEncoder> open_encoder(const Settings& settings, Arithmetic arithmetic) {
  auto encoder = SentenceEncoder::load(settings.encoder_dir, arithmetic);
  if (encoder || encoder.error().code != ErrorCode::kNotFound) return encoder;
  encoder.error().code = ErrorCode::kBadConfig;
  return std::move(encoder).error().with_help(
      "fetch the encoder (./dev deps), or name a folder that has it by LOGSIEVE_ENCODER_DIR");
}

Result<std::unique_ptr<LlmStage>> open_llm(const Settings& settings, const LabelSet& labels) {
  std::unique_ptr<LlmStage> none;
  if (!settings.uses_llm) return none;
  std::string warning;
  auto key = find_api_key(settings.config.llm_key_file, warning);
  if (!warning.empty()) note(warning);
  if (!key) return std::move(key).error();
  LlmOptions options = settings.config.llm;
  options.api_key = std::move(*key);
  if (options.api_key.empty() && options.base_url == LlmOptions().base_url) {
    note(
        "no LLM: set GROQ_API_KEY or LOGSIEVE_LLM_API_KEY; rare labels go to the nearest labelled line "
        "meanwhile");
    return none;
  }
  auto client = LlmClient::create(std::move(options), labels);
  if (!client) return std::move(client).error();
  return std::make_unique<LlmStage>(std::move(*client));
}

Result<OpenedModel> open_model(const Settings& settings, bool with_llm) {
  auto encoder = std::async(std::launch::async, [&] { return open_encoder(settings); });
  auto bundle = load_bundle(settings.model);
  auto loaded_encoder = encoder.get();
  // A model that is not where the settings say is a matter of settings: exit 78.
  if (!bundle && bundle.error().code == ErrorCode::kNotFound) bundle.error().code = ErrorCode::kBadConfig;
  if (!bundle) return std::move(bundle).error();
  if (!loaded_encoder) return std::move(loaded_encoder).error();
  std::unique_ptr<LlmStage> llm;
  if (with_llm) {
    auto opened = open_llm(settings, bundle->labels);
    if (!opened) return std::move(opened).error();
    llm = std::move(*opened);
  }
  CascadeOptions options;
  options.threads = settings.threads;
  options.routes = settings.config.routes;
  options.opinions = {llm != nullptr, settings.config.complement, settings.config.complement_below};
  options.on_disagreement = settings.config.on_disagreement;
  auto cascade = Cascade::open(std::move(*bundle), std::move(*loaded_encoder), std::move(options));
  if (!cascade) return std::move(cascade).error();
  return OpenedModel{std::move(*cascade), std::move(llm)};
}

}  // namespace logsieve
