#include "llm/http_reply.h"

#include <gtest/gtest.h>

#include "tests/fake_llm/chat.h"

namespace logsieve {
namespace {

HttpReply reply_of(int status, const std::string& body, const std::string& type = "application/json") {
  HttpReply reply;
  reply.status = status;
  reply.body = body;
  reply.content_type = type;
  return reply;
}

HttpReply error_of(int status, const std::string& message, const std::string& code = "") {
  return reply_of(status, fake::error_reply(status, message, code).body);
}

HttpReply fault_of(HttpFault fault, int status = 0) {
  HttpReply reply;
  reply.fault = fault;
  reply.status = status;
  reply.detail = "details";
  return reply;
}

TEST(ClassifyReply, RetriesWhatMayPass) {
  for (const int status : {408, 409, 429, 498, 500, 502, 503, 504, 520, 599}) {
    EXPECT_EQ(classify_reply(error_of(status, "busy")), ReplyClass::kRetry) << status;
    EXPECT_EQ(classify_reply(reply_of(status, "<html>", "text/html")), ReplyClass::kRetry) << status;
  }
  for (const HttpFault fault :
       {HttpFault::kTimedOut, HttpFault::kResolve, HttpFault::kConnect, HttpFault::kBroken}) {
    EXPECT_EQ(classify_reply(fault_of(fault)), ReplyClass::kRetry);
  }
}

TEST(ClassifyReply, GivesUpOnWhatWillNot) {
  for (const int status : {301, 302, 303, 307, 308, 400, 402, 404, 405, 415, 424, 600}) {
    EXPECT_EQ(classify_reply(error_of(status, "no")), ReplyClass::kPermanent) << status;
  }
  for (const HttpFault fault : {HttpFault::kTls, HttpFault::kAddressRefused, HttpFault::kTooLarge}) {
    EXPECT_EQ(classify_reply(fault_of(fault)), ReplyClass::kPermanent);
  }
}

TEST(ClassifyReply, KnowsWhatAnotherRequestMayDoBetter) {
  EXPECT_EQ(classify_reply(error_of(413, "no")), ReplyClass::kRequestTooLarge);
  EXPECT_EQ(classify_reply(error_of(400, "the request exceeds the available context size")),
            ReplyClass::kRequestTooLarge);
  EXPECT_EQ(classify_reply(error_of(422, "no")), ReplyClass::kUnprocessable);
  EXPECT_EQ(classify_reply(error_of(499, "no")), ReplyClass::kRetry);
  const std::pair<const char*, RequestParameter> parameters[] = {
      {"Unsupported value: 'temperature' does not support 0 with this model.",
       RequestParameter::kTemperature},
      {"unknown field: reasoning_effort", RequestParameter::kReasoningEffort},
      {"Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens' instead.",
       RequestParameter::kTokenLimit},
      {"temperature of the CPU", RequestParameter::kNone},
  };
  for (const auto& [message, parameter] : parameters) {
    EXPECT_EQ(refused_parameter(error_of(400, message)), parameter) << message;
    EXPECT_EQ(refused_parameter(error_of(500, message)), RequestParameter::kNone) << message;
  }
}

TEST(ClassifyReply, TakesOnlyJsonForAnAnswer) {
  for (const char* type :
       {"application/json", "application/json; charset=utf-8", "Application/JSON;charset=UTF-8",
        "application/json ; x=y", "application/problem+json", "text/json", ""}) {
    EXPECT_EQ(classify_reply(reply_of(200, "{}", type)), ReplyClass::kOk) << type;
  }
  for (const char* type : {"text/html", "text/html; charset=utf-8", "text/plain", "application/octet-stream",
                           "application/jsonx", "; charset=application/json"}) {
    const ReplyClass expected = std::string(type).front() == ';' ? ReplyClass::kOk : ReplyClass::kRetry;
    EXPECT_EQ(classify_reply(reply_of(200, "{}", type)), expected) << type;
  }
}

TEST(ClassifyReply, KnowsARefusedKeyWhateverTheBody) {
  for (const int status : {401, 403}) {
    EXPECT_EQ(classify_reply(error_of(status, "Invalid API Key", "invalid_api_key")),
              ReplyClass::kKeyRefused);
    EXPECT_EQ(classify_reply(reply_of(status, "<html>blocked", "text/html")), ReplyClass::kKeyRefused);
    EXPECT_EQ(classify_reply(fault_of(HttpFault::kTooLarge, status)), ReplyClass::kKeyRefused);
  }
}

TEST(ClassifyReply, KnowsAModelThatIsGoneInEveryServersWords) {
  const HttpReply gone[] = {
      error_of(404, "The model `x` does not exist or you do not have access to it.", "model_not_found"),
      error_of(400, "The model `x` has been decommissioned and is no longer supported.",
               "model_decommissioned"),
      error_of(404, "model \"x\" not found, try pulling it first"),
      reply_of(
          404,
          R"({"object":"error","message":"The model `x` does not exist.","type":"NotFoundError","code":404})"),
      reply_of(404, R"({"error":"model 'x' not found"})"),
  };
  for (const HttpReply& reply : gone) EXPECT_EQ(classify_reply(reply), ReplyClass::kModelGone) << reply.body;
  const HttpReply other[] = {
      error_of(404, "Unknown request URL: POST /chat/completions", "unknown_url"),
      reply_of(404, "<html>404 page not found</html>", "text/html"),
      error_of(400, "the model does not exist in this form"),
      error_of(500, "model_not_found"),
  };
  for (const HttpReply& reply : other) EXPECT_NE(classify_reply(reply), ReplyClass::kModelGone) << reply.body;
}

TEST(ClassifyReply, KnowsAComplaintAboutTheResponseFormat) {
  const HttpReply refused[] = {
      error_of(400, "This model does not support response format `json_schema`."),
      error_of(
          400,
          "Invalid parameter: 'response_format' of type 'json_schema' is not supported with this model."),
      error_of(500, "Failed to initialize samplers: failed to parse grammar"),
      reply_of(422, R"({"detail":[{"loc":["body","response_format","type"],"msg":"unexpected value"}]})"),
      reply_of(500, "json_schema is not supported", "text/plain"),
  };
  for (const HttpReply& reply : refused)
    EXPECT_EQ(classify_reply(reply), ReplyClass::kStyleRefused) << reply.body;
  EXPECT_EQ(classify_reply(error_of(429, "response_format")), ReplyClass::kRetry);
  EXPECT_EQ(classify_reply(
                error_of(400, "Failed to validate JSON, adjust response_format", "json_validate_failed")),
            ReplyClass::kBadGeneration);
}

TEST(DescribeReply, QuotesTheServerSafelyAndBriefly) {
  const std::string text = describe_reply(
      error_of(429, "Rate limit reached\x1b[31m " + std::string(5'000, 'x'), "rate_limit_exceeded"));
  EXPECT_EQ(text.find('\x1b'), std::string::npos);
  EXPECT_NE(text.find("HTTP 429 (rate_limit_exceeded: Rate limit reached"), std::string::npos) << text;
  EXPECT_LT(text.size(), 500U);
  EXPECT_EQ(describe_reply(error_of(302, "")), "HTTP 302: redirects are not followed");
  EXPECT_EQ(describe_reply(reply_of(200, "", "text/html")), "HTTP 200 of type \"text/html\", not JSON");
  EXPECT_EQ(describe_reply(reply_of(503, "", "text/html")), "HTTP 503");
  EXPECT_EQ(describe_reply(fault_of(HttpFault::kTls)), "the server's certificate is not trusted (details)");
}

}  // namespace
}  // namespace logsieve
