#include "llm/answer.h"

#include <algorithm>
#include <map>
#include <utility>

#include "base/utf8.h"
#include "llm/ascii.h"
#include "llm/untrusted_json.h"

namespace logsieve {
namespace {

using nlohmann::json;

constexpr std::size_t kQuotedBytes = 60;
constexpr std::uint64_t kMaxTokenCount = 1'000'000'000;  // a larger number is no count of tokens

// "```json\n{...}\n```" without its fence; anything else as it is.
std::string_view unfenced(std::string_view text) {
  constexpr std::string_view kFence = "```";
  text = trim_space(text);
  if (!text.starts_with(kFence) || !text.ends_with(kFence)) return text;
  const std::size_t line_end = text.find('\n');
  if (line_end == std::string_view::npos || line_end + kFence.size() >= text.size()) return text;
  return trim_space(text.substr(line_end, text.size() - line_end - kFence.size()));
}

// nullptr if `object` is no object or has no such member.
const json* member(const json& object, const char* key) {
  if (!object.is_object()) return nullptr;
  const auto found = object.find(key);
  return found == object.end() ? nullptr : &*found;
}

// nullptr if the reply is not a chat completion.
const json* first_choice(const json& reply) {
  const json* choices = member(reply, "choices");
  if (choices == nullptr || !choices->is_array() || choices->empty()) return nullptr;
  const json& choice = choices->front();
  const json* message = member(choice, "message");
  return message != nullptr && message->is_object() ? &choice : nullptr;
}

std::optional<std::uint64_t> token_count(const json* value) {
  if (value == nullptr || !value->is_number_unsigned()) return std::nullopt;
  const auto count = value->get<std::uint64_t>();
  return count <= kMaxTokenCount ? std::optional(count) : std::nullopt;
}

std::optional<TokenCount> usage_of(const json& reply) {
  const json* usage = member(reply, "usage");
  if (usage == nullptr) return std::nullopt;
  const auto input = token_count(member(*usage, "prompt_tokens"));
  const auto output = token_count(member(*usage, "completion_tokens"));
  if (!input || !output) return std::nullopt;
  TokenCount count{*input, 0, *output};
  if (const json* details = member(*usage, "prompt_tokens_details"))
    count.cached = std::min(token_count(member(*details, "cached_tokens")).value_or(0), count.input);
  return count;
}

ItemAnswer read_label(const json& answer, const LabelSet& labels) {
  const auto label = string_member(answer, "label");
  if (!label) return {AnswerKind::kInvalid, kNoLabel, "the answer has no label"};
  if (*label == kUnclassified || trim_space(*label) == kUnclassified) return {AnswerKind::kNoneFits};
  LabelId id = labels.find(*label);
  if (id == kNoLabel) id = labels.find(trim_space(*label));
  if (id != kNoLabel) return {AnswerKind::kLabel, id};
  return {AnswerKind::kInvalid, kNoLabel,
          "\"" + printable(label->substr(0, kQuotedBytes)) + "\" is not one of the labels"};
}

class AnswerList {
 public:
  AnswerList(std::span<const std::string> ids, const LabelSet& labels, ParsedReply& reply)
      : labels_(labels), reply_(reply) {
    for (std::size_t i = 0; i < ids.size(); ++i) places_.emplace(ids[i], i);
    reply_.items.assign(ids.size(),
                        {AnswerKind::kMissing, kNoLabel, "the model gave no answer for this line"});
    seen_.assign(ids.size(), false);
  }

  void take(const json& answer) {
    const auto id = string_member(answer, "id");
    const auto place = id ? places_.find(trim_space(*id)) : places_.end();
    if (place == places_.end()) {
      ++reply_.strangers;
      return;
    }
    ItemAnswer read = read_label(answer, labels_);
    ItemAnswer& item = reply_.items[place->second];
    const bool is_repeat = seen_[place->second];
    seen_[place->second] = true;
    if (!is_repeat) {
      item = std::move(read);
    } else if (item.kind != read.kind || item.label != read.label) {
      item = {AnswerKind::kInvalid, kNoLabel, "the model gave two answers for this line"};
    }
  }

 private:
  const LabelSet& labels_;
  ParsedReply& reply_;
  std::map<std::string, std::size_t, std::less<>> places_;
  std::vector<bool> seen_;  // [ids]
};

void invalid(std::string problem, ParsedReply& reply) {
  reply.kind = ReplyKind::kInvalid;
  reply.problem = std::move(problem);
}

void read_content(std::string_view content, std::span<const std::string> ids, const LabelSet& labels,
                  ParsedReply& reply) {
  const auto value = parse_untrusted_json(unfenced(content));
  if (!value) return invalid("the answer is not JSON, names a key twice or is too deep", reply);
  const json* answers = value->is_array() ? &*value : member(*value, "answers");
  if (answers != nullptr && answers->is_array()) {
    reply.kind = ReplyKind::kAnswers;
    AnswerList list(ids, labels, reply);
    for (const json& answer : *answers) list.take(answer);
    return;
  }
  const auto id = string_member(*value, "id");
  if (ids.size() != 1 || member(*value, "label") == nullptr || (id && trim_space(*id) != ids[0]))
    return invalid("the answer is no list of answers", reply);
  reply.kind = ReplyKind::kAnswers;
  reply.items = {read_label(*value, labels)};
}

}  // namespace

ParsedReply parse_reply(std::string_view body, std::span<const std::string> ids, const LabelSet& labels) {
  ParsedReply reply;
  const auto completion = parse_untrusted_json(body);
  if (!completion) {
    reply.problem = "the reply is not JSON, names a key twice or is too deep";
    return reply;
  }
  reply.usage = usage_of(*completion);
  const json* choice = first_choice(*completion);
  if (choice == nullptr) {
    reply.problem = "the reply is not a chat completion";
    return reply;
  }
  if (string_member(*choice, "finish_reason") == "length") {
    reply.kind = ReplyKind::kCut;
    reply.problem = "the answer was cut short";
    return reply;
  }
  const json& message = choice->at("message");
  const auto content = string_member(message, "content");
  if (string_member(message, "refusal")) {
    invalid("the model refused to answer", reply);
  } else if (!content || trim_space(*content).empty()) {
    invalid("the answer is empty", reply);
  } else {
    read_content(*content, ids, labels, reply);
  }
  return reply;
}

}  // namespace logsieve
