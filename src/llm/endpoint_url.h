// The base URL of an OpenAI-compatible endpoint, checked and put in one form.
#ifndef LOGSIEVE_LLM_ENDPOINT_URL_H_
#define LOGSIEVE_LLM_ENDPOINT_URL_H_

#include <string>

#include "base/result.h"

namespace logsieve {

struct EndpointUrl {
  std::string chat_url;    // base URL + "/chat/completions"
  std::string models_url;  // base URL + "/models"
  std::string host;        // as in the URL, IPv6 without brackets
  bool is_https = false;
  bool is_loopback = false;  // `localhost`, 127.0.0.0/8 or ::1
  bool is_address = false;   // the host is an IP address, not a name
};

// Trailing slashes and a trailing "/chat/completions" are dropped. Errors, all kBadConfig: not a URL, a scheme
// other than http and https, http to anything but loopback, user or password, query or fragment. The message
// shows the URL only where it cannot hold a secret.
Result<EndpointUrl> parse_base_url(const std::string& base_url);

}  // namespace logsieve

#endif  // LOGSIEVE_LLM_ENDPOINT_URL_H_
