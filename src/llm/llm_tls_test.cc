// Row 25 of the fault matrix: a certificate that is not right ends the question before any byte of it is sent.
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <unistd.h>

#include "llm/llm_client.h"
#include "llm/llm_test_support.h"
#include "tests/fake_llm/tls_front.h"

namespace logsieve {
namespace {

namespace fs = std::filesystem;

class LlmTls : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (fs::temp_directory_path() / "logsieve_tls_XXXXXX").string();
    ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
    folder_ = pattern;
  }
  void TearDown() override { fs::remove_all(folder_); }

  LlmAnswer ask_through(const fake::TlsFront& front, const std::string& host, bool trusts_authority) {
    LlmOptions options = quick_options("https://" + host + ":" + std::to_string(front.port()) + "/v1");
    if (trusts_authority) {
      options.ca_file = (folder_ / "ca.pem").string();
      std::ofstream(options.ca_file) << front.authority_pem();
    }
    LlmClient client = must_create(options);
    LlmAnswer answer = ask_one(client);
    requests_sent_ = client.counters().requests;
    return answer;
  }

  fake::FakeLlmServer server_{[](const fake::ReceivedRequest&) { return fake::label_reply("Error"); }};
  fs::path folder_;
  std::uint64_t requests_sent_ = 0;
};

TEST_F(LlmTls, TrustsACertificateOfAGivenAuthority) {
  const fake::TlsFront front(server_.port(), {});
  EXPECT_EQ(ask_through(front, "localhost", true).status, LlmStatus::kAnswered);
  EXPECT_EQ(ask_through(front, "127.0.0.1", true).status, LlmStatus::kAnswered);
  EXPECT_EQ(server_.request_count(), 2U);
}

TEST_F(LlmTls, RefusesACertificateOfAnUnknownAuthority) {
  const Within limit(std::chrono::seconds(5));
  const fake::TlsFront front(server_.port(), {});
  const LlmAnswer answer = ask_through(front, "localhost", false);
  EXPECT_EQ(answer.status, LlmStatus::kUnavailable);
  EXPECT_NE(answer.reason.find("certificate is not trusted"), std::string::npos) << answer.reason;
  EXPECT_EQ(server_.request_count(), 0U);
  EXPECT_EQ(requests_sent_, 1U) << "trying again would not help";
}

TEST_F(LlmTls, RefusesAnotherHostsCertificate) {
  const Within limit(std::chrono::seconds(5));
  const fake::TlsFront front(server_.port(), {"DNS:other.example,IP:127.0.0.2"});
  for (const char* host : {"localhost", "127.0.0.1"}) {
    const LlmAnswer answer = ask_through(front, host, true);
    EXPECT_EQ(answer.status, LlmStatus::kUnavailable);
    EXPECT_NE(answer.reason.find("certificate is not trusted"), std::string::npos) << answer.reason;
  }
  EXPECT_EQ(server_.request_count(), 0U);
}

TEST_F(LlmTls, RefusesACertificateOutsideItsTime) {
  const Within limit(std::chrono::seconds(10));
  for (const auto& [from, to] : {std::pair{-7'200L, -3'600L}, std::pair{3'600L, 7'200L}}) {
    const fake::TlsFront front(server_.port(), {"DNS:localhost", from, to});
    const LlmAnswer answer = ask_through(front, "localhost", true);
    EXPECT_EQ(answer.status, LlmStatus::kUnavailable);
    EXPECT_NE(answer.reason.find("certificate is not trusted"), std::string::npos) << answer.reason;
  }
  EXPECT_EQ(server_.request_count(), 0U);
}

TEST_F(LlmTls, DoesNotFallBackToPlainHttp) {
  const Within limit(std::chrono::seconds(5));
  LlmOptions options = quick_options("https://127.0.0.1:" + std::to_string(server_.port()) + "/v1");
  options.total_timeout_ms = 500;
  LlmClient client = must_create(options);
  EXPECT_EQ(ask_one(client).status, LlmStatus::kUnavailable);
  EXPECT_EQ(server_.request_count(), 0U);
}

}  // namespace
}  // namespace logsieve
