// Replies of a hostile endpoint: as a whole body, as the content of a completion, as an error, as headers.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <string>

#include "base/utf8.h"
#include "llm/answer.h"
#include "llm/http_reply.h"
#include "llm/retry_wait.h"

namespace {

using namespace logsieve;

void must(bool is_right) {
  if (!is_right) std::abort();
}

void check_answer(const ParsedAnswer& answer, const LabelSet& labels) {
  const bool has_label = answer.label != kNoLabel;
  must(has_label == (answer.kind == AnswerKind::kLabel));
  must(!has_label || (answer.label >= 0 && static_cast<std::size_t>(answer.label) < labels.size()));
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

void check_wait(const std::string& text) {
  for (const auto& wait : {parse_retry_after(text, "", 1'700'000'000), parse_retry_after("", text, 0)}) {
    must(!wait || (wait->count() >= 0 && *wait <= kMaxRetryAfter));
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const LabelSet labels({"Error", "Security Alert", "User Action"});
  constexpr int kStatuses[] = {200, 302, 400, 401, 404, 422, 429, 500};
  const std::string text(reinterpret_cast<const char*>(data), size);
  check_answer(parse_answer(text, labels), labels);
  const nlohmann::json completion = {
      {"choices", nlohmann::json::array({{{"message", {{"content", to_valid_utf8(text)}}}}})}};
  check_answer(parse_answer(completion.dump(), labels), labels);
  check_reply(text, kStatuses[size % std::size(kStatuses)]);
  check_wait(text);
  return 0;
}
