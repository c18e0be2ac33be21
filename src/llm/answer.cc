#include "llm/answer.h"

#include <utility>

#include "base/utf8.h"
#include "llm/ascii.h"
#include "llm/untrusted_json.h"

namespace logsieve {
namespace {

using nlohmann::json;

constexpr std::size_t kQuotedBytes = 60;

// "```json\n{...}\n```" without its fence; anything else as it is.
std::string_view unfenced(std::string_view text) {
  constexpr std::string_view kFence = "```";
  text = trim_space(text);
  if (!text.starts_with(kFence) || !text.ends_with(kFence)) return text;
  const std::size_t line_end = text.find('\n');
  if (line_end == std::string_view::npos || line_end + kFence.size() >= text.size()) return text;
  return trim_space(text.substr(line_end, text.size() - line_end - kFence.size()));
}

ParsedAnswer invalid(std::string problem) {
  return {AnswerKind::kInvalid, kNoLabel, std::move(problem)};
}
ParsedAnswer malformed(std::string problem) {
  return {AnswerKind::kMalformed, kNoLabel, std::move(problem)};
}

// nullptr if the reply is not a chat completion.
const json* first_choice(const json& reply) {
  if (!reply.is_object()) return nullptr;
  const auto choices = reply.find("choices");
  if (choices == reply.end() || !choices->is_array() || choices->empty()) return nullptr;
  const json& choice = choices->front();
  if (!choice.is_object()) return nullptr;
  const auto message = choice.find("message");
  return message != choice.end() && message->is_object() ? &choice : nullptr;
}

ParsedAnswer parse_content(std::string_view content, const LabelSet& labels) {
  const auto object = parse_untrusted_json(unfenced(content));
  if (!object) return invalid("the answer is not JSON, names a key twice or is too deep");
  const auto label = string_member(*object, "label");
  if (!label) return invalid("the answer has no label");
  if (*label == kUnclassified || trim_space(*label) == kUnclassified)
    return {AnswerKind::kNoneFits, kNoLabel};
  LabelId id = labels.find(*label);
  if (id == kNoLabel) id = labels.find(trim_space(*label));
  if (id == kNoLabel)
    return invalid("\"" + printable(label->substr(0, kQuotedBytes)) + "\" is not one of the labels");
  return {AnswerKind::kLabel, id};
}

}  // namespace

ParsedAnswer parse_answer(std::string_view body, const LabelSet& labels) {
  const auto reply = parse_untrusted_json(body);
  if (!reply) return malformed("the reply is not JSON, names a key twice or is too deep");
  const json* choice = first_choice(*reply);
  if (choice == nullptr) return malformed("the reply is not a chat completion");
  if (string_member(*choice, "finish_reason") == "length") {
    return {AnswerKind::kCut, kNoLabel, "the answer was cut short"};
  }
  const json& message = choice->at("message");
  if (string_member(message, "refusal")) return invalid("the model refused to answer");
  const auto content = string_member(message, "content");
  if (!content || trim_space(*content).empty()) return invalid("the answer is empty");
  return parse_content(*content, labels);
}

}  // namespace logsieve
