#include "llm/http_transport.h"

#include <algorithm>
#include <array>
#include <curl/curl.h>
#include <string_view>
#include <sys/socket.h>
#include <unistd.h>
#include <utility>

#include "llm/ascii.h"

namespace logsieve {
namespace {

// libcurl 7.88 limits a header line (100 KiB) but not their number, nor a stream of "100 Continue".
constexpr std::size_t kMaxHeaderBytes = std::size_t{256} << 10U;

struct EasyDeleter {
  void operator()(CURL* easy) const { curl_easy_cleanup(easy); }
};
struct MultiDeleter {
  void operator()(CURLM* multi) const { curl_multi_cleanup(multi); }
};
struct ListDeleter {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
using EasyHandle = std::unique_ptr<CURL, EasyDeleter>;
using MultiHandle = std::unique_ptr<CURLM, MultiDeleter>;
using List = std::unique_ptr<curl_slist, ListDeleter>;

bool start_curl_once() {
  static const bool kStarted = curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK;
  return kStarted;
}

// One request under way. Stays at its address while libcurl knows it.
struct Transfer {
  EasyHandle easy;
  std::size_t ticket = 0;
  HttpRequest request;
  List own_headers;  // where the request has any
  HttpReply reply;
  std::size_t header_bytes = 0;
  std::size_t max_reply_bytes = 0;
  AddressPolicy address_policy = AddressPolicy::kPublicOnly;
  bool is_too_large = false;
  bool has_refused_address = false;
  std::array<char, CURL_ERROR_SIZE> error_text{};
};

// libcurl hands over decoded bytes here (its own limit, CURLOPT_MAXFILESIZE, sees the encoded ones).
std::size_t on_body(char* data, std::size_t size, std::size_t count, void* user) {
  auto& transfer = *static_cast<Transfer*>(user);
  const std::size_t bytes = size * count;
  if (bytes > transfer.max_reply_bytes - transfer.reply.body.size()) {
    transfer.is_too_large = true;
    return 0;
  }
  transfer.reply.body.append(data, bytes);
  return bytes;
}

void keep_header(std::string_view line, HttpReply& reply) {
  if (line.starts_with("HTTP/")) {  // the final reply after an interim one starts afresh
    reply.content_type.clear();
    reply.retry_after.clear();
    reply.retry_after_ms.clear();
    reply.rate_limits = {};
    return;
  }
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos) return;
  const std::string name = to_lower_ascii(line.substr(0, colon));
  const std::string_view value = trim_space(line.substr(colon + 1));
  if (name == "content-type") reply.content_type = value;
  if (name == "retry-after") reply.retry_after = value;
  if (name == "retry-after-ms") reply.retry_after_ms = value;
  reply.rate_limits.keep(name, value);
}

std::size_t on_header(char* data, std::size_t size, std::size_t count, void* user) {
  auto& transfer = *static_cast<Transfer*>(user);
  const std::size_t bytes = size * count;
  transfer.header_bytes += bytes;
  if (transfer.header_bytes > kMaxHeaderBytes) {
    transfer.is_too_large = true;
    return 0;
  }
  keep_header({data, bytes}, transfer.reply);
  return bytes;
}

curl_socket_t on_open_socket(void* user, curlsocktype /*purpose*/, curl_sockaddr* address) {
  auto& transfer = *static_cast<Transfer*>(user);
  if (!is_allowed_address(&address->addr, transfer.address_policy)) {
    transfer.has_refused_address = true;
    return CURL_SOCKET_BAD;
  }
  return ::socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

HttpFault fault_of(CURLcode code, const Transfer& transfer) {
  if (transfer.is_too_large) return HttpFault::kTooLarge;
  switch (code) {
    case CURLE_OK:
      return HttpFault::kNone;
    case CURLE_OPERATION_TIMEDOUT:
      return HttpFault::kTimedOut;
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_RESOLVE_PROXY:
      return HttpFault::kResolve;
    case CURLE_COULDNT_CONNECT:
      return transfer.has_refused_address ? HttpFault::kAddressRefused : HttpFault::kConnect;
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_ISSUER_ERROR:
      return HttpFault::kTls;
    default:
      return HttpFault::kBroken;
  }
}

List header_list(const std::string& api_key, const std::vector<std::string>& further = {}) {
  curl_slist* list = curl_slist_append(nullptr, "Content-Type: application/json");
  list = curl_slist_append(list, "Accept: application/json");
  list = curl_slist_append(list, "Expect:");  // no pause for "100 Continue"
  if (!api_key.empty()) list = curl_slist_append(list, ("Authorization: Bearer " + api_key).c_str());
  for (const std::string& header : further) list = curl_slist_append(list, header.c_str());
  return List(list);
}

List string_list(const std::vector<std::string>& items) {
  curl_slist* list = nullptr;
  for (const std::string& item : items) list = curl_slist_append(list, item.c_str());
  return List(list);
}

}  // namespace

struct HttpTransport::Impl {
  explicit Impl(HttpTransportOptions given)
      : options(std::move(given)),
        headers(header_list(options.api_key)),
        resolve(string_list(options.resolve)) {}
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;
  ~Impl() {
    for (const auto& transfer : transfers) curl_multi_remove_handle(multi.get(), transfer->easy.get());
  }

  void set_request(Transfer& transfer, std::uint32_t timeout_ms) const;
  void set_security(Transfer& transfer) const;
  void set_callbacks(Transfer& transfer) const;
  Completion finish(CURL* easy, CURLcode code);

  HttpTransportOptions options;
  List headers;
  List resolve;
  MultiHandle multi;
  std::vector<std::unique_ptr<Transfer>> transfers;
  std::vector<Completion> ended_early;
};

void HttpTransport::Impl::set_request(Transfer& transfer, std::uint32_t timeout_ms) const {
  CURL* easy = transfer.easy.get();
  curl_easy_setopt(easy, CURLOPT_URL, transfer.request.url.c_str());
  if (!transfer.request.headers.empty())
    transfer.own_headers = header_list(options.api_key, transfer.request.headers);
  curl_easy_setopt(easy, CURLOPT_HTTPHEADER, (transfer.own_headers ? transfer.own_headers : headers).get());
  if (const std::string& body = transfer.request.body; !body.empty()) {
    curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(body.size()));
    curl_easy_setopt(easy, CURLOPT_POSTFIELDS, body.c_str());
  }
  curl_easy_setopt(easy, CURLOPT_ACCEPT_ENCODING, "gzip, deflate");
  curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, static_cast<long>(timeout_ms));
  curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS,
                   static_cast<long>(std::min(timeout_ms, options.connect_timeout_ms)));
  curl_easy_setopt(easy, CURLOPT_NOSIGNAL,
                   1L);  // it sends with MSG_NOSIGNAL, TLS as well (seen with strace, 7.88)
  curl_easy_setopt(easy, CURLOPT_QUICK_EXIT,
                   1L);  // a resolver thread that hangs must not hold up the deadline
  if (resolve) curl_easy_setopt(easy, CURLOPT_RESOLVE, resolve.get());
}

void HttpTransport::Impl::set_security(Transfer& transfer) const {
  CURL* easy = transfer.easy.get();
  const bool is_https = transfer.request.url.starts_with("https:");
  curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, is_https ? "https" : "http");
  curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
  curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 1L);
  curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 2L);
  curl_easy_setopt(easy, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  if (!options.ca_file.empty()) curl_easy_setopt(easy, CURLOPT_CAINFO, options.ca_file.c_str());
  curl_easy_setopt(easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
  if (options.address_policy != AddressPolicy::kAny) curl_easy_setopt(easy, CURLOPT_NOPROXY, "*");
}

void HttpTransport::Impl::set_callbacks(Transfer& transfer) const {
  CURL* easy = transfer.easy.get();
  curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, &on_body);
  curl_easy_setopt(easy, CURLOPT_WRITEDATA, &transfer);
  curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, &on_header);
  curl_easy_setopt(easy, CURLOPT_HEADERDATA, &transfer);
  curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, &on_open_socket);
  curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, &transfer);
  curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, transfer.error_text.data());
}

HttpTransport::Completion HttpTransport::Impl::finish(CURL* easy, CURLcode code) {
  const auto found = std::find_if(transfers.begin(), transfers.end(),
                                  [easy](const auto& transfer) { return transfer->easy.get() == easy; });
  Transfer& transfer = **found;
  long status = 0;
  curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
  HttpReply& reply = transfer.reply;
  reply.status = static_cast<int>(status);
  reply.fault = fault_of(code, transfer);
  if (code != CURLE_OK) {
    const char* text = transfer.error_text.data();
    reply.detail = *text != '\0' ? text : curl_easy_strerror(code);
  }
  Completion completion{transfer.ticket, std::move(reply)};
  curl_multi_remove_handle(multi.get(), easy);
  transfers.erase(found);
  return completion;
}

HttpTransport::HttpTransport(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
HttpTransport::HttpTransport(HttpTransport&&) noexcept = default;
HttpTransport& HttpTransport::operator=(HttpTransport&&) noexcept = default;
HttpTransport::~HttpTransport() = default;

Result<HttpTransport> HttpTransport::create(HttpTransportOptions options) {
  if (!options.ca_file.empty() && ::access(options.ca_file.c_str(), R_OK) != 0) {
    return Error{ErrorCode::kBadConfig, "the file of trusted authorities cannot be read"}.at(options.ca_file);
  }
  if (!start_curl_once()) return Error{ErrorCode::kInternal, "libcurl cannot start"};
  auto impl = std::make_unique<Impl>(std::move(options));
  impl->multi.reset(curl_multi_init());
  if (!impl->multi) return Error{ErrorCode::kInternal, "libcurl cannot start"};
  curl_multi_setopt(impl->multi.get(), CURLMOPT_MAX_TOTAL_CONNECTIONS,
                    static_cast<long>(impl->options.max_connections));
  return HttpTransport(std::move(impl));
}

void HttpTransport::start(std::size_t ticket, HttpRequest request, std::uint32_t timeout_ms) {
  auto transfer = std::make_unique<Transfer>();
  transfer->ticket = ticket;
  transfer->request = std::move(request);
  transfer->max_reply_bytes = impl_->options.max_reply_bytes;
  transfer->address_policy = impl_->options.address_policy;
  transfer->easy.reset(curl_easy_init());
  if (transfer->easy) {
    impl_->set_request(*transfer, timeout_ms);
    impl_->set_security(*transfer);
    impl_->set_callbacks(*transfer);
    if (curl_multi_add_handle(impl_->multi.get(), transfer->easy.get()) == CURLM_OK) {
      impl_->transfers.push_back(std::move(transfer));
      return;
    }
  }
  HttpReply reply;
  reply.fault = HttpFault::kBroken;
  reply.detail = "libcurl could not start the request";
  impl_->ended_early.push_back({ticket, std::move(reply)});
}

void HttpTransport::abandon() {
  for (const std::unique_ptr<Transfer>& transfer : impl_->transfers) {
    curl_multi_remove_handle(impl_->multi.get(), transfer->easy.get());
    HttpReply reply;
    reply.fault = HttpFault::kTimedOut;
    reply.detail = "it was not waited for any more";
    impl_->ended_early.push_back({transfer->ticket, std::move(reply)});
  }
  impl_->transfers.clear();
}

std::vector<HttpTransport::Completion> HttpTransport::wait(std::uint32_t max_wait_ms) {
  std::vector<Completion> done = std::exchange(impl_->ended_early, {});
  CURLM* multi = impl_->multi.get();
  int running = 0;
  curl_multi_perform(multi, &running);
  const auto collect = [&] {
    int left = 0;
    while (CURLMsg* message = curl_multi_info_read(multi, &left)) {
      if (message->msg == CURLMSG_DONE)
        done.push_back(impl_->finish(message->easy_handle, message->data.result));
    }
  };
  collect();
  if (!done.empty()) return done;
  curl_multi_poll(multi, nullptr, 0, static_cast<int>(std::min(max_wait_ms, 60'000U)), nullptr);
  curl_multi_perform(multi, &running);
  collect();
  return done;
}

}  // namespace logsieve
