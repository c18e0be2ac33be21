// What came back from one HTTP request, and what it means for the question that sent it.
#ifndef LOGSIEVE_LLM_HTTP_REPLY_H_
#define LOGSIEVE_LLM_HTTP_REPLY_H_

#include <cstdint>
#include <string>

#include "llm/rate_limits.h"

namespace logsieve {

enum class HttpFault : std::uint8_t {
  kNone,  // a whole reply
  kTimedOut,
  kResolve,  // no such host, or the resolver did not answer
  kConnect,
  kTls,             // the certificate is not to be trusted
  kAddressRefused,  // the host resolved to an address that policy forbids
  kTooLarge,        // past max_reply_bytes
  kBroken,          // reset, cut short, not HTTP
};

struct HttpReply {
  HttpFault fault = HttpFault::kNone;
  int status = 0;  // 0: none was read
  std::string content_type = {};
  std::string retry_after = {};
  std::string retry_after_ms = {};
  RateLimitHeaders rate_limits = {};
  std::string body = {};    // whole only where fault is kNone
  std::string detail = {};  // the library's words for the fault
};

enum class ReplyClass : std::uint8_t {
  kOk,                // 2xx with a JSON content type: read the answer
  kRetry,             // 408, 409, 429, 498, 499, 5xx, 2xx of another type, network faults
  kPermanent,         // this request will not do better: other 4xx, redirects, TLS, too large a reply
  kUnprocessable,     // 422: a changed request may do better
  kRequestTooLarge,   // 413, or more than the model's context: a smaller request may do better
  kKeyRefused,        // 401, 403
  kModelGone,         // model_not_found, model_decommissioned
  kStyleRefused,      // the server does not take this response_format
  kParameterRefused,  // ... or another member of the request: see refused_parameter
  kBadGeneration,     // Groq's json_validate_failed: the model did not keep to the format
};

ReplyClass classify_reply(const HttpReply& reply);

enum class RequestParameter : std::uint8_t { kNone, kTemperature, kReasoningEffort, kTokenLimit };
// The parameter that the server names and does not take; kTokenLimit: max_tokens or max_completion_tokens.
RequestParameter refused_parameter(const HttpReply& reply);

// One line for people: "HTTP 429 (rate_limit_exceeded: Rate limit reached ...)", "the connection broke (...)".
// Quotes the server: the caller takes the key out.
std::string describe_reply(const HttpReply& reply);

}  // namespace logsieve

#endif  // LOGSIEVE_LLM_HTTP_REPLY_H_
