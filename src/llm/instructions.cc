#include "llm/instructions.h"

#include <algorithm>
#include <array>
#include <span>
#include <string>

#include "llm/ascii.h"

namespace logsieve {
namespace {

using Words = std::span<const std::string_view>;

// Parts of words, in lower case; UTF-8 as it is.
constexpr auto kMarkup = std::to_array<std::string_view>(
    {"<|im_", "[inst]", "<<sys>>", "<|system", "<|user", "<|assistant", "<<<log", "log>>>", "\"answers\"",
     "### instruction", "</instruction", "<instruction"});
constexpr auto kAboutLabels = std::to_array<std::string_view>(
    {"label", "classif", "categor", "etikett", "etiqueta", "étiquette", "标记", "标签", "метк"});
constexpr auto kOrders = std::to_array<std::string_view>(
    {"instruction", "assistant", "prompt",     "pretend", "ignore",         "disregard",   "forget",
     "override",    "answer",    "respond",    "reply",   "output exactly", "from now on", "you are",
     "you must",    "your last", "do not use", "system:", "choose",         "counts as",   "use it",
     "say ",        "says ",     "belongs to", "expert",  "by policy",      "anweisung",   "vergiss",
     "consigne",    "réponds",   "ignorez",    "olvida",  "responde",       "忽略",        "指示",
     "забудь",      "ответь",    "инструкц"});
constexpr auto kTargets = std::to_array<std::string_view>(
    {"this line", "every line", "each line", "next line", "line before", "previous line", "all lines",
     "the batch", "the ids", "this message", "this log", "all of them", "every item", "next item",
     "the items", "the others", "other lines"});

bool holds_any(std::string_view text, Words words) {
  return std::any_of(words.begin(), words.end(),
                     [text](std::string_view word) { return text.find(word) != std::string_view::npos; });
}

// A label of one word may be any word of a log; in its own case and between quotes or marks it is a hint.
bool names_label(std::string_view form, std::string_view lower, std::string_view label) {
  if (label.find(' ') != std::string_view::npos)
    return lower.find(to_lower_ascii(label)) != std::string_view::npos;
  for (std::size_t at = form.find(label); at != std::string_view::npos; at = form.find(label, at + 1)) {
    const bool begins = at == 0 || !is_ascii_letter(form[at - 1]);
    const std::size_t end = at + label.size();
    if (begins && (end == form.size() || !is_ascii_letter(form[end]))) return true;
  }
  return false;
}

bool names_any_label(std::string_view form, std::string_view lower, const LabelSet& labels) {
  const auto is_named = [&](const std::string& label) {
    return !label.empty() && names_label(form, lower, label);
  };
  return std::any_of(labels.names().begin(), labels.names().end(), is_named) ||
         lower.find("unclassified") != std::string_view::npos;
}

}  // namespace

bool speaks_to_model(std::string_view form, const LabelSet& labels) {
  const std::string lower = to_lower_ascii(form);
  if (holds_any(lower, kMarkup)) return true;
  const bool is_about_labels = holds_any(lower, kAboutLabels);
  const bool has_target = holds_any(lower, kTargets);
  const bool has_order = holds_any(lower, kOrders);
  if (names_any_label(form, lower, labels) && (is_about_labels || has_target || has_order)) return true;
  return has_order && is_about_labels && has_target;
}

}  // namespace logsieve
