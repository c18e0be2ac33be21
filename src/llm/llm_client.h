// One OpenAI-compatible chat-completions endpoint (Groq by default) that names the label of a masked form.
#ifndef LOGSIEVE_LLM_LLM_CLIENT_H_
#define LOGSIEVE_LLM_LLM_CLIENT_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "record/label_set.h"

namespace logsieve {

struct LlmOptions {
  std::string base_url = "https://api.groq.com/openai/v1";
  std::vector<std::string> models = {"llama-3.3-70b-versatile", "openai/gpt-oss-120b"};  // tried in order
  std::string api_key;                   // never logged
  std::uint32_t connect_timeout_ms = 5'000;
  std::uint32_t total_timeout_ms = 20'000;  // of one question, retries and all
  std::uint32_t max_retries = 2;
  std::size_t parallel_requests = 4;
  std::size_t max_reply_bytes = std::size_t{4} << 20U;
};

struct LlmQuestion {
  std::string form;     // the masked form: the only log text that leaves the machine
  std::string source;
  std::vector<std::pair<std::string, std::string>> examples;  // (form, label) of the nearest labelled forms
};

enum class LlmStatus : std::uint8_t {
  kAnswered,     // label is one of the set
  kAbstained,    // the model said Unclassified, or nothing valid after one more try
  kUnavailable,  // no answer: endpoint, network, limits, deadline
};

struct LlmAnswer {
  LlmStatus status = LlmStatus::kUnavailable;
  LabelId label = kNoLabel;
  std::string reason;   // for people: why it abstained or was unavailable
};

struct LlmCounters {
  std::uint64_t requests = 0;
  std::uint64_t retries = 0;
  std::uint64_t answered = 0;
  std::uint64_t failed = 0;
};

// One thread. Does nothing on the network until `ask`.
class LlmClient {
 public:
  // Errors: kBadConfig (no key for a remote endpoint, base URL not https and not loopback, bad URL).
  static Result<LlmClient> create(LlmOptions options, const LabelSet& labels);
  LlmClient(LlmClient&&) noexcept;
  LlmClient& operator=(LlmClient&&) noexcept;
  ~LlmClient();

  // One answer a question, in order; up to `parallel_requests` at once. Never longer than about
  // questions / parallel_requests * total_timeout_ms; after 5 failures in a row or a refused key the rest of
  // this client's life answers kUnavailable at once.
  std::vector<LlmAnswer> ask(std::span<const LlmQuestion> questions);
  LlmCounters counters() const;

 private:
  struct Impl;
  explicit LlmClient(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

// The key: LOGSIEVE_LLM_API_KEY, else GROQ_API_KEY, else the content of `key_file` if it names one. Empty: none.
// `warning` gets a line if the key file can be read by others.
Result<std::string> find_api_key(const std::string& key_file, std::string& warning);

}  // namespace logsieve

#endif  // LOGSIEVE_LLM_LLM_CLIENT_H_
