// What an endpoint's list of models (GET /models) says about the configuration.
#ifndef LOGSIEVE_LLM_PROBE_H_
#define LOGSIEVE_LLM_PROBE_H_

#include <string>
#include <vector>

#include "base/result.h"
#include "llm/http_reply.h"

namespace logsieve {

// See LlmClient::probe. Quotes the server: the caller takes the key out.
Result<std::string> describe_probe(const HttpReply& reply, const std::vector<std::string>& models);

}  // namespace logsieve

#endif  // LOGSIEVE_LLM_PROBE_H_
