// The client against endpoints that are slow, broken or hostile, over real sockets. Each test asserts the
// answers, the number of requests and, where it matters, the time. "RowN" is row N of the fault matrix that the
// LLM tier is held to (1: port closed ... 28: secrets).
#include <arpa/inet.h>
#include <ctime>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <nlohmann/json.hpp>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "llm/llm_client.h"
#include "llm/llm_test_support.h"

namespace logsieve {
namespace {

using fake::Behaviour;
using fake::FakeLlmServer;
using fake::ReceivedRequest;
using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

// A proxy in the environment would take the connections whose addresses are checked here.
const bool kWithoutProxy = [] {
  for (const char* name : {"https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"}) ::unsetenv(name);
  return true;
}();

milliseconds since(Clock::time_point start) {
  return std::chrono::duration_cast<milliseconds>(Clock::now() - start);
}

Behaviour with_header(Behaviour behaviour, const std::string& name, const std::string& value) {
  behaviour.headers.emplace_back(name, value);
  return behaviour;
}

Behaviour of_kind(Behaviour::Kind kind) {
  Behaviour behaviour = fake::label_reply("Error");
  behaviour.kind = kind;
  return behaviour;
}

// A port of 127.0.0.1 that nobody listens on: bound, so that nobody else takes it.
class ClosedPort {
 public:
  ClosedPort() : fd_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* generic = reinterpret_cast<sockaddr*>(&address);
    EXPECT_EQ(::bind(fd_, generic, size), 0);
    EXPECT_EQ(::getsockname(fd_, generic, &size), 0);
    port_ = ntohs(address.sin_port);
  }
  ClosedPort(const ClosedPort&) = delete;
  ClosedPort& operator=(const ClosedPort&) = delete;
  ~ClosedPort() { ::close(fd_); }
  std::string base_url() const { return "http://127.0.0.1:" + std::to_string(port_) + "/v1"; }

 private:
  int fd_;
  std::uint16_t port_ = 0;
};

TEST(LlmFaults, Row1ClosedPortOpensTheCircuit) {
  const Within limit(std::chrono::seconds(3));
  const ClosedPort port;
  LlmClient client = must_create(quick_options(port.base_url()));
  const auto answers = client.ask(questions(20));
  for (const LlmAnswer& answer : answers) {
    EXPECT_EQ(answer.status, LlmStatus::kUnavailable);
    EXPECT_NE(answer.reason, "");
  }
  EXPECT_NE(answers.front().reason.find("no connection"), std::string::npos) << answers.front().reason;
  EXPECT_EQ(client.counters().requests, 5U) << "five failures open the circuit";
  EXPECT_EQ(client.counters().retries, 0U) << "nobody listens: a retry would only hold up the output";
  EXPECT_EQ(client.counters().failed, 20U);
  EXPECT_EQ(client.take_notices().size(), 1U);
}

TEST(LlmFaults, Row2UnknownHostIsNoAnswerInTime) {
  LlmOptions options = quick_options("https://llm.invalid/v1");
  options.total_timeout_ms = 500;
  LlmClient client = must_create(options);
  const auto start = Clock::now();
  const LlmAnswer answer = ask_one(client);
  EXPECT_EQ(answer.status, LlmStatus::kUnavailable);
  EXPECT_LT(since(start), milliseconds(3'000));
  EXPECT_LE(client.counters().requests, 3U);
}

TEST(LlmFaults, Row3SilentServerMeetsTheTotalDeadline) {
  FakeLlmServer server;
  server.push(of_kind(Behaviour::Kind::kHang));
  LlmOptions options = quick_options(server.base_url());
  options.total_timeout_ms = 300;
  LlmClient client = must_create(options);
  const auto start = Clock::now();
  EXPECT_EQ(ask_one(client).status, LlmStatus::kUnavailable);
  EXPECT_GE(since(start), milliseconds(290));
  EXPECT_LT(since(start), milliseconds(3'000));
  EXPECT_EQ(server.request_count(), 1U);
}

TEST(LlmFaults, Row3SilentServerCostsFiveDeadlinesAndThenNothing) {
  FakeLlmServer server([](const ReceivedRequest&) { return of_kind(Behaviour::Kind::kHang); });
  LlmOptions options = quick_options(server.base_url());
  options.total_timeout_ms = 100;
  options.parallel_requests = 4;
  LlmClient client = must_create(options);
  const auto start = Clock::now();
  for (const LlmAnswer& answer : client.ask(questions(1'000)))
    EXPECT_EQ(answer.status, LlmStatus::kUnavailable);
  EXPECT_LT(since(start), milliseconds(3'000));
  EXPECT_LE(server.request_count(), 8U) << "two rounds of four at most";
}

TEST(LlmFaults, Row4DripMeetsTheTotalDeadlineNotAnIdleOne) {
  FakeLlmServer server([](const ReceivedRequest&) {
    Behaviour drip = of_kind(Behaviour::Kind::kDrip);
    drip.gap = milliseconds(20);
    return drip;
  });
  LlmOptions options = quick_options(server.base_url());
  options.total_timeout_ms = 300;
  LlmClient client = must_create(options);
  const auto start = Clock::now();
  EXPECT_EQ(ask_one(client).status, LlmStatus::kUnavailable);
  EXPECT_GE(since(start), milliseconds(290));
  EXPECT_LT(since(start), milliseconds(3'000));
  EXPECT_EQ(server.request_count(), 1U);
}

TEST(LlmFaults, ASlowButWholeReplyIsTaken) {
  FakeLlmServer server;
  Behaviour drip = of_kind(Behaviour::Kind::kDrip);
  drip.gap = milliseconds(1);
  server.push(drip);
  LlmClient client = must_create(quick_options(server.base_url()));
  EXPECT_EQ(ask_one(client).status, LlmStatus::kAnswered);
}

TEST(LlmFaults, Row5And6BrokenRepliesAreRetriedAndNeverReadInPart) {
  const Within limit(std::chrono::seconds(9));
  for (const auto kind : {Behaviour::Kind::kReset, Behaviour::Kind::kMidReset, Behaviour::Kind::kShortBody}) {
    FakeLlmServer server;
    server.push(of_kind(kind));
    server.push(of_kind(kind));
    server.push(fake::label_reply("User Action"));
    LlmClient client = must_create(quick_options(server.base_url()));
    const LlmAnswer answer = ask_one(client);
    EXPECT_EQ(answer.status, LlmStatus::kAnswered);
    EXPECT_EQ(test_labels().name(answer.label), "User Action") << "the cut replies said Error";
    EXPECT_EQ(server.request_count(), 3U);
    EXPECT_EQ(client.counters().retries, 2U);
  }
}

TEST(LlmFaults, Row5And6EndAfterTwoRetries) {
  const Within limit(std::chrono::seconds(9));
  for (const auto kind : {Behaviour::Kind::kReset, Behaviour::Kind::kMidReset, Behaviour::Kind::kShortBody}) {
    FakeLlmServer server([kind](const ReceivedRequest&) { return of_kind(kind); });
    LlmClient client = must_create(quick_options(server.base_url()));
    EXPECT_EQ(ask_one(client).status, LlmStatus::kUnavailable);
    EXPECT_EQ(server.request_count(), 3U);
  }
}

TEST(LlmFaults, GarbageInsteadOfHttpIsRetried) {
  for (const std::string& bytes :
       {std::string("\x00\x01\x02garbage\r\n\r\n", 14), std::string("SSH-2.0-OpenSSH_9\r\n"),
        std::string("HTTP/1.1 abc\r\n\r\n"), std::string()}) {
    FakeLlmServer server;
    Behaviour raw = of_kind(Behaviour::Kind::kRaw);
    raw.body = bytes;
    server.push(raw);
    server.push(fake::label_reply("Error"));
    LlmClient client = must_create(quick_options(server.base_url()));
    EXPECT_EQ(ask_one(client).status, LlmStatus::kAnswered) << bytes;
    EXPECT_EQ(server.request_count(), 2U);
  }
}

std::int64_t peak_rss_kib() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  return usage.ru_maxrss;
}

TEST(LlmFaults, Row7EndlessReplyIsCutAtTheLimit) {
  const Within limit(std::chrono::seconds(3));
  FakeLlmServer server;
  Behaviour endless = of_kind(Behaviour::Kind::kEndless);
  endless.endless_bytes = std::uint64_t{1} << 30U;
  server.push(endless);
  LlmOptions options = quick_options(server.base_url());
  options.max_reply_bytes = 1 << 20U;
  LlmClient client = must_create(options);
  const std::int64_t before = peak_rss_kib();
  const LlmAnswer answer = ask_one(client);
  EXPECT_EQ(answer.status, LlmStatus::kUnavailable);
  EXPECT_NE(answer.reason.find("larger than allowed"), std::string::npos) << answer.reason;
  EXPECT_EQ(server.request_count(), 1U);
  EXPECT_LT(peak_rss_kib() - before, 16 * 1024);
}

TEST(LlmFaults, Row7GzipBombIsCutAtTheDecodedLimit) {
  const Within limit(std::chrono::seconds(3));
  FakeLlmServer server;
  Behaviour bomb = with_header(fake::label_reply("Error"), "Content-Encoding", "gzip");
  bomb.body = fake::gzip_of_zeros(std::size_t{64} << 20U);
  ASSERT_LT(bomb.body.size(), std::size_t{200} << 10U);
  server.push(bomb);
  LlmOptions options = quick_options(server.base_url());
  options.max_reply_bytes = 1 << 20U;
  LlmClient client = must_create(options);
  const std::int64_t before = peak_rss_kib();
  const LlmAnswer answer = ask_one(client);
  EXPECT_EQ(answer.status, LlmStatus::kUnavailable);
  EXPECT_NE(answer.reason.find("larger than allowed"), std::string::npos) << answer.reason;
  EXPECT_EQ(server.request_count(), 1U);
  EXPECT_LT(peak_rss_kib() - before, 16 * 1024);
}

TEST(LlmFaults, Row7EndlessHeadersAreCut) {
  const Within limit(std::chrono::seconds(3));
  FakeLlmServer server;
  Behaviour raw = of_kind(Behaviour::Kind::kRaw);
  raw.body = "HTTP/1.1 200 OK\r\n";
  for (int i = 0; i < 100'000; ++i) raw.body += "X-Filler: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\n";
  server.push(raw);
  LlmClient client = must_create(quick_options(server.base_url()));
  EXPECT_EQ(ask_one(client).status, LlmStatus::kUnavailable);
  EXPECT_EQ(server.request_count(), 1U);
}

TEST(LlmFaults, AReplyAtTheLimitPassesAndOneByteMoreDoesNot) {
  FakeLlmServer server([](const ReceivedRequest&) { return fake::label_reply("Error"); });
  LlmOptions options = quick_options(server.base_url());
  options.max_reply_bytes = fake::label_reply("Error").body.size();
  LlmClient exact = must_create(options);
  EXPECT_EQ(ask_one(exact).status, LlmStatus::kAnswered);
  --options.max_reply_bytes;
  LlmClient short_by_one = must_create(options);
  EXPECT_EQ(ask_one(short_by_one).status, LlmStatus::kUnavailable);
}

TEST(LlmFaults, Row26RedirectsAreRefused) {
  const Within limit(std::chrono::seconds(9));
  FakeLlmServer elsewhere([](const ReceivedRequest&) { return fake::label_reply("Error"); });
  for (const std::string& target : {std::string("http://169.254.169.254/latest/meta-data/"),
                                    elsewhere.base_url() + "/chat/completions", std::string("/v1/other")}) {
    for (const int status : {301, 302, 303, 307, 308}) {
      FakeLlmServer server([&](const ReceivedRequest&) {
        return with_header(fake::error_reply(status, "moved"), "Location", target);
      });
      LlmClient client = must_create(quick_options(server.base_url()));
      const LlmAnswer answer = ask_one(client);
      EXPECT_EQ(answer.status, LlmStatus::kUnavailable);
      EXPECT_NE(answer.reason.find("redirects are not followed"), std::string::npos) << answer.reason;
      EXPECT_EQ(server.request_count(), 1U);
    }
  }
  EXPECT_EQ(elsewhere.connection_count(), 0U);
}

TEST(LlmFaults, Row26NamesThatResolveToTheMachineOrItsNetworkAreRefused) {
  const Within limit(std::chrono::seconds(9));
  FakeLlmServer server([](const ReceivedRequest&) { return fake::label_reply("Error"); });
  const std::string port = std::to_string(server.port());
  for (const char* address : {"127.0.0.1", "10.1.2.3", "169.254.169.254", "[::1]", "[fe80::1]"}) {
    LlmOptions options = quick_options("https://llm.example:" + port + "/v1");
    options.resolve = {"llm.example:" + port + ":" + address};
    options.max_retries = 0;
    LlmClient client = must_create(options);
    const LlmAnswer answer = ask_one(client);
    EXPECT_EQ(answer.status, LlmStatus::kUnavailable);
    EXPECT_NE(answer.reason.find("private or link-local"), std::string::npos)
        << address << ": " << answer.reason;
  }
  EXPECT_EQ(server.connection_count(), 0U);
}

TEST(LlmFaults, Row26AddressesOfANetworkOfOnesOwnAreRefusedWhereTheyAreWrittenToo) {
  const Within limit(std::chrono::seconds(9));
  for (const char* host : {"10.1.2.3", "192.168.1.1", "[::ffff:10.0.0.1]", "169.254.169.254"}) {
    LlmOptions options = quick_options("https://" + std::string(host) + "/v1");
    options.max_retries = 0;
    LlmClient client = must_create(options);
    const LlmAnswer answer = ask_one(client);
    EXPECT_EQ(answer.status, LlmStatus::kUnavailable);
    EXPECT_NE(answer.reason.find("private or link-local"), std::string::npos)
        << host << ": " << answer.reason;
    EXPECT_NE(answer.reason.find("allow_private_addresses"), std::string::npos) << answer.reason;
  }
}

TEST(LlmFaults, Row26LocalhostThatResolvesElsewhereIsRefused) {
  const Within limit(std::chrono::seconds(3));
  LlmOptions options = quick_options("http://localhost:9/v1");
  options.resolve = {"localhost:9:10.1.2.3"};
  options.total_timeout_ms = 500;
  LlmClient client = must_create(options);
  const LlmAnswer answer = ask_one(client);
  EXPECT_EQ(answer.status, LlmStatus::kUnavailable);
  EXPECT_NE(answer.reason.find("refused"), std::string::npos) << answer.reason;
  EXPECT_EQ(client.counters().requests, 1U);
}

}  // namespace
}  // namespace logsieve
