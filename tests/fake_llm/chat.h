// The words of the chat-completions protocol for the fake server: replies to send, requests to look into.
#ifndef LOGSIEVE_TESTS_FAKE_LLM_CHAT_H_
#define LOGSIEVE_TESTS_FAKE_LLM_CHAT_H_

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "tests/fake_llm/fake_llm_server.h"

namespace logsieve::fake {

// A chat completion whose message has this content.
std::string completion_body(std::string_view content, std::string_view finish_reason = "stop");
Behaviour chat_reply(std::string_view content, std::string_view finish_reason = "stop");
// ... with {"label": LABEL} as content, which is enough where one form is asked about.
Behaviour label_reply(std::string_view label);

// {"error": {"message", "type", "code"}} under an HTTP status.
Behaviour error_reply(int status, std::string_view message, std::string_view code = "");

// `size` zero bytes, compressed with gzip at some 1000 : 1.
std::string gzip_of_zeros(std::size_t size);

// What a request asks about. Empty where the body is not one of logsieve's.
struct AskedLine {
  std::string id;
  std::string form;
};
struct AskedLines {
  std::string nonce;
  std::vector<AskedLine> lines;
};
AskedLines asked_lines(const std::string& request_body);

// The labels of the labelled forms that a request shows as examples, by form.
std::unordered_map<std::string, std::string> shown_labels(const std::string& request_body);

using Answers = std::vector<std::pair<std::string, std::string>>;  // id, label
// A chat completion with {"answers": [{"id", "label"}, ...]} as content.
Behaviour answers_reply(const Answers& answers);
// The label that `label_of` gives to each form that the request asks about.
Behaviour answer_each(const ReceivedRequest& request,
                      const std::function<std::string(const std::string& form)>& label_of);
Behaviour answer_all(const ReceivedRequest& request, const std::string& label);

}  // namespace logsieve::fake

#endif  // LOGSIEVE_TESTS_FAKE_LLM_CHAT_H_
