// Which addresses a connection may go to, looked at when the socket is opened: a host name that passed every
// check of the URL can still resolve to a neighbour (DNS rebinding) or to a cloud's metadata service.
// Sources: IANA IPv4 and IPv6 special-purpose address registries (RFC 6890 and later).
#ifndef LOGSIEVE_LLM_ADDRESS_POLICY_H_
#define LOGSIEVE_LLM_ADDRESS_POLICY_H_

#include <cstdint>
#include <sys/socket.h>

namespace logsieve {

enum class AddressPolicy : std::uint8_t {
  kLoopbackOnly,  // plain http: nothing may leave the machine
  kPublicOnly,    // a name of the internet
  kNotLinkLocal,  // private networks as well
  kAny,           // the socket goes to a proxy, which the user chose
};

// False for families other than IPv4 and IPv6. IPv4 addresses inside IPv6 ones (mapped, NAT64, 6to4) are judged
// as IPv4.
// `address` is as long as its family says.
bool is_allowed_address(const sockaddr* address, AddressPolicy policy);

}  // namespace logsieve

#endif  // LOGSIEVE_LLM_ADDRESS_POLICY_H_
