#include "anomaly/alert_sink.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <string_view>
#include <unistd.h>
#include <utility>

#include "anomaly/alert_payload.h"
#include "llm/address_policy.h"
#include "llm/endpoint_url.h"
#include "llm/http_transport.h"

namespace logsieve {
namespace {

constexpr std::size_t kMaxReplyBytes = std::size_t{64} << 10U;  // nothing in it matters
constexpr std::string_view kAlertmanagerPath = "/api/v2/alerts";

class FileSink : public AlertSink {
 public:
  explicit FileSink(std::string path) : path_(std::move(path)) {}

  bool is_busy() const override { return done_.has_value(); }

  void start(const SpooledMessage& message, TimeMs /*now*/) override {
    const std::string line = message.body + '\n';
    const int fd = ::open(path_.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0640);
    const bool is_written = fd >= 0 &&
                            ::write(fd, line.data(), line.size()) == static_cast<ssize_t>(line.size()) &&
                            ::fsync(fd) == 0;
    const int error_number = errno;
    if (fd >= 0) ::close(fd);
    done_ = Delivery{message.row, is_written ? DeliveryOutcome::kDelivered : DeliveryOutcome::kTryAgain,
                     is_written ? "" : std::strerror(error_number)};
  }

  std::optional<Delivery> outcome(std::uint32_t /*max_wait_ms*/) override { return std::exchange(done_, {}); }

 private:
  std::string path_;
  std::optional<Delivery> done_;
};

class HttpSink : public AlertSink {
 public:
  HttpSink(SinkOptions options, HttpTransport transport)
      : options_(std::move(options)), transport_(std::move(transport)) {
    if (options_.type == SinkType::kAlertmanager && !options_.target.ends_with(kAlertmanagerPath)) {
      while (options_.target.ends_with('/')) options_.target.pop_back();
      options_.target += kAlertmanagerPath;
    }
  }

  bool is_busy() const override { return row_.has_value(); }

  void start(const SpooledMessage& message, TimeMs now) override {
    row_ = message.row;
    HttpRequest request{options_.target, message.body, {}};
    if (options_.type == SinkType::kWebhook) {
      const std::string timestamp = std::to_string(now / kSecondMs);
      request.headers = {"X-Logsieve-Delivery: " + message.id, "X-Logsieve-Timestamp: " + timestamp};
      if (!options_.secret.empty())
        request.headers.push_back("X-Logsieve-Signature: " +
                                  signature(options_.secret, timestamp, message.body));
    }
    transport_.start(0, std::move(request), options_.timeout_ms);
  }

  std::optional<Delivery> outcome(std::uint32_t max_wait_ms) override {
    const auto completions = transport_.wait(max_wait_ms);
    if (completions.empty() || !row_) return std::nullopt;
    return judged(completions.front().reply, *std::exchange(row_, std::nullopt));
  }

 private:
  static Delivery judged(const HttpReply& reply, std::int64_t row) {
    if (reply.fault != HttpFault::kNone) return {row, DeliveryOutcome::kTryAgain, reply.detail};
    if (reply.status >= 200 && reply.status < 300) return {row, DeliveryOutcome::kDelivered, ""};
    const std::string detail = "HTTP " + std::to_string(reply.status);
    // A wrong address or key may be put right while messages wait; a message that is not understood stays so.
    const bool is_refused =
        reply.status == 400 || reply.status == 413 || reply.status == 415 || reply.status == 422;
    return {row, is_refused ? DeliveryOutcome::kRefused : DeliveryOutcome::kTryAgain, detail};
  }

  SinkOptions options_;
  HttpTransport transport_;
  std::optional<std::int64_t> row_;
};

Result<AddressPolicy> policy_of(const SinkOptions& options) {
  auto url = parse_base_url(options.target.substr(0, options.target.find('?')));
  if (url && url->is_loopback) return AddressPolicy::kLoopbackOnly;
  if (options.allow_private_addresses && (url || options.target.starts_with("http://")))
    return AddressPolicy::kNotLinkLocal;
  if (!url) return std::move(url).error().with_context("sink \"" + options.name + "\"");
  return AddressPolicy::kPublicOnly;
}

}  // namespace

Result<std::unique_ptr<AlertSink>> open_sink(const SinkOptions& options) {
  if (options.type == SinkType::kFile) return std::unique_ptr<AlertSink>(new FileSink(options.target));
  auto policy = policy_of(options);
  if (!policy) return std::move(policy).error();
  HttpTransportOptions transport_options;
  transport_options.address_policy = *policy;
  transport_options.max_reply_bytes = kMaxReplyBytes;
  transport_options.max_connections = 1;
  auto transport = HttpTransport::create(std::move(transport_options));
  if (!transport) return std::move(transport).error();
  return std::unique_ptr<AlertSink>(new HttpSink(options, std::move(*transport)));
}

}  // namespace logsieve
