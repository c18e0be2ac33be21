#include "llm/endpoint_url.h"

#include <gtest/gtest.h>

namespace logsieve {
namespace {

TEST(ParseBaseUrl, AppendsThePathOnceWhateverTheTrailingSlashes) {
  for (const char* base :
       {"https://api.groq.com/openai/v1", "https://api.groq.com/openai/v1/",
        "https://api.groq.com/openai/v1//", "https://api.groq.com/openai/v1/chat/completions",
        "https://api.groq.com/openai/v1/chat/completions/"}) {
    const auto url = parse_base_url(base);
    ASSERT_TRUE(url) << base;
    EXPECT_EQ(url->chat_url, "https://api.groq.com/openai/v1/chat/completions") << base;
    EXPECT_EQ(url->models_url, "https://api.groq.com/openai/v1/models") << base;
    EXPECT_EQ(url->host, "api.groq.com");
    EXPECT_TRUE(url->is_https);
    EXPECT_FALSE(url->is_loopback);
    EXPECT_FALSE(url->is_address);
  }
}

TEST(ParseBaseUrl, TakesPlainHttpToLoopbackOnly) {
  for (const char* base : {"http://127.0.0.1:8080/v1", "http://127.9.9.9/v1", "http://localhost:11434/v1",
                           "http://[::1]:8000/v1", "http://LOCALHOST/v1"}) {
    const auto url = parse_base_url(base);
    ASSERT_TRUE(url) << base;
    EXPECT_TRUE(url->is_loopback) << base;
    EXPECT_FALSE(url->is_https) << base;
  }
  for (const char* base : {"http://api.groq.com/v1", "http://10.0.0.1/v1", "http://127.0.0.1.example.com/v1",
                           "http://localhost.example.com/v1", "http://[::2]/v1", "http://[fe80::1]/v1",
                           "http://[::ffff:10.0.0.1]/v1", "http://128.0.0.1/v1", "http://0.0.0.0/v1",
                           "http://2130706434.example/v1"}) {
    const auto url = parse_base_url(base);
    ASSERT_FALSE(url) << base;
    EXPECT_EQ(url.error().code, ErrorCode::kBadConfig) << base;
    EXPECT_NE(url.error().message.find("not https"), std::string::npos) << url.error().message;
  }
}

TEST(ParseBaseUrl, SeesThroughOddSpellingsOfAnAddress) {
  const auto remote = parse_base_url("http://167772161/v1");  // 10.0.0.1 as one number
  EXPECT_FALSE(remote);
  const auto address = parse_base_url("https://10.0.0.1/v1");
  ASSERT_TRUE(address);
  EXPECT_TRUE(address->is_address);
}

TEST(ParseBaseUrl, RefusesCredentialsQueriesAndFragmentsWithoutShowingThem) {
  for (const char* base : {"https://me:s3cret@api.example.com/v1", "https://s3cret@api.example.com/v1",
                           "https://@api.example.com/v1", "https://api.example.com/v1?key=s3cret",
                           "https://api.example.com/v1#s3cret", "https://me:s3 cret@api.example.com/v1"}) {
    const auto url = parse_base_url(base);
    ASSERT_FALSE(url) << base;
    EXPECT_EQ(url.error().code, ErrorCode::kBadConfig);
    EXPECT_EQ(render(url.error()).find("s3"), std::string::npos) << render(url.error());
  }
}

TEST(ParseBaseUrl, RefusesWhatIsNoWebAddressAndSaysWhatIs) {
  for (const char* base :
       {"", "api.groq.com/openai/v1", "ftp://example.com/v1", "file:///etc/passwd", "https://", "https:///v1",
        "gopher://127.0.0.1/v1", "https://exa mple.com/v1", "https://h\r\nX: y/v1", "javascript:alert(1)"}) {
    const auto url = parse_base_url(base);
    ASSERT_FALSE(url) << base;
    EXPECT_EQ(url.error().code, ErrorCode::kBadConfig) << base;
    EXPECT_NE(url.error().help.find("https://api.groq.com/openai/v1"), std::string::npos) << base;
  }
  EXPECT_FALSE(parse_base_url(std::string("https://example.com/v1\0@evil", 28)));
}

}  // namespace
}  // namespace logsieve
