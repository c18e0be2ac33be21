#include "cli/open_model.h"

#include <filesystem>
#include <future>
#include <utility>

#include "base/stop_signal.h"
#include "bundle/bundle.h"
#include "cli/console.h"
#include "review/review_store.h"

namespace logsieve {

Result<SentenceEncoder> open_encoder(const Settings& settings) {
  auto encoder = SentenceEncoder::load(settings.encoder_dir, settings.arithmetic);
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
  if (settings.llm_wait != LlmWait::kAll) options.patience_ms = 0;
  AgreementOptions agreement;
  agreement.is_on = settings.config.llm_agreement;
  agreement.batch_forms = options.batch_forms;
  // A configuration that is wrong is told whether the store can be opened or not.
  if (auto checked = LlmClient::create(options, labels); !checked) return std::move(checked).error();
  auto opened = AnswerStore::open(llm_state_file(settings));
  if (!opened) {
    note("no LLM: the store of its answers cannot be opened, so that no budget would hold: " +
         opened.error().message + " (" + llm_state_file(settings) + "; --state names another folder)");
    return none;
  }
  auto store = std::make_unique<AnswerStore>(std::move(*opened));
  auto client = LlmClient::create(std::move(options), labels, {store.get(), nullptr, note});
  if (!client) return std::move(client).error();
  return std::make_unique<LlmStage>(std::move(store), std::move(*client), labels, agreement,
                                    settings.llm_wait, &stop_requested());
}

std::string llm_state_file(const Settings& settings) {
  return (std::filesystem::path(settings.state_dir) / "llm.sqlite3").string();
}

std::string review_file(const Settings& settings) {
  return (std::filesystem::path(settings.state_dir) / "review.sqlite3").string();
}

// What people have decided so far; nothing where nobody has reviewed anything.
Result<std::vector<DecidedLabel>> decided_labels(const Settings& settings) {
  std::vector<DecidedLabel> labels;
  std::error_code absent;
  if (!std::filesystem::exists(review_file(settings), absent)) return labels;
  auto store = ReviewStore::open(review_file(settings));
  if (!store) return std::move(store).error();
  auto decided = store->decided();
  if (!decided) return std::move(decided).error();
  for (DecidedForm& form : *decided) labels.push_back({std::move(form.form), std::move(form.label)});
  return labels;
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
  auto decided = decided_labels(settings);
  if (!decided) return std::move(decided).error();
  CascadeOptions options;
  options.decided = std::move(*decided);
  options.threads = settings.threads;
  options.routes = settings.config.routes;
  options.opinions = {llm != nullptr, settings.config.complement, settings.config.complement_below};
  options.on_disagreement = settings.config.on_disagreement;
  options.risk_labels = settings.config.detector.risk_labels;
  auto cascade = Cascade::open(std::move(*bundle), std::move(*loaded_encoder), std::move(options));
  if (!cascade) return std::move(cascade).error();
  return OpenedModel{std::move(*cascade), std::move(llm)};
}

}  // namespace logsieve
