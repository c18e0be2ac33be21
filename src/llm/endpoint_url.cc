#include "llm/endpoint_url.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <memory>
#include <string_view>

#include "base/utf8.h"
#include "llm/ascii.h"

namespace logsieve {
namespace {

constexpr std::string_view kChatPath = "/chat/completions";

struct UrlCleanup {
  void operator()(CURLU* url) const { curl_url_cleanup(url); }
};
using UrlHandle = std::unique_ptr<CURLU, UrlCleanup>;

std::string part_of(CURLU* url, CURLUPart part) {
  char* text = nullptr;
  if (curl_url_get(url, part, &text, 0) != CURLUE_OK) return {};
  std::string copy(text);
  curl_free(text);
  return copy;
}

Error bad_url(const std::string& base_url, std::string_view why) {
  // Whoever writes a key into the URL writes it before an @ or after a ?.
  const bool may_hold_secret = base_url.find_first_of("@?#") != std::string::npos;
  std::string message = "the LLM base URL ";
  if (!may_hold_secret) message += "\"" + printable(base_url) + "\" ";
  return Error{ErrorCode::kBadConfig, message + std::string(why)}.with_help(
      "give something like https://api.groq.com/openai/v1, or http://127.0.0.1:8080/v1 for a local server");
}

bool is_ipv4(const std::string& host) {
  in_addr address{};
  return inet_pton(AF_INET, host.c_str(), &address) == 1;
}

bool is_ipv6(const std::string& host) {
  in6_addr address{};
  return inet_pton(AF_INET6, host.c_str(), &address) == 1;
}

bool is_ipv6_loopback(const std::string& host) {
  in6_addr address{};
  return inet_pton(AF_INET6, host.c_str(), &address) == 1 && IN6_IS_ADDR_LOOPBACK(&address) != 0;
}

bool is_loopback_host(const std::string& host) {
  return to_lower_ascii(host) == "localhost" || (is_ipv4(host) && host.starts_with("127.")) ||
         is_ipv6_loopback(host);
}

std::string normal_base(CURLU* url) {
  std::string text = part_of(url, CURLUPART_URL);
  while (text.ends_with('/')) text.pop_back();
  if (text.ends_with(kChatPath)) text.resize(text.size() - kChatPath.size());
  return text;
}

// nullptr: nothing is wrong with it. By character, because parsers differ on "https://@host" and "host?".
const char* forbidden_part(const std::string& base_url) {
  if (base_url.find('@') != std::string::npos)
    return "holds a user name or password; the key has its own place";
  if (base_url.find('?') != std::string::npos) return "has a query (?...), which a base URL cannot have";
  if (base_url.find('#') != std::string::npos) return "has a fragment (#...), which a base URL cannot have";
  return nullptr;
}

}  // namespace

Result<EndpointUrl> parse_base_url(const std::string& base_url) {
  const UrlHandle url(curl_url());
  if (!url) return Error{ErrorCode::kInternal, "out of memory"};
  if (curl_url_set(url.get(), CURLUPART_URL, base_url.c_str(), 0) != CURLUE_OK ||
      base_url.find('\0') != std::string::npos || base_url.find(":///") != std::string::npos) {
    return bad_url(base_url, "is not a URL");
  }
  if (const char* why = forbidden_part(base_url)) return bad_url(base_url, why);
  const std::string scheme = part_of(url.get(), CURLUPART_SCHEME);
  EndpointUrl endpoint;
  endpoint.host = part_of(url.get(), CURLUPART_HOST);
  if (endpoint.host.starts_with('[') && endpoint.host.ends_with(']')) {
    endpoint.host = endpoint.host.substr(1, endpoint.host.size() - 2);
  }
  endpoint.is_https = scheme == "https";
  endpoint.is_loopback = is_loopback_host(endpoint.host);
  endpoint.is_address = is_ipv4(endpoint.host) || is_ipv6(endpoint.host);
  if (scheme != "https" && scheme != "http") return bad_url(base_url, "is neither https nor http");
  if (endpoint.host.empty()) return bad_url(base_url, "names no host");
  if (!endpoint.is_https && !endpoint.is_loopback) {
    return bad_url(base_url, "is not https: log text and the key would travel readable by others");
  }
  const std::string base = normal_base(url.get());
  endpoint.chat_url = base + std::string(kChatPath);
  endpoint.models_url = base + "/models";
  return endpoint;
}

}  // namespace logsieve
