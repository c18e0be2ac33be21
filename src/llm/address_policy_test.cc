#include "llm/address_policy.h"

#include <arpa/inet.h>
#include <cstring>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <string>

namespace logsieve {
namespace {

bool is_allowed(const std::string& text, AddressPolicy policy) {
  sockaddr_storage storage{};
  auto* ipv4 = reinterpret_cast<sockaddr_in*>(&storage);
  auto* ipv6 = reinterpret_cast<sockaddr_in6*>(&storage);
  if (::inet_pton(AF_INET, text.c_str(), &ipv4->sin_addr) == 1) {
    storage.ss_family = AF_INET;
  } else {
    EXPECT_EQ(::inet_pton(AF_INET6, text.c_str(), &ipv6->sin6_addr), 1) << text;
    storage.ss_family = AF_INET6;
  }
  return is_allowed_address(reinterpret_cast<const sockaddr*>(&storage), policy);
}

TEST(AddressPolicy, LetsOnlyPublicAddressesPassByDefault) {
  for (const char* address : {"1.1.1.1", "172.15.0.1", "172.32.0.1", "100.128.0.1", "2606:4700::1111",
                              "::ffff:8.8.8.8", "64:ff9b::8.8.8.8", "2002:0808:0808::1"}) {
    EXPECT_TRUE(is_allowed(address, AddressPolicy::kPublicOnly)) << address;
  }
  for (const char* address : {"127.0.0.1",
                              "10.0.0.1",
                              "172.16.0.1",
                              "172.31.255.255",
                              "192.168.1.1",
                              "169.254.169.254",
                              "100.100.100.200",
                              "0.0.0.0",
                              "224.0.0.1",
                              "255.255.255.255",
                              "240.0.0.1",
                              "192.0.0.192",
                              "::1",
                              "::",
                              "fe80::1",
                              "fc00::1",
                              "fd00:ec2::254",
                              "fec0::1",
                              "ff02::1",
                              "::ffff:10.0.0.1",
                              "::ffff:169.254.169.254",
                              "64:ff9b::a00:1",
                              "2002:a00:1::1",
                              "::10.0.0.1"}) {
    EXPECT_FALSE(is_allowed(address, AddressPolicy::kPublicOnly)) << address;
  }
}

TEST(AddressPolicy, NeverAllowsLinkLocalEvenWithPrivateNetworks) {
  for (const char* address : {"10.0.0.1", "192.168.1.1", "fd12::1", "1.1.1.1", "127.0.0.1"}) {
    EXPECT_TRUE(is_allowed(address, AddressPolicy::kNotLinkLocal)) << address;
  }
  for (const char* address :
       {"169.254.169.254", "fe80::1", "0.0.0.0", "::", "::ffff:169.254.169.254", "239.1.1.1"}) {
    EXPECT_FALSE(is_allowed(address, AddressPolicy::kNotLinkLocal)) << address;
  }
}

TEST(AddressPolicy, KeepsPlainHttpOnTheMachine) {
  for (const char* address : {"127.0.0.1", "127.255.0.3", "::1"}) {
    EXPECT_TRUE(is_allowed(address, AddressPolicy::kLoopbackOnly)) << address;
  }
  for (const char* address : {"1.1.1.1", "10.0.0.1", "169.254.1.1", "fe80::1", "128.0.0.1", "::2"}) {
    EXPECT_FALSE(is_allowed(address, AddressPolicy::kLoopbackOnly)) << address;
  }
}

TEST(AddressPolicy, RefusesOtherFamilies) {
  sockaddr address{};
  address.sa_family = AF_UNIX;
  EXPECT_FALSE(is_allowed_address(&address, AddressPolicy::kAny));
}

}  // namespace
}  // namespace logsieve
