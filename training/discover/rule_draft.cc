#include "training/discover/rule_draft.h"

#include <fmt/format.h>
#include <unordered_map>
#include <utility>

#include "base/utf8.h"
#include "encoder/sentence_encoder.h"
#include "mask/masker.h"
#include "training/discover/unlabelled_lines.h"

namespace logsieve {
namespace {

std::string nearest_label(const KnownForms& known, std::span<const float> vector) {
  if (known.prototypes == nullptr || known.prototypes->size() == 0) return "";
  const Neighbour nearest = known.prototypes->nearest(vector, 1).front();
  return fmt::format("; nearest known label: {} ({:.2f})", known.labels->name(nearest.label),
                     nearest.similarity);
}

}  // namespace

Result<RuleDraft> draft_rules(const LabelledData& data, std::span<const float> vectors,
                              const KnownForms& known, const DraftOptions& options) {
  auto discovery = discover_rules(data, vectors, kDim, {options.min_messages, options.threads});
  if (!discovery) return std::move(discovery).error();
  std::unordered_map<std::string_view, std::size_t> form_index;
  for (std::size_t i = 0; i < data.forms.size(); ++i) form_index.emplace(data.forms[i].text, i);
  RuleDraft draft;
  draft.yaml = fmt::format(
      "# {} kinds of lines that decide {} of {}, biggest first. Fill in the labels that you know, then\n"
      "#   {}\n"
      "# says what is to mend and writes the book: rules without a label are left out, the others "
      "proved.\nrules:\n",
      discovery->rules.size(), discovery->covered_lines, discovery->lines, options.next_step);
  std::string form;
  for (Rule& rule : discovery->rules) {
    const RuleCertificate certificate = *std::exchange(rule.certificate, std::nullopt);
    mask(rule.match.front(), form);
    const auto vector = vectors.subspan(form_index.at(form) * kDim, kDim);
    rule.label.clear();
    const std::string without = std::string(kUnlabelled) + '-';
    if (rule.name.starts_with(without)) rule.name.erase(0, without.size());
    draft.yaml +=
        fmt::format("  # {} lines, {} distinct, {} forms{}\n", certificate.lines, certificate.messages,
                    certificate.forms, printable(nearest_label(known, vector)));
    const std::string book = rules_to_yaml(std::span<const Rule>(&rule, 1));
    draft.yaml += book.substr(book.find('\n') + 1);
  }
  if (discovery->rules.empty()) draft.yaml = "rules: []\n";
  draft.discovery = std::move(*discovery);
  return draft;
}

}  // namespace logsieve
