#include "anomaly/sink_url.h"

#include <gtest/gtest.h>

namespace logsieve {
namespace {

SinkOptions sink(std::string url, bool allow_private = false) {
  SinkOptions options;
  options.name = "ops";
  options.target = std::move(url);
  options.allow_private_addresses = allow_private;
  return options;
}

struct UrlCase {
  const char* url;
  bool allow_private;
  const char* fault;  // part of the message; "" where it is good
};

class SinkUrlTest : public testing::TestWithParam<UrlCase> {};

TEST_P(SinkUrlTest, IsTakenOrRefusedInWordsOfTheSink) {
  const auto url = parse_sink_url(sink(GetParam().url, GetParam().allow_private));
  ASSERT_EQ(bool(url), std::string(GetParam().fault).empty()) << GetParam().url;
  if (url) return;
  EXPECT_EQ(url.error().code, ErrorCode::kBadConfig);
  EXPECT_NE(url.error().message.find("sink \"ops\""), std::string::npos) << url.error().message;
  EXPECT_NE(url.error().message.find(GetParam().fault), std::string::npos) << url.error().message;
  const std::string all = url.error().message + url.error().help;
  EXPECT_EQ(all.find("LLM"), std::string::npos) << all;
  EXPECT_EQ(all.find("s3cret"), std::string::npos) << all;
  EXPECT_FALSE(url.error().help.empty());
}

INSTANTIATE_TEST_SUITE_P(
    Urls, SinkUrlTest,
    testing::Values(
        UrlCase{"https://ops.example.com/hook?token=s3cret", false, ""},
        UrlCase{"http://127.0.0.1:9093", false, ""}, UrlCase{"http://[::1]:9093/x", false, ""},
        UrlCase{"http://localhost/x", false, ""},
        UrlCase{"http://ops.example.com/s3cret", false, "plain http to another machine"},
        UrlCase{"http://ops.example.com/s3cret", true, ""},  // judged when it is looked up
        UrlCase{"http://8.8.8.8/s3cret", true, "plain http to a public address"},
        UrlCase{"http://10.0.0.5/hook", true, ""}, UrlCase{"http://10.0.0.5/hook", false, "private address"},
        UrlCase{"https://10.0.0.5/hook", false, "private address"},
        UrlCase{"https://10.0.0.5/hook", true, ""}, UrlCase{"https://169.254.169.254/", true, "link-local"},
        UrlCase{"https://user:s3cret@ops.example.com/", false, "user name"},
        UrlCase{"ftp://ops.example.com/s3cret", false, "neither https"},
        UrlCase{"ops.example.com", false, "neither https"}, UrlCase{"https://", false, "no URL"}));

TEST(SinkUrl, PlainHttpToANameIsLookedUp) {
  EXPECT_TRUE(parse_sink_url(sink("http://alertmanager:9093", true))->is_private_name);
  EXPECT_FALSE(parse_sink_url(sink("https://alertmanager:9093", true))->is_private_name);
  const auto loopback = private_addresses("localhost");
  ASSERT_TRUE(loopback) << loopback.error().message;
  EXPECT_FALSE(loopback->empty());
  const auto open = private_addresses("8.8.8.8");
  ASSERT_FALSE(open);
  EXPECT_EQ(open.error().code, ErrorCode::kBadConfig);
}

TEST(SinkUrl, ADefaultNameHoldsNoSecret) {
  SinkOptions options = sink("https://hooks.example.com/services/T0/B0/s3cret");
  options.type = SinkType::kSlack;
  EXPECT_EQ(default_sink_name(options), "slack hooks.example.com");
  options.type = SinkType::kStderr;
  EXPECT_EQ(default_sink_name(options), "stderr");
}

}  // namespace
}  // namespace logsieve
