#include "tests/fake_llm/chat.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <vector>
#include <zlib.h>

namespace logsieve::fake {

using nlohmann::json;

std::string completion_body(std::string_view content, std::string_view finish_reason) {
  const json body = {{"id", "chatcmpl-fake"},
                     {"object", "chat.completion"},
                     {"created", 1'700'000'000},
                     {"model", "fake"},
                     {"choices",
                      {{{"index", 0},
                        {"message", {{"role", "assistant"}, {"content", content}}},
                        {"logprobs", nullptr},
                        {"finish_reason", finish_reason}}}},
                     {"usage", {{"prompt_tokens", 300}, {"completion_tokens", 10}, {"total_tokens", 310}}}};
  return body.dump();
}

Behaviour chat_reply(std::string_view content, std::string_view finish_reason) {
  Behaviour behaviour;
  behaviour.body = completion_body(content, finish_reason);
  return behaviour;
}

Behaviour label_reply(std::string_view label) {
  return chat_reply(json{{"label", label}}.dump());
}

Behaviour error_reply(int status, std::string_view message, std::string_view code) {
  json error = {{"message", message}, {"type", "invalid_request_error"}};
  if (!code.empty()) error["code"] = code;
  Behaviour behaviour;
  behaviour.status = status;
  behaviour.body = json{{"error", error}}.dump();
  return behaviour;
}

std::string gzip_of_zeros(std::size_t size) {
  constexpr int kGzipWindow = 15 + 16;
  z_stream stream{};
  if (deflateInit2(&stream, 9, Z_DEFLATED, kGzipWindow, 8, Z_DEFAULT_STRATEGY) != Z_OK) {
    throw std::runtime_error("zlib cannot start");
  }
  std::vector<unsigned char> zeros(1 << 16U);
  std::vector<unsigned char> chunk(1 << 16U);
  std::string out;
  for (std::size_t left = size; left > 0 || stream.avail_out == 0;) {
    const std::size_t take = left < zeros.size() ? left : zeros.size();
    left -= take;
    stream.next_in = zeros.data();
    stream.avail_in = static_cast<uInt>(take);
    do {
      stream.next_out = chunk.data();
      stream.avail_out = static_cast<uInt>(chunk.size());
      deflate(&stream, left == 0 ? Z_FINISH : Z_NO_FLUSH);
      out.append(reinterpret_cast<const char*>(chunk.data()), chunk.size() - stream.avail_out);
    } while (stream.avail_out == 0);
  }
  deflateEnd(&stream);
  return out;
}

AskedLines asked_lines(const std::string& request_body) {
  constexpr std::string_view kOpen = "<<<LOG ";
  const json request = json::parse(request_body, nullptr, false);
  if (!request.is_object() || !request.contains("messages") || request["messages"].empty()) return {};
  const std::string text = request["messages"].back().value("content", "");
  const std::size_t open = text.find(kOpen);
  std::size_t begin = text.find('\n', open);
  if (open == std::string::npos || begin == std::string::npos) return {};
  AskedLines asked{text.substr(open + kOpen.size(), begin - open - kOpen.size()), {}};
  const std::size_t end = text.find("\nLOG " + asked.nonce + ">>>", begin);
  while (begin < end) {
    const std::size_t next = text.find('\n', begin + 1);
    const json line = json::parse(text.substr(begin + 1, next - begin - 1), nullptr, false);
    if (line.is_object()) asked.lines.push_back({line.value("id", ""), line.value("form", "")});
    begin = next;
  }
  return asked;
}

// They stand before the fence, each a JSON object on a line of its own.
std::unordered_map<std::string, std::string> shown_labels(const std::string& request_body) {
  std::unordered_map<std::string, std::string> shown;
  const json request = json::parse(request_body, nullptr, false);
  if (!request.is_object() || !request.contains("messages") || request["messages"].empty()) return shown;
  const std::string text = request["messages"].back().value("content", "");
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    const json line = json::parse(text.substr(begin, end - begin), nullptr, false);
    if (line.is_object() && line.contains("label") && line.contains("form"))
      shown[line["form"]] = line["label"];
    begin = end + 1;
  }
  return shown;
}

Behaviour answers_reply(const Answers& answers) {
  json list = json::array();
  for (const auto& [id, label] : answers) list.push_back({{"id", id}, {"label", label}});
  return chat_reply(json{{"answers", std::move(list)}}.dump());
}

Behaviour answer_each(const ReceivedRequest& request,
                      const std::function<std::string(const std::string& form)>& label_of) {
  Answers answers;
  for (const AskedLine& line : asked_lines(request.body).lines)
    answers.emplace_back(line.id, label_of(line.form));
  return answers_reply(answers);
}

Behaviour answer_all(const ReceivedRequest& request, const std::string& label) {
  return answer_each(request, [&](const std::string&) { return label; });
}

}  // namespace logsieve::fake
