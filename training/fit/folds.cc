#include "training/fit/folds.h"

#include <algorithm>
#include <array>
#include <map>
#include <string>
#include <utility>

#include "base/random.h"

namespace logsieve {
namespace {

constexpr std::array<std::string_view, 3> kProtocolNames = {"form", "line", "source"};

// How full a fold is: items of the label at hand, then lines of all labels dealt so far.
struct Load {
  std::size_t of_label = 0;
  std::size_t lines = 0;
};

std::vector<std::size_t> folds_by_line(const LabelledData& data, std::size_t folds, std::uint64_t seed) {
  std::vector<LabelId> labels;
  for (const LabelledLine& line : data.lines) labels.push_back(line.label);
  const std::vector<std::size_t> ones(labels.size(), 1);
  return form_folds(labels, ones, folds, seed);
}

std::vector<std::size_t> folds_by_source(const LabelledData& data) {
  std::map<std::string_view, std::size_t> fold_of;
  for (const LabelledLine& line : data.lines) fold_of.try_emplace(line.source, 0);
  std::size_t next = 0;
  for (auto& [source, fold] : fold_of) fold = next++;
  std::vector<std::size_t> out;
  for (const LabelledLine& line : data.lines) out.push_back(fold_of[line.source]);
  return out;
}

}  // namespace

std::string_view protocol_name(Protocol protocol) {
  return kProtocolNames[static_cast<std::size_t>(protocol)];
}

std::optional<Protocol> protocol_from(std::string_view name) {
  const auto found = std::find(kProtocolNames.begin(), kProtocolNames.end(), name);
  if (found == kProtocolNames.end()) return std::nullopt;
  return static_cast<Protocol>(found - kProtocolNames.begin());
}

std::vector<std::size_t> form_folds(std::span<const LabelId> labels, std::span<const std::size_t> lines,
                                    std::size_t folds, std::uint64_t seed) {
  const std::size_t count = std::clamp<std::size_t>(folds, 1, std::max<std::size_t>(labels.size(), 1));
  Random random(seed);
  std::map<LabelId, std::vector<std::size_t>> forms_of;
  for (std::size_t i = 0; i < labels.size(); ++i) forms_of[labels[i]].push_back(i);
  std::vector<std::size_t> fold_of(labels.size());
  std::vector<Load> loads(count);
  for (auto& [label, forms] : forms_of) {
    random.shuffle(forms);
    std::stable_sort(forms.begin(), forms.end(),
                     [&](std::size_t a, std::size_t b) { return lines[a] > lines[b]; });
    for (Load& load : loads) load.of_label = 0;
    for (const std::size_t form : forms) {
      // A random place to start from, so that equals do not always go to the first fold.
      const std::size_t start = random.below(count);
      std::size_t best = start;
      for (std::size_t step = 1; step < count; ++step) {
        const std::size_t fold = (start + step) % count;
        const auto key = std::pair(loads[fold].of_label, loads[fold].lines);
        if (key < std::pair(loads[best].of_label, loads[best].lines)) best = fold;
      }
      fold_of[form] = best;
      ++loads[best].of_label;
      loads[best].lines += lines[form];
    }
  }
  return fold_of;
}

std::vector<std::size_t> line_folds(const LabelledData& data, Protocol protocol, std::size_t folds,
                                    std::uint64_t seed) {
  if (protocol == Protocol::kSource) return folds_by_source(data);
  if (protocol == Protocol::kLine) return folds_by_line(data, folds, seed);
  std::vector<LabelId> labels;
  std::vector<std::size_t> lines;
  for (const LabelledForm& form : data.forms) {
    labels.push_back(form.label);
    lines.push_back(form.lines);
  }
  const std::vector<std::size_t> of_form = form_folds(labels, lines, folds, seed);
  std::vector<std::size_t> out;
  for (const LabelledLine& line : data.lines) out.push_back(of_form[line.form]);
  return out;
}

}  // namespace logsieve
