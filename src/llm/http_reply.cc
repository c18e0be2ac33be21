#include "llm/http_reply.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "base/utf8.h"
#include "llm/ascii.h"
#include "llm/untrusted_json.h"

namespace logsieve {
namespace {

constexpr std::size_t kQuotedBytes = 200;
constexpr std::size_t kScannedBytes = 4096;

bool contains_any(const std::string& text, std::initializer_list<std::string_view> words) {
  return std::any_of(words.begin(), words.end(),
                     [&](std::string_view word) { return text.find(word) != std::string::npos; });
}

struct ServerError {
  std::string code;  // "model_not_found", "NotFoundError"
  std::string message;
};

// {"error": {"message", "code", "type"}} of OpenAI, Groq, Ollama and llama.cpp; {"error": "text"} of others;
// vLLM before 0.10 has the members at the top; FastAPI servers say {"detail": ...}.
ServerError server_error(std::string_view body) {
  const auto json = parse_untrusted_json(body);
  if (!json || !json->is_object()) return {"", std::string(body.substr(0, kScannedBytes))};
  if (const auto text = string_member(*json, "error")) return {"", std::string(*text)};
  const auto nested = json->find("error");
  const nlohmann::json& error = nested != json->end() && nested->is_object() ? *nested : *json;
  ServerError found;
  for (const char* key : {"code", "type"}) {
    if (const auto text = string_member(error, key); text && found.code.empty()) found.code = *text;
  }
  if (const auto text = string_member(error, "message")) found.message = *text;
  if (const auto detail = json->find("detail"); found.message.empty() && detail != json->end()) {
    found.message = detail->dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  }
  found.message.resize(std::min(found.message.size(), kScannedBytes));
  return found;
}

// "application/json; charset=utf-8" and the like; none at all is taken on trust, the body is checked anyway.
bool is_json_type(std::string_view content_type) {
  std::string type = to_lower_ascii(content_type.substr(0, content_type.find(';')));
  while (!type.empty() && (type.back() == ' ' || type.back() == '\t')) type.pop_back();
  return type.empty() || type == "application/json" || type == "text/json" || type.ends_with("+json");
}

bool is_retried_status(int status) {
  return status == 408 || status == 409 || status == 429 || status == 498 || status == 499 ||
         (status >= 500 && status <= 599);
}

bool is_model_gone(int status, const ServerError& error) {
  if (status != 400 && status != 404) return false;
  if (contains_any(error.code, {"model_not_found", "model_decommissioned"})) return true;
  // Ollama and vLLM have no such code: "model "x" not found, try pulling it first", "The model `x` does not exist."
  const std::string message = to_lower_ascii(error.message);
  return status == 404 && contains_any(message, {"model"}) &&
         contains_any(message, {"not found", "does not exist", "decommissioned"});
}

bool is_style_refused(int status, const ServerError& error) {
  constexpr std::array<int, 4> kStatuses = {400, 422, 500, 501};
  if (std::find(kStatuses.begin(), kStatuses.end(), status) == kStatuses.end()) return false;
  return contains_any(to_lower_ascii(error.message),
                      {"response_format", "response format", "json_schema", "json schema", "json_object",
                       "structured output", "grammar"});
}

bool is_request_too_large(int status, const ServerError& error) {
  if (status == 413) return true;
  return status == 400 &&
         (error.code == "context_length_exceeded" ||
          contains_any(to_lower_ascii(error.message), {"context length", "context size", "context window"}));
}

RequestParameter parameter_in(int status, const ServerError& error) {
  if (status != 400 && status != 422) return RequestParameter::kNone;
  const std::string message = to_lower_ascii(error.message);
  const bool is_complaint = contains_any(error.code, {"unsupported"}) ||
                            contains_any(message, {"unsupported", "not support", "unrecognized", "unknown",
                                                   "extra", "not permitted", "not allowed"});
  if (!is_complaint) return RequestParameter::kNone;
  if (contains_any(message, {"reasoning_effort", "reasoning effort"}))
    return RequestParameter::kReasoningEffort;
  if (contains_any(message, {"temperature"})) return RequestParameter::kTemperature;
  if (contains_any(message, {"max_tokens", "max_completion_tokens"})) return RequestParameter::kTokenLimit;
  return RequestParameter::kNone;
}

ReplyClass classify_fault(HttpFault fault) {
  switch (fault) {
    case HttpFault::kTls:
    case HttpFault::kAddressRefused:
    case HttpFault::kTooLarge:
      return ReplyClass::kPermanent;
    default:
      return ReplyClass::kRetry;
  }
}

std::string_view fault_name(HttpFault fault) {
  switch (fault) {
    case HttpFault::kNone:
      return "no fault";
    case HttpFault::kTimedOut:
      return "no reply in time";
    case HttpFault::kResolve:
      return "the host name could not be resolved";
    case HttpFault::kConnect:
      return "no connection";
    case HttpFault::kTls:
      return "the server's certificate is not trusted";
    case HttpFault::kAddressRefused:
      return "the host is at a private or link-local address, which is refused; where a private one is "
             "meant, set "
             "allow_private_addresses: true";
    case HttpFault::kTooLarge:
      return "the reply is larger than allowed";
    case HttpFault::kBroken:
      return "the connection broke";
  }
  return "unknown fault";
}

std::string excerpt(std::string_view text) {
  std::string line = printable(text.substr(0, kQuotedBytes));
  return text.size() > kQuotedBytes ? line + "..." : line;
}

std::string describe_status(const HttpReply& reply) {
  std::string text = "HTTP " + std::to_string(reply.status);
  if (reply.status >= 300 && reply.status < 400) return text + ": redirects are not followed";
  if (reply.status < 300) return text + " of type \"" + excerpt(reply.content_type) + "\", not JSON";
  const ServerError error = server_error(reply.body);
  if (error.code.empty() && error.message.empty()) return text;
  const char* between = error.code.empty() || error.message.empty() ? "" : ": ";
  return text + " (" + excerpt(error.code) + between + excerpt(error.message) + ")";
}

}  // namespace

ReplyClass classify_reply(const HttpReply& reply) {
  const int status = reply.status;
  // An error status counts even if its body did not arrive whole.
  if (reply.fault != HttpFault::kNone && status < 300) return classify_fault(reply.fault);
  if (status >= 200 && status < 300)
    return is_json_type(reply.content_type) ? ReplyClass::kOk : ReplyClass::kRetry;
  if (status == 401 || status == 403) return ReplyClass::kKeyRefused;
  const ServerError error = server_error(reply.body);
  if (is_model_gone(status, error)) return ReplyClass::kModelGone;
  if (error.code == "json_validate_failed" && status == 400) return ReplyClass::kBadGeneration;
  if (is_request_too_large(status, error)) return ReplyClass::kRequestTooLarge;
  if (is_style_refused(status, error)) return ReplyClass::kStyleRefused;
  if (parameter_in(status, error) != RequestParameter::kNone) return ReplyClass::kParameterRefused;
  if (status == 422) return ReplyClass::kUnprocessable;
  return is_retried_status(status) ? ReplyClass::kRetry : ReplyClass::kPermanent;
}

RequestParameter refused_parameter(const HttpReply& reply) {
  return parameter_in(reply.status, server_error(reply.body));
}

std::string describe_reply(const HttpReply& reply) {
  if (reply.fault == HttpFault::kNone || reply.status >= 300) return describe_status(reply);
  std::string text(fault_name(reply.fault));
  return reply.detail.empty() ? text : text + " (" + excerpt(reply.detail) + ")";
}

}  // namespace logsieve
