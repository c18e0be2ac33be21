// A scripted HTTP/1.1 server on 127.0.0.1 that plays an OpenAI-compatible endpoint, well-behaved or not.
//
// Real sockets, one thread a connection. Every request is recorded whole before its scripted behaviour starts.
// For tests only: it trusts its peer and throws where it cannot start.
#ifndef LOGSIEVE_TESTS_FAKE_LLM_FAKE_LLM_SERVER_H_
#define LOGSIEVE_TESTS_FAKE_LLM_FAKE_LLM_SERVER_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace logsieve::fake {

struct ReceivedRequest {
  std::string method;
  std::string path;
  std::map<std::string, std::string> headers;  // names in lower case
  std::string body;
  std::string raw;  // all bytes, head and body
  std::chrono::steady_clock::time_point arrived;
};

struct Behaviour {
  enum class Kind : std::uint8_t {
    kReply,      // status, headers, body
    kHang,       // never answers
    kReset,      // RST instead of an answer
    kMidReset,   // RST after the head and half of the body
    kShortBody,  // closes one byte before the end that Content-Length promises
    kDrip,       // head at once, then one byte of the body each `gap`
    kEndless,    // head without a length, then `endless_bytes` of spaces
    kRaw,        // the bytes of `body` and nothing else, then closes
  };
  Kind kind = Kind::kReply;
  int status = 200;
  std::string content_type = "application/json";  // empty: no such header
  std::vector<std::pair<std::string, std::string>> headers = {};
  std::string body = {};
  std::chrono::milliseconds delay{0};  // before the first byte
  std::chrono::milliseconds gap{50};
  std::uint64_t endless_bytes = 0;
};

class FakeLlmServer {
 public:
  using Responder = std::function<Behaviour(const ReceivedRequest&)>;  // called by several threads

  // Behaviours that were pushed come first, one a request; then `responder`; without one, status 500.
  explicit FakeLlmServer(Responder responder = {});
  FakeLlmServer(const FakeLlmServer&) = delete;
  FakeLlmServer& operator=(const FakeLlmServer&) = delete;
  ~FakeLlmServer();  // ends every connection, even a hanging one

  void push(Behaviour behaviour);

  std::uint16_t port() const;
  std::string base_url() const;  // http://127.0.0.1:PORT/v1

  std::vector<ReceivedRequest> requests() const;
  std::size_t request_count() const;
  std::size_t connection_count() const;
  // The most requests that were open (received, not yet answered) at one time.
  std::size_t peak_open_requests() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace logsieve::fake

#endif  // LOGSIEVE_TESTS_FAKE_LLM_FAKE_LLM_SERVER_H_
