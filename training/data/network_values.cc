#include <algorithm>
#include <array>

#include "training/data/slot_values.h"
#include "training/data/value_parts.h"

namespace logsieve::values {
namespace {

void append_status(std::size_t first_digit, Random& random, std::string& out) {
  static constexpr std::array<std::array<std::string_view, 8>, 4> kCodes = {{
      {"200", "200", "200", "200", "201", "202", "204", "206"},
      {"301", "302", "303", "304", "304", "307", "308", "302"},
      {"400", "401", "403", "404", "404", "409", "422", "429"},
      {"500", "500", "502", "502", "503", "503", "504", "501"},
  }};
  out += pick(kCodes[first_digit - 2], random);
}

}  // namespace

void append_ip(const SlotRange& /*range*/, Random& random, std::string& out) {
  static constexpr std::array<std::string_view, 8> kNetworks = {
      "10.", "10.", "192.168.", "172.16.", "203.0.113.", "198.51.100.", "192.0.2.", ""};
  const std::string_view network = pick(kNetworks, random);
  out += network;
  const auto given = static_cast<std::size_t>(std::count(network.begin(), network.end(), '.'));
  for (std::size_t i = given; i < 4; ++i) {
    if (i > given) out += '.';
    append_number(between(i == 0 ? 11 : 1, i == 0 ? 223 : 254, random), out);
  }
}

void append_port(const SlotRange& /*range*/, Random& random, std::string& out) {
  static constexpr std::array<std::string_view, 12> kKnown = {"80",   "443",  "22",   "25",   "53",   "3306",
                                                              "5432", "6379", "8080", "9092", "5672", "8443"};
  if (one_in(3, random)) {
    out += pick(kKnown, random);
  } else {
    append_number(between(1024, 65535, random), out);
  }
}

void append_ip_port(const SlotRange& range, Random& random, std::string& out) {
  append_ip(range, random, out);
  out += ':';
  append_port(range, random, out);
}

void append_ip6(const SlotRange& /*range*/, Random& random, std::string& out) {
  static constexpr std::array<std::string_view, 4> kPrefixes = {
      "2001:db8:", "fe80::", "fd00:12:", "2001:db8:85a3::"};
  const std::string_view prefix = pick(kPrefixes, random);
  out += prefix;
  const bool is_short = prefix.ends_with("::");
  const auto groups = is_short ? between(1, 4, random) : 6;
  for (std::int64_t i = 0; i < groups; ++i) {
    if (i > 0) out += ':';
    append_hex(4, random, out);
  }
}

void append_mac(const SlotRange& /*range*/, Random& random, std::string& out) {
  for (int i = 0; i < 6; ++i) {
    if (i > 0) out += ':';
    append_hex(2, random, out);
  }
}

void append_email(const SlotRange& /*range*/, Random& random, std::string& out) {
  static constexpr std::array<std::string_view, 4> kDomains = {"example.com", "mail.example.net",
                                                               "corp.example.org", "shop.example"};
  out += pick(given_names(), random);
  out += one_in(3, random) ? "_" : ".";
  out += pick(family_names(), random);
  if (one_in(4, random)) append_number(between(1, 99, random), out);
  out += '@';
  out += pick(kDomains, random);
}

void append_http_path(const SlotRange& /*range*/, Random& random, std::string& out) {
  static constexpr std::array<std::string_view, 8> kRoots = {"/api/v1/", "/api/v2/", "/v3/",    "/rest/",
                                                             "/",        "/static/", "/admin/", "/internal/"};
  static constexpr std::array<std::string_view, 6> kQueries = {
      "?page=", "?limit=", "?offset=", "?id=", "?q=", "?since="};
  static constexpr std::array<std::string_view, 6> kFiles = {"index.html", "app.js", "logo.png",
                                                             "status",     "list",   "login.php"};
  out += pick(kRoots, random);
  out += pick(nouns(), random);
  if (one_in(2, random)) {
    out += '/';
    append_number(skewed_between(1, 999999, random), out);
  }
  if (one_in(4, random)) {
    out += '/';
    out += pick(kFiles, random);
  }
  if (one_in(4, random)) {
    out += pick(kQueries, random);
    append_number(between(1, 500, random), out);
  }
}

void append_url(const SlotRange& range, Random& random, std::string& out) {
  out += one_in(4, random) ? "http://" : "https://";
  out += pick(roles(), random);
  out += ".example.com";
  if (one_in(4, random)) {
    out += ':';
    append_port(range, random, out);
  }
  append_http_path(range, random, out);
}

void append_interface(const SlotRange& /*range*/, Random& random, std::string& out) {
  static constexpr std::array<std::string_view, 9> kKinds = {"eth", "ens", "wlan",    "bond",  "em",
                                                             "tun", "igb", "ge-0/0/", "Gi1/0/"};
  out += pick(kKinds, random);
  append_number(between(0, 9, random), out);
}

void append_method(const SlotRange& /*range*/, Random& random, std::string& out) {
  static constexpr std::array<std::string_view, 10> kMethods = {"GET",  "GET", "GET",    "POST",  "POST",
                                                                "HEAD", "PUT", "DELETE", "PATCH", "OPTIONS"};
  out += pick(kMethods, random);
}

void append_user_agent(const SlotRange& /*range*/, Random& random, std::string& out) {
  static constexpr std::array<std::string_view, 8> kAgents = {
      "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36",
      "Mozilla/5.0 (X11; Linux x86_64; rv:115.0) Gecko/20100101 Firefox/115.0",
      "curl/7.88.1",
      "kube-probe/1.27",
      "okhttp/4.11.0",
      "python-requests/2.31.0",
      "Prometheus/2.45.0",
      "Mozilla/5.0 (iPhone; CPU iPhone OS 16_5 like Mac OS X)"};
  out += pick(kAgents, random);
}

void append_status2(const SlotRange& /*range*/, Random& random, std::string& out) {
  append_status(2, random, out);
}

void append_status3(const SlotRange& /*range*/, Random& random, std::string& out) {
  append_status(3, random, out);
}

void append_status4(const SlotRange& /*range*/, Random& random, std::string& out) {
  append_status(4, random, out);
}

void append_status5(const SlotRange& /*range*/, Random& random, std::string& out) {
  append_status(5, random, out);
}

}  // namespace logsieve::values
