// What the LLM tier is told: endpoint, limits, budget. From `llm:` of logsieve.yaml (docs/llm.md).
#ifndef LOGSIEVE_LLM_LLM_OPTIONS_H_
#define LOGSIEVE_LLM_LLM_OPTIONS_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "llm/budget.h"
#include "llm/model_traits.h"

namespace logsieve {

// As many as open the circuit (CircuitBreaker::kFailures), so that a hanging endpoint costs one deadline, not two.
inline constexpr std::size_t kParallelRequests = 5;

struct LlmOptions {
  std::string base_url = "https://api.groq.com/openai/v1";  // https, or http to loopback; no user, no query
  std::vector<std::string> models = {"llama-3.3-70b-versatile", "openai/gpt-oss-120b"};  // tried in order
  std::string api_key = {};                // never logged; may be empty for a loopback endpoint
  Provider provider = Provider::kFromUrl;  // whose habits to expect
  std::uint32_t connect_timeout_ms = 5'000;
  std::uint32_t total_timeout_ms = 20'000;  // of one batch: its request, retries and the waits between them
  std::uint32_t max_retries = 2;        // of one batch, after 408, 409, 429, 498, 499, 5xx or a network fault
  std::uint32_t backoff_base_ms = 500;  // the first retry waits a random part of this, each next one of twice
  std::uint32_t backoff_cap_ms = 8'000;  // ... up to this
  std::uint32_t breaker_pause_ms =
      30'000;  // after 5 failures in a row; doubled by each probe that fails, up to 300 s
  // How long a batch may wait for a pause that the endpoint asks for (retry-after, x-ratelimit-reset-*) or for the
  // budget of a minute, besides its deadline. Longer waits end it without an answer.
  std::uint32_t patience_ms = 75'000;
  std::uint64_t jitter_seed = 0;  // 0: from the system
  std::size_t parallel_requests = kParallelRequests;
  std::size_t batch_forms = 40;                         // forms a request, at most kMaxBatchForms
  std::size_t max_reply_bytes = std::size_t{4} << 20U;  // after decompression
  BudgetLimits budget = {};
  std::map<std::string, Price, std::less<>> prices = {};  // by model; known models have one already
  // What each label means, in the order of the LabelSet; empty: names alone. An empty text: that name alone.
  std::vector<std::string> label_descriptions = {};
  // PEM file of the authorities to trust instead of the system's; empty: the system's
  std::string ca_file = {};
  // A private address is refused unless this is set, whether it is written in the URL or what a host name resolves to.
  // Loopback needs no permission; link-local addresses (cloud metadata) are always refused.
  bool allow_private_addresses = false;
  std::vector<std::string> resolve = {};  // "host:port:address", used instead of DNS
};

// Of the client's life. answered + abstained + failed is the number of questions asked so far.
struct LlmCounters {
  std::uint64_t requests = 0;         // HTTP requests sent
  std::uint64_t retries = 0;          // ... of which repeat one that failed
  std::uint64_t re_asks = 0;          // ... of which follow a reply that was not valid
  std::uint64_t splits = 0;           // batches halved because a request or its reply was too large
  std::uint64_t stored = 0;           // questions answered from the store, without a request
  std::uint64_t answered = 0;         // stored ones among them
  std::uint64_t abstained = 0;        // stored ones among them
  std::uint64_t failed = 0;           // answered with kUnavailable
  std::uint64_t over_budget = 0;      // ... of which because a budget is used up
  std::uint64_t invalid_replies = 0;  // replies with status 200 that cannot be read as answers
  std::uint64_t invalid_items =
      0;  // answers in a readable reply: label outside the set, no or two labels for an id
  std::uint64_t strangers = 0;  // ids in replies that were not asked
};

}  // namespace logsieve

#endif  // LOGSIEVE_LLM_LLM_OPTIONS_H_
