#include "anomaly/alert_sink.h"

#include <cstdio>
#include <string_view>
#include <utility>
#include <vector>

#include "anomaly/alert_payload.h"
#include "anomaly/sink_url.h"
#include "base/append_file.h"
#include "llm/http_transport.h"

namespace logsieve {
namespace {

constexpr std::size_t kMaxReplyBytes = std::size_t{64} << 10U;  // nothing in it matters
constexpr std::string_view kAlertmanagerPath = "/api/v2/alerts";

Result<HttpTransport> open_transport(AddressPolicy policy, std::vector<std::string> resolve) {
  HttpTransportOptions options;
  options.address_policy = policy;
  options.resolve = std::move(resolve);
  options.max_reply_bytes = kMaxReplyBytes;
  options.max_connections = 1;
  return HttpTransport::create(std::move(options));
}

// Done at once, whatever came of it.
class DirectSink : public AlertSink {
 public:
  bool is_busy() const override { return done_.has_value(); }
  void start(const SpooledMessage& message, TimeMs /*now*/) override {
    const auto written = write(message.body);
    done_ = Delivery{message.row, written ? DeliveryOutcome::kDelivered : DeliveryOutcome::kTryAgain,
                     written ? "" : written.error().message};
  }
  std::optional<Delivery> outcome(std::uint32_t /*max_wait_ms*/) override { return std::exchange(done_, {}); }

 private:
  virtual Result<void> write(const std::string& body) = 0;
  std::optional<Delivery> done_;
};

// Opened for each message: the file may be rotated meanwhile.
class FileSink : public DirectSink {
 public:
  explicit FileSink(std::string path) : path_(std::move(path)) {}

 private:
  Result<void> write(const std::string& body) override {
    auto file = AppendFile::open(path_, AppendFile::Start::kKeep);
    if (!file) return std::move(file).error();
    auto written = file->append(body + '\n');
    return written ? file->sync() : std::move(written);
  }
  std::string path_;
};

class StderrSink : public DirectSink {
  Result<void> write(const std::string& body) override {
    // A terminal that is gone will not come back for this message.
    std::fputs(body.c_str(), stderr);
    return ok();
  }
};

class HttpSink : public AlertSink {
 public:
  HttpSink(SinkOptions options, SinkUrl url, HttpTransport transport)
      : options_(std::move(options)), url_(std::move(url)), transport_(std::move(transport)) {
    if (options_.type == SinkType::kAlertmanager && !options_.target.ends_with(kAlertmanagerPath)) {
      while (options_.target.ends_with('/')) options_.target.pop_back();
      options_.target += kAlertmanagerPath;
    }
  }

  bool is_busy() const override { return row_.has_value(); }

  void start(const SpooledMessage& message, TimeMs now) override {
    row_ = message.row;
    if (url_.is_private_name && !look_up()) return;
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
    if (failed_) {
      row_.reset();
      return std::exchange(failed_, std::nullopt);
    }
    const auto completions = transport_.wait(max_wait_ms);
    if (completions.empty() || !row_) return std::nullopt;
    return judged(completions.front().reply, *std::exchange(row_, std::nullopt));
  }

 private:
  // Plain http to a name goes to the addresses that were looked at, and to no others.
  bool look_up() {
    const auto addresses = private_addresses(url_.host);
    auto transport = addresses ? open_transport(url_.policy, {pinned(*addresses)})
                               : Result<HttpTransport>(addresses.error());
    if (transport) {
      transport_ = std::move(*transport);
      return true;
    }
    const bool is_refused = transport.error().code == ErrorCode::kBadConfig;
    failed_ = {*row_, is_refused ? DeliveryOutcome::kRefused : DeliveryOutcome::kTryAgain,
               transport.error().message};
    return false;
  }

  // As libcurl's CURLOPT_RESOLVE has it: HOST:PORT:ADDRESS,ADDRESS.
  std::string pinned(const std::vector<std::string>& addresses) const {
    const std::size_t host_end = options_.target.find_first_of(":/?#", std::string_view("http://").size());
    const bool has_port = host_end != std::string::npos && options_.target[host_end] == ':';
    std::string port = "80";
    if (has_port)
      port =
          options_.target.substr(host_end + 1, options_.target.find_first_of("/?#", host_end) - host_end - 1);
    std::string entry = url_.host + ':' + port + ':';
    for (const std::string& address : addresses)
      entry += (entry.ends_with(':') ? "" : ",") +
               (address.find(':') == std::string::npos ? address : '[' + address + ']');
    return entry;
  }

  Delivery judged(const HttpReply& reply, std::int64_t row) const {
    if (reply.fault == HttpFault::kAddressRefused)
      return {row, DeliveryOutcome::kRefused,
              options_.allow_private_addresses
                  ? url_.host + " is at a link-local or reserved address, which logsieve never sends to"
                  : url_.host +
                        " is at a private address, which logsieve does not send to; allow_private_addresses: "
                        "true of the sink permits it"};
    if (reply.fault != HttpFault::kNone) return {row, DeliveryOutcome::kTryAgain, reply.detail};
    if (reply.status >= 200 && reply.status < 300) return {row, DeliveryOutcome::kDelivered, ""};
    const std::string detail = "the receiver said HTTP " + std::to_string(reply.status);
    // A wrong address or key may be put right while messages wait; a message that is not understood stays so.
    const bool is_refused =
        reply.status == 400 || reply.status == 413 || reply.status == 415 || reply.status == 422;
    return {row, is_refused ? DeliveryOutcome::kRefused : DeliveryOutcome::kTryAgain, detail};
  }

  SinkOptions options_;
  SinkUrl url_;
  HttpTransport transport_;
  std::optional<std::int64_t> row_;
  std::optional<Delivery> failed_;  // before anything was sent
};

}  // namespace

Result<std::unique_ptr<AlertSink>> open_sink(const SinkOptions& options) {
  if (auto checked = check_sink(options); !checked) return std::move(checked).error();
  if (options.type == SinkType::kFile) return std::unique_ptr<AlertSink>(new FileSink(options.target));
  if (options.type == SinkType::kStderr) return std::unique_ptr<AlertSink>(new StderrSink());
  auto url = parse_sink_url(options);
  if (!url) return std::move(url).error();
  auto transport = open_transport(url->policy, {});
  if (!transport) return std::move(transport).error();
  return std::unique_ptr<AlertSink>(new HttpSink(options, std::move(*url), std::move(*transport)));
}

}  // namespace logsieve
