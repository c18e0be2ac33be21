// Replies of a hostile endpoint: as a whole body, as the content of a completion, as an error.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "base/utf8.h"
#include "llm/answer.h"
#include "llm/http_reply.h"

namespace {

using namespace logsieve;

void must(bool is_right) {
  if (!is_right) std::abort();
}

void check_answers(const std::string& body, const LabelSet& labels) {
  static const std::vector<std::string> one = {"k7f2"};
  static const std::vector<std::string> three = {"a111", "b222", "c333"};
  for (const auto& ids : {one, three}) {
    const ParsedReply reply = parse_reply(body, ids, labels);
    must(reply.items.size() == (reply.kind == ReplyKind::kAnswers ? ids.size() : 0));
    for (const ItemAnswer& item : reply.items) {
      const bool has_label = item.label != kNoLabel;
      must(has_label == (item.kind == AnswerKind::kLabel));
      must(!has_label || (item.label >= 0 && static_cast<std::size_t>(item.label) < labels.size()));
      // What counts as a label stands in the reply letter by letter, or escaped.
      must(!has_label || body.find(labels.name(item.label)) != std::string::npos ||
           body.find('\\') != std::string::npos);
    }
    if (reply.usage) must(reply.usage->cached <= reply.usage->input);
  }
}

void check_reply(const std::string& text, int status) {
  HttpReply reply;
  reply.status = status;
  reply.body = text;
  reply.content_type = text.substr(0, 40);
  const std::string description = describe_reply(reply);
  must(description.find('\x1b') == std::string::npos && description.find('\n') == std::string::npos);
  must(description.size() < 4'000);
  if (classify_reply(reply) == ReplyClass::kOk) must(status >= 200 && status < 300);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const LabelSet labels({"Error", "Security Alert", "User Action"});
  constexpr int kStatuses[] = {200, 302, 400, 401, 404, 422, 429, 500};
  const std::string text(reinterpret_cast<const char*>(data), size);
  check_answers(text, labels);
  const nlohmann::json completion = {
      {"choices", nlohmann::json::array({{{"message", {{"content", to_valid_utf8(text)}}}}})}};
  check_answers(completion.dump(), labels);
  check_reply(text, kStatuses[size % std::size(kStatuses)]);
  return 0;
}
