#include "training/discover/labelled_messages.h"

#include <algorithm>

#include "base/hash.h"

namespace logsieve {

LabelledMessages::LabelledMessages(const LabelledData& data, const MessageSelection& selection)
    : of_form_(data.forms.size()) {
  const auto is_selected = [&](const LabelledLine& line) {
    return selection.source.empty() || line.source == selection.source;
  };
  std::vector<bool> is_held_out(data.forms.size());
  for (std::size_t form = 0; selection.holds_out && form < data.forms.size(); ++form)
    is_held_out[form] = xxh3_128(data.forms[form].text).low % 5 == 0;
  messages_.reserve(data.lines.size() + data.counterexamples.size());
  for (const LabelledLine& line : data.lines)
    if (is_selected(line))
      messages_.push_back({line.message, line.label, line.form, 1, is_held_out[line.form]});
  for (const LabelledLine& line : data.counterexamples)
    if (is_selected(line)) messages_.push_back({line.message, kNoLabel, kNoForm, 1, false});
  std::sort(messages_.begin(), messages_.end(), [](const LabelledMessage& a, const LabelledMessage& b) {
    return a.text != b.text ? a.text < b.text : a.label < b.label;
  });
  std::size_t kept = 0;
  for (std::size_t i = 0; i < messages_.size(); ++i) {
    if (kept > 0 && messages_[kept - 1].text == messages_[i].text) {
      LabelledMessage& same = messages_[kept - 1];
      ++same.lines;
      if (same.label != messages_[i].label) same.label = kNoLabel;
      if (same.form == kNoForm) same.form = messages_[i].form;
    } else {
      messages_[kept++] = messages_[i];
    }
  }
  messages_.resize(kept);
  for (std::size_t i = 0; i < messages_.size(); ++i)
    if (messages_[i].form != kNoForm) of_form_[messages_[i].form].push_back(i);
}

std::span<const LabelledMessage> LabelledMessages::with_prefix(std::string_view prefix) const {
  const auto first = std::lower_bound(
      messages_.begin(), messages_.end(), prefix,
      [](const LabelledMessage& message, std::string_view text) { return message.text < text; });
  const auto last = std::partition_point(first, messages_.end(), [&](const LabelledMessage& message) {
    return message.text.starts_with(prefix);
  });
  return {first, last};
}

}  // namespace logsieve
