// One OpenAI-compatible chat-completions endpoint (Groq by default) that names the label of a masked form.
//
// Nothing it reads is trusted: the form may hold injected instructions, the server may be slow, broken or
// hostile. So an answer is a label of the set or no answer; every wait ends at a deadline; every reply has a
// size limit; and the key is in the Authorization header and nowhere else.
#ifndef LOGSIEVE_LLM_LLM_CLIENT_H_
#define LOGSIEVE_LLM_LLM_CLIENT_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "record/label_set.h"

namespace logsieve {

struct LlmOptions {
  std::string base_url = "https://api.groq.com/openai/v1";  // https, or http to loopback; no user, no query
  std::vector<std::string> models = {"llama-3.3-70b-versatile", "openai/gpt-oss-120b"};  // tried in order
  std::string api_key = {};  // never logged; may be empty for a loopback endpoint
  std::uint32_t connect_timeout_ms = 5'000;
  std::uint32_t total_timeout_ms = 20'000;  // of one question: retries, waits, re-ask and all
  std::uint32_t max_retries = 2;        // of one question, after 408, 409, 429, 498, 5xx or a network fault
  std::uint32_t backoff_base_ms = 500;  // the first retry waits a random part of this, each next one of twice
  std::uint32_t backoff_cap_ms = 8'000;  // ... up to this
  std::uint64_t jitter_seed = 0;         // 0: from the system
  std::size_t parallel_requests = 4;
  std::size_t max_reply_bytes = std::size_t{4} << 20U;  // after decompression
  // What each label means, in the order of the LabelSet; empty: names alone. An empty text: that name alone.
  std::vector<std::string> label_descriptions = {};
  std::string ca_file =
      {};  // PEM file of the authorities to trust instead of the system's; empty: the system's
  // A host name that resolves to a private address is refused unless this is set. An address written in the
  // URL, and `localhost`, need no permission; link-local addresses (cloud metadata) are always refused.
  bool allow_private_addresses = false;
  std::vector<std::string> resolve = {};  // "host:port:address", used instead of DNS
};

struct LlmQuestion {
  std::string form = {};  // the masked form: the only log text that leaves the machine
  std::string source = {};
  std::vector<std::pair<std::string, std::string>> examples =
      {};  // (form, label) of the nearest labelled forms
};

enum class LlmStatus : std::uint8_t {
  kAnswered,     // label is one of the set
  kAbstained,    // the model said Unclassified, or nothing valid after one more try
  kUnavailable,  // no answer: endpoint, network, limits, deadline
};

struct LlmAnswer {
  LlmStatus status = LlmStatus::kUnavailable;
  LabelId label = kNoLabel;
  std::string reason = {};  // for people, one printable line: why it abstained or was unavailable
};

// Of the client's life. answered + abstained + failed is the number of questions asked so far.
struct LlmCounters {
  std::uint64_t requests = 0;  // HTTP requests sent
  std::uint64_t retries = 0;   // ... of which repeat one that failed
  std::uint64_t re_asks = 0;   // ... of which follow a reply that was not valid
  std::uint64_t answered = 0;
  std::uint64_t abstained = 0;
  std::uint64_t failed = 0;           // answered with kUnavailable
  std::uint64_t invalid_replies = 0;  // replies with status 200 that no label could be read from
};

// One thread. Does nothing on the network until `ask`.
class LlmClient {
 public:
  // Errors: kBadConfig (no key for a remote endpoint, base URL not https and not loopback, bad URL, a key with
  // characters that a header cannot hold, no models, a zero limit), kInvalidArgument (no labels, or
  // descriptions that do not fit them).
  static Result<LlmClient> create(LlmOptions options, const LabelSet& labels);
  LlmClient(LlmClient&&) noexcept;
  LlmClient& operator=(LlmClient&&) noexcept;
  ~LlmClient();

  // One answer a question, in order; up to `parallel_requests` at once. Never longer than about
  // questions / parallel_requests * total_timeout_ms; after 5 failures in a row or a refused key the rest of
  // this client's life answers kUnavailable at once. While the endpoint asks for a pause (retry-after) that is
  // longer than a question may take, questions are answered kUnavailable at once and do not count as failures.
  std::vector<LlmAnswer> ask(std::span<const LlmQuestion> questions);
  LlmCounters counters() const;

  // Asks the endpoint which models it offers; sends no log text and counts nowhere. One printable line for
  // `doctor`: "reachable; offers openai/gpt-oss-120b, not llama-3.3-70b-versatile". An endpoint that cannot list
  // its models is no error. Errors: kUnavailable (no reply within total_timeout_ms, or one that is no answer),
  // kBadConfig (the key is refused).
  Result<std::string> probe();

  // What the user should hear once, one printable line each, oldest first: a model that is gone, a refused key,
  // an endpoint given up. Each notice is handed out once.
  std::vector<std::string> take_notices();

 private:
  struct Impl;
  explicit LlmClient(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

// The key: LOGSIEVE_LLM_API_KEY, else GROQ_API_KEY, else the content of `key_file` if it names one. Empty: none.
// White space around it is dropped. `warning` gets a line if the key file can be read by others, else is cleared.
// Errors, none of which shows any of the key: kBadConfig for a key file that cannot be read, is empty or larger
// than 4 KiB, and for a key with spaces, line breaks or anything else outside printable ASCII.
Result<std::string> find_api_key(const std::string& key_file, std::string& warning);

}  // namespace logsieve

#endif  // LOGSIEVE_LLM_LLM_CLIENT_H_
