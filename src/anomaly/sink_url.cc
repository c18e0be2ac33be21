#include "anomaly/sink_url.h"

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <memory>
#include <netdb.h>
#include <netinet/in.h>
#include <optional>
#include <utility>

#include "base/utf8.h"
#include "llm/endpoint_url.h"

namespace logsieve {
namespace {

constexpr std::string_view kPermit = "allow_private_addresses: true permits private networks";

Error bad_url(const SinkOptions& options, std::string_view why, std::string_view help) {
  return Error{ErrorCode::kBadConfig,
               "the url of sink \"" + printable(options.name) + "\" " + std::string(why)}
      .with_help(std::string(help));
}

bool is_allowed_text(const std::string& address, AddressPolicy policy) {
  sockaddr_in ipv4{};
  ipv4.sin_family = AF_INET;
  if (::inet_pton(AF_INET, address.c_str(), &ipv4.sin_addr) == 1)
    return is_allowed_address(reinterpret_cast<const sockaddr*>(&ipv4), policy);
  sockaddr_in6 ipv6{};
  ipv6.sin6_family = AF_INET6;
  return ::inet_pton(AF_INET6, address.c_str(), &ipv6.sin6_addr) == 1 &&
         is_allowed_address(reinterpret_cast<const sockaddr*>(&ipv6), policy);
}

std::optional<std::string> text_of(const addrinfo& found) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  const void* address = nullptr;
  if (found.ai_family == AF_INET) address = &reinterpret_cast<const sockaddr_in*>(found.ai_addr)->sin_addr;
  if (found.ai_family == AF_INET6) address = &reinterpret_cast<const sockaddr_in6*>(found.ai_addr)->sin6_addr;
  if (address == nullptr || ::inet_ntop(found.ai_family, address, text.data(), text.size()) == nullptr)
    return std::nullopt;
  return std::string(text.data());
}

// Of the parts that say where it is: the query, which may hold a key, is the receiver's matter.
Result<EndpointUrl> parse_place(const SinkOptions& options, bool is_https) {
  constexpr std::string_view kExample = "write url: https://HOST/PATH, or http://127.0.0.1:PORT/PATH";
  const std::size_t rest = is_https ? 8 : 7;
  const std::string place = options.target.substr(0, options.target.find_first_of("?#"));
  if (place.find('@') != std::string::npos)
    return bad_url(options, "holds a user name or password", "secret_file signs a webhook's messages");
  // As https, since the same parser refuses http to other machines.
  auto url = parse_base_url("https://" + place.substr(std::min(rest, place.size())));
  if (!url) return bad_url(options, "is no URL", kExample);
  return url;
}

// Why an address that is written in the URL will not do; empty: it will.
std::string_view fault_of_address(const EndpointUrl& url, const SinkOptions& options, bool is_https) {
  if (!is_allowed_text(url.host, AddressPolicy::kNotLinkLocal))
    return "is a link-local or reserved address, which is never used";
  const bool is_public = is_allowed_text(url.host, AddressPolicy::kPublicOnly);
  if (is_public && !is_https)
    return "is plain http to a public address: alerts would travel readable by others";
  return !is_public && !options.allow_private_addresses ? "is a private address, which is refused" : "";
}

}  // namespace

Result<SinkUrl> parse_sink_url(const SinkOptions& options) {
  const bool is_https = options.target.starts_with("https://");
  if (!is_https && !options.target.starts_with("http://"))
    return bad_url(options, "is neither https:// nor http://", "write url: https://HOST/PATH");
  auto url = parse_place(options, is_https);
  if (!url) return std::move(url).error();
  SinkUrl place{url->host, AddressPolicy::kPublicOnly, is_https, false};
  if (url->is_loopback) {
    place.policy = AddressPolicy::kLoopbackOnly;
    return place;
  }
  if (url->is_address)
    if (const std::string_view fault = fault_of_address(*url, options, is_https); !fault.empty())
      return bad_url(options, fault, kPermit);
  if (options.allow_private_addresses) place.policy = AddressPolicy::kNotLinkLocal;
  if (is_https) return place;
  if (!options.allow_private_addresses)
    return bad_url(options, "is plain http to another machine: alerts would travel readable by others",
                   "write https://, or for a machine in your own network allow_private_addresses: true");
  place.is_private_name = !url->is_address;
  return place;
}

Result<std::vector<std::string>> private_addresses(const std::string& host) {
  addrinfo wanted{};
  wanted.ai_socktype = SOCK_STREAM;
  addrinfo* list = nullptr;
  if (const int failure = ::getaddrinfo(host.c_str(), nullptr, &wanted, &list); failure != 0)
    return Error{ErrorCode::kUnavailable, ::gai_strerror(failure)};
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owner(list, &::freeaddrinfo);
  std::vector<std::string> addresses;
  for (const addrinfo* found = list; found != nullptr; found = found->ai_next) {
    auto text = text_of(*found);
    if (!text) continue;
    if (is_allowed_text(*text, AddressPolicy::kPublicOnly))
      return Error{ErrorCode::kBadConfig, "plain http to a public address (" + *text + ") is refused"};
    if (is_allowed_text(*text, AddressPolicy::kNotLinkLocal)) addresses.push_back(std::move(*text));
  }
  if (addresses.empty()) return Error{ErrorCode::kUnavailable, "the host has no address that may be used"};
  return addresses;
}

std::string_view sink_type_name(SinkType type) {
  constexpr std::array<std::string_view, 5> kNames = {"file", "webhook", "alertmanager", "slack", "stderr"};
  return kNames[static_cast<std::size_t>(type)];
}

std::string default_sink_name(const SinkOptions& options) {
  std::string type(sink_type_name(options.type));
  if (options.type == SinkType::kFile) return options.target;
  if (options.type == SinkType::kStderr) return type;
  const bool is_https = options.target.starts_with("https://");
  if (!is_https && !options.target.starts_with("http://")) return type;
  auto url = parse_place(options, is_https);
  return url ? type + ' ' + url->host : type;
}

Result<void> check_sink(const SinkOptions& options) {
  if (options.type == SinkType::kStderr) return ok();
  if (options.target.empty())
    return Error{ErrorCode::kBadConfig, "a sink needs a url, or of type file a path"}.with_help(
        "as in {type: webhook, url: \"https://HOST/PATH\"}");
  if (options.type == SinkType::kFile) return ok();
  auto url = parse_sink_url(options);
  return url ? ok() : std::move(url).error();
}

}  // namespace logsieve
