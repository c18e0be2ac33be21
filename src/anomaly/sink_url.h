// Where a sink may be: https, or http that does not leave the machine or, where that is allowed, the private network.
#ifndef LOGSIEVE_ANOMALY_SINK_URL_H_
#define LOGSIEVE_ANOMALY_SINK_URL_H_

#include <string>
#include <string_view>
#include <vector>

#include "anomaly/alert_options.h"
#include "base/result.h"
#include "llm/address_policy.h"

namespace logsieve {

struct SinkUrl {
  std::string host;  // IPv6 without brackets
  AddressPolicy policy = AddressPolicy::kPublicOnly;
  bool is_https = true;
  // Plain http to a name: its addresses must be looked up, and all be private.
  bool is_private_name = false;
};

// Errors: kBadConfig, in words about the sink; the URL itself, which may hold a secret, is not shown.
Result<SinkUrl> parse_sink_url(const SinkOptions& options);

// The addresses of a host as text. Waits for the resolver. Errors: kUnavailable (there are none), kBadConfig (one is
// public).
Result<std::vector<std::string>> private_addresses(const std::string& host);

// webhook, alertmanager, slack, file, stderr.
std::string_view sink_type_name(SinkType type);
// What stands for a sink that has no name: its type, and its host or path.
std::string default_sink_name(const SinkOptions& options);
// One line of what must be put right, and why. Errors: kBadConfig.
Result<void> check_sink(const SinkOptions& options);

}  // namespace logsieve

#endif  // LOGSIEVE_ANOMALY_SINK_URL_H_
