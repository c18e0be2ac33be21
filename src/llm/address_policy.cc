#include "llm/address_policy.h"

#include <arpa/inet.h>
#include <array>
#include <cstring>
#include <netinet/in.h>

namespace logsieve {
namespace {

enum class Reach : std::uint8_t { kLoopback, kLinkLocal, kPrivate, kPublic };

struct Block {
  std::uint32_t prefix;
  unsigned bits;
  Reach reach;
};

// kLinkLocal stands for everything that is never a chat endpoint: multicast, reserved, "this network".
constexpr std::array<Block, 12> kIpv4Blocks = {{
    {0x7F000000, 8, Reach::kLoopback},    // 127.0.0.0
    {0xA9FE0000, 16, Reach::kLinkLocal},  // 169.254.0.0, cloud metadata
    {0x00000000, 8, Reach::kLinkLocal},   // 0.0.0.0
    {0xE0000000, 3, Reach::kLinkLocal},   // 224.0.0.0 and above: multicast, reserved, broadcast
    {0x0A000000, 8, Reach::kPrivate},     // 10.0.0.0
    {0xAC100000, 12, Reach::kPrivate},    // 172.16.0.0
    {0xC0A80000, 16, Reach::kPrivate},    // 192.168.0.0
    {0x64400000, 10, Reach::kPrivate},    // 100.64.0.0, carrier NAT; Alibaba Cloud's metadata
    {0xC0000000, 24, Reach::kPrivate},    // 192.0.0.0, protocol assignments
    {0xC6120000, 15, Reach::kPrivate},    // 198.18.0.0, benchmarks
    {0xC0000200, 24, Reach::kPrivate},    // 192.0.2.0, documentation
    {0xCB007100, 24, Reach::kPrivate},    // 203.0.113.0, documentation
}};

Reach reach_of_ipv4(std::uint32_t address) {
  for (const Block& block : kIpv4Blocks) {
    if ((address >> (32U - block.bits)) == (block.prefix >> (32U - block.bits))) return block.reach;
  }
  return Reach::kPublic;
}

std::uint32_t ipv4_at(const in6_addr& address, std::size_t offset) {
  std::uint32_t value = 0;
  std::memcpy(&value, address.s6_addr + offset, sizeof value);
  return ntohl(value);
}

Reach reach_of_ipv6(const in6_addr& address) {
  constexpr std::array<unsigned char, 12> kNat64 = {0x00, 0x64, 0xFF, 0x9B};  // 64:ff9b::/96
  if (IN6_IS_ADDR_LOOPBACK(&address)) return Reach::kLoopback;
  if (IN6_IS_ADDR_V4MAPPED(&address)) return reach_of_ipv4(ipv4_at(address, 12));
  if (std::memcmp(address.s6_addr, kNat64.data(), kNat64.size()) == 0)
    return reach_of_ipv4(ipv4_at(address, 12));
  const unsigned first = address.s6_addr[0];
  const unsigned second = address.s6_addr[1];
  if (first == 0x20 && second == 0x02) return reach_of_ipv4(ipv4_at(address, 2));  // 2002::/16, 6to4
  if (first == 0xFF || IN6_IS_ADDR_UNSPECIFIED(&address)) return Reach::kLinkLocal;
  if (first == 0xFE && second >= 0x80) return second < 0xC0 ? Reach::kLinkLocal : Reach::kPrivate;
  if (first == 0xFC || first == 0xFD) return Reach::kPrivate;
  if ((first & 0xE0U) != 0x20U) return Reach::kPrivate;  // outside 2000::/3 nothing is public today
  return Reach::kPublic;
}

bool is_allowed(Reach reach, AddressPolicy policy) {
  switch (policy) {
    case AddressPolicy::kLoopbackOnly:
      return reach == Reach::kLoopback;
    case AddressPolicy::kPublicOnly:
      return reach == Reach::kPublic;
    case AddressPolicy::kNotLinkLocal:
      return reach != Reach::kLinkLocal;
    case AddressPolicy::kAny:
      return true;
  }
  return false;
}

}  // namespace

bool is_allowed_address(const sockaddr* address, AddressPolicy policy) {
  if (address->sa_family == AF_INET) {
    sockaddr_in ipv4{};
    std::memcpy(&ipv4, address, sizeof ipv4);
    return is_allowed(reach_of_ipv4(ntohl(ipv4.sin_addr.s_addr)), policy);
  }
  if (address->sa_family == AF_INET6) {
    sockaddr_in6 ipv6{};
    std::memcpy(&ipv6, address, sizeof ipv6);
    return is_allowed(reach_of_ipv6(ipv6.sin6_addr), policy);
  }
  return false;
}

}  // namespace logsieve
