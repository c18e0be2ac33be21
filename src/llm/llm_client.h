// One OpenAI-compatible chat-completions endpoint (Groq by default) that names the label of a masked form.
//
// Nothing it reads is trusted: the form may hold injected instructions, the server may be slow, broken or
// hostile. So an answer is a label of the set or no answer; every wait ends at a deadline; every reply has a
// size limit; and the key is in the Authorization header and nowhere else.
#ifndef LOGSIEVE_LLM_LLM_CLIENT_H_
#define LOGSIEVE_LLM_LLM_CLIENT_H_

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

#include "base/result.h"
#include "llm/answer_store.h"
#include "llm/llm_clock.h"
#include "llm/llm_options.h"
#include "llm/llm_question.h"
#include "record/label_set.h"

namespace logsieve {

// What a client works with; null: a store in memory, the machine's clock. Outlives the client.
struct LlmEnvironment {
  AnswerStore* store = nullptr;
  LlmClock* clock = nullptr;
  // Told what `take_notices` would hand out, at once, by the thread that asks. Empty: it is kept for that.
  std::function<void(const std::string&)> on_notice = {};
};

// One thread. Does nothing on the network until `ask`.
class LlmClient {
 public:
  // Errors: kBadConfig (no key for a remote endpoint, base URL not https and not loopback, bad URL, a key with
  // characters that a header cannot hold, no models, a zero limit, a budget of money for a model without a price),
  // kInvalidArgument (no labels, or descriptions that do not fit them).
  static Result<LlmClient> create(LlmOptions options, const LabelSet& labels,
                                  LlmEnvironment environment = {});
  LlmClient(LlmClient&&) noexcept;
  LlmClient& operator=(LlmClient&&) noexcept;
  ~LlmClient();

  // One answer a question, in order. What the store knows is not asked; equal questions are asked once; the rest
  // goes out in batches of up to `batch_forms`, up to `parallel_requests` at once. A batch takes about
  // total_timeout_ms at most, besides pauses of up to patience_ms that a budget or the endpoint asks for. After 5
  // failed requests in a row everything is kUnavailable at once for a pause, then one request finds out; after a
  // refused key it is so for the rest of this client's life. With `stop`, what is not sent yet is kUnavailable; what
  // is under way is waited for, unless the endpoint's last request has failed.
  std::vector<LlmAnswer> ask(std::span<const LlmQuestion> questions, const std::stop_token& stop = {});
  // The stored answer, if there is one. Counts as one that was asked. May be called by another thread than `ask`.
  std::optional<LlmAnswer> find_stored(const LlmQuestion& question);
  // What was found out about these models with these labels, in this run or an earlier one. May be called by another
  // thread than `ask`. A store that fails forgets.
  std::optional<std::string> fact(std::string_view name) const;
  void keep_fact(std::string_view name, std::string_view value);
  // The endpoint's last request has failed.
  bool is_failing() const;
  // Nothing is asked until then, since the endpoint fails; in the past or now: it may be asked.
  TimePoint closed_until() const;
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
