#include "cli/opinions.h"

#include <algorithm>
#include <vector>

namespace logsieve {
namespace {
constexpr auto kSaveEvery = std::chrono::minutes(1);
}  // namespace

void Opinions::add(std::string_view message, std::string_view form, const Verdict& before,
                   bool is_second_opinion, const LlmAnswer& answer, const LabelSet& labels) {
  auto found = forms_.find(form);
  if (found == forms_.end()) {
    if (forms_.size() >= kMostForms) return;
    ReviewedForm seen;
    seen.form = form;
    seen.llm_label = labels.name(answer.label);
    seen.model_label = labels.name(before.label);
    seen.model_confidence = before.confidence;
    seen.is_second_opinion = is_second_opinion;
    found = forms_.emplace(std::string(form), std::move(seen)).first;
  }
  ++found->second.lines;
  std::vector<std::string>& samples = found->second.samples;
  if (samples.size() < ReviewStore::kMostSamples && !message.empty() &&
      message.size() <= ReviewStore::kMostSampleBytes &&
      std::find(samples.begin(), samples.end(), message) == samples.end())
    samples.emplace_back(message);
}

Result<void> Opinions::save_if_due(const std::string& file) {
  return std::chrono::steady_clock::now() - saved_at_ < kSaveEvery ? ok() : save(file);
}

Result<void> Opinions::save(const std::string& file) {
  saved_at_ = std::chrono::steady_clock::now();
  if (forms_.empty()) return ok();
  auto store = ReviewStore::open(file);
  if (!store) return std::move(store).error();
  std::vector<ReviewedForm> forms;
  for (const auto& [form, seen] : forms_) forms.push_back(seen);
  forms_.clear();
  return store->add(forms);
}

}  // namespace logsieve
