#include "record/label_set.h"

#include <algorithm>
#include <utility>

namespace logsieve {

LabelSet::LabelSet(std::vector<std::string> names) : names_(std::move(names)) {
  std::sort(names_.begin(), names_.end());
  names_.erase(std::unique(names_.begin(), names_.end()), names_.end());
  std::erase_if(names_, [](const std::string& name) { return name.empty() || name == kUnclassified; });
}

std::string_view LabelSet::name(LabelId id) const {
  return id == kNoLabel ? kUnclassified : std::string_view(names_[static_cast<std::size_t>(id)]);
}

LabelId LabelSet::find(std::string_view name) const {
  const auto it = std::lower_bound(names_.begin(), names_.end(), name);
  return it != names_.end() && *it == name ? static_cast<LabelId>(it - names_.begin()) : kNoLabel;
}

}  // namespace logsieve
