// Posts JSON bodies to an endpoint, several at once, and hands out the replies. libcurl's multi interface.
//
// One thread. Redirects are not followed, cookies not kept, certificates always verified, TLS 1.2 or later.
// A proxy is taken from the environment (https_proxy, no_proxy) for https to other machines only.
#ifndef LOGSIEVE_LLM_HTTP_TRANSPORT_H_
#define LOGSIEVE_LLM_HTTP_TRANSPORT_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "llm/address_policy.h"
#include "llm/http_reply.h"

namespace logsieve {

struct HttpTransportOptions {
  std::string api_key;  // empty: no Authorization header
  std::string ca_file;  // empty: the system's
  std::vector<std::string> resolve;
  AddressPolicy address_policy = AddressPolicy::kPublicOnly;
  std::uint32_t connect_timeout_ms = 5'000;
  std::size_t max_reply_bytes = std::size_t{4} << 20U;  // decoded
  std::size_t max_connections = 4;
};

struct HttpRequest {
  std::string url;                        // of the endpoint whose policy this transport has
  std::string body;                       // JSON to post; empty: GET
  std::vector<std::string> headers = {};  // "Name: value", beside the usual ones
};

class HttpTransport {
 public:
  struct Completion {
    std::size_t ticket;
    HttpReply reply;
  };

  // Errors: kInternal where libcurl cannot start, kBadConfig for a `ca_file` that cannot be read.
  static Result<HttpTransport> create(HttpTransportOptions options);
  HttpTransport(HttpTransport&&) noexcept;
  HttpTransport& operator=(HttpTransport&&) noexcept;
  ~HttpTransport();  // ends what is still under way

  // Starts one request, which ends at the latest after `timeout_ms` (> 0), whatever the server does. `ticket` comes
  // back with the reply.
  void start(std::size_t ticket, HttpRequest request, std::uint32_t timeout_ms);

  // Replies that are complete, in order of completion. Waits up to `max_wait_ms` for something to happen, which
  // need not complete a reply: the answer may be empty sooner.
  std::vector<Completion> wait(std::uint32_t max_wait_ms);
  // Ends what is under way: the next `wait` hands it out as timed out.
  void abandon();

 private:
  struct Impl;
  explicit HttpTransport(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace logsieve

#endif  // LOGSIEVE_LLM_HTTP_TRANSPORT_H_
