// The words of the chat-completions protocol for the fake server: replies to send, requests to look into.
#ifndef LOGSIEVE_TESTS_FAKE_LLM_CHAT_H_
#define LOGSIEVE_TESTS_FAKE_LLM_CHAT_H_

#include <cstddef>
#include <string>
#include <string_view>

#include "tests/fake_llm/fake_llm_server.h"

namespace logsieve::fake {

// A chat completion whose message has this content.
std::string completion_body(std::string_view content, std::string_view finish_reason = "stop");
Behaviour chat_reply(std::string_view content, std::string_view finish_reason = "stop");
// ... with {"label": LABEL} as content.
Behaviour label_reply(std::string_view label);

// {"error": {"message", "type", "code"}} under an HTTP status.
Behaviour error_reply(int status, std::string_view message, std::string_view code = "");

// `size` zero bytes, compressed with gzip at some 1000 : 1.
std::string gzip_of_zeros(std::size_t size);

// What a request asks about. Empty where the body is not one of logsieve's.
struct AskedLine {
  std::string source;
  std::string form;
  std::string nonce;
};
AskedLine asked_line(const std::string& request_body);

}  // namespace logsieve::fake

#endif  // LOGSIEVE_TESTS_FAKE_LLM_CHAT_H_
