#include "training/evaluate/leaks.h"

#include <cstddef>
#include <fmt/format.h>
#include <string_view>

namespace logsieve {
namespace {

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  return out;
}

void tell_named_labels(const LabelledData& data, std::vector<std::string>& out) {
  std::vector<std::string> names;
  for (const std::string& name : data.labels.names()) names.push_back(lower(name));
  struct Uses {
    std::size_t lines = 0;
    std::size_t own = 0;     // of its lines, those that name it
    std::size_t others = 0;  // of other labels' lines
  };
  std::vector<Uses> uses(names.size());
  for (const LabelledLine& line : data.lines) {
    const std::string message = lower(line.message);
    const auto label = static_cast<std::size_t>(line.label);
    ++uses[label].lines;
    for (std::size_t i = 0; i < names.size(); ++i)
      if (message.find(names[i]) != std::string::npos) ++(i == label ? uses[i].own : uses[i].others);
  }
  for (std::size_t i = 0; i < names.size(); ++i) {
    const std::size_t others = data.lines.size() - uses[i].lines;
    if (uses[i].lines < kMinRows || uses[i].own * 10 < uses[i].lines * 9 || uses[i].others * 100 > others)
      continue;
    out.push_back(
        fmt::format("\"{}\" stands in {} of its own {} lines and in {} of {} others: is the label part "
                    "of the message?",
                    data.labels.names()[i], uses[i].own, uses[i].lines, uses[i].others, others));
  }
}

}  // namespace

std::vector<std::string> suspected_leaks(const LabelledData& data, const Evaluation& evaluation,
                                         const std::optional<ShuffledControl>& control) {
  std::vector<std::string> out;
  if (control && !control->falls_to_prior())
    out.push_back(
        fmt::format("with shuffled labels {:.1f} % of forms are still right, {:.1f} % would be by always "
                    "answering the most frequent label: the answers leak into the training",
                    100 * control->form_accuracy, 100 * control->form_prior));
  if (evaluation.seen_form_share > 0)
    out.push_back(
        fmt::format("{:.1f} % of the tested lines have a form that was in training: the scores are too good",
                    100 * evaluation.seen_form_share));
  if (evaluation.seen_form_share == 0 && evaluation.seen_family_share > 0)
    out.push_back(
        fmt::format("{:.1f} % of the tested lines have a near duplicate in training, but for a word or two "
                    "(--protocol family holds those out too)",
                    100 * evaluation.seen_family_share));
  tell_named_labels(data, out);
  return out;
}

}  // namespace logsieve
