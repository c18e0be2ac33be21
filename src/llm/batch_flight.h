// The course of one batch of questions from its first request to its answers, as a state machine without network: it
// says when to send and what, is told what came back and at which time, and decides. So every decision about
// retries, deadlines, models, styles, budgets and splits is testable without a clock or a socket.
#ifndef LOGSIEVE_LLM_BATCH_FLIGHT_H_
#define LOGSIEVE_LLM_BATCH_FLIGHT_H_

#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "llm/answer.h"
#include "llm/answer_store.h"
#include "llm/endpoint_state.h"
#include "llm/http_reply.h"
#include "llm/llm_clock.h"
#include "llm/llm_options.h"
#include "llm/prompt.h"

namespace logsieve {

// Outlives its flights.
struct FlightContext {
  const LlmOptions& options;
  const LabelSet& labels;
  const std::string& labels_hash;
  const Prompt& prompt;
  EndpointState& endpoint;
  AnswerStore& store;
  LlmCounters& counters;
};

// Questions that are asked together.
struct BatchPlan {
  std::vector<std::size_t> questions;  // their indices, at least one
  std::uint32_t splits_left = 6;       // 40 questions are single ones after 6 halvings
  std::uint32_t token_factor = 1;      // on the limit of the answer's tokens
  bool is_re_ask = false;              // after a reply that was not valid: the last try
};

class BatchFlight {
 public:
  // Questions of one variant. `questions` outlives the flight.
  BatchFlight(BatchPlan plan, std::span<const LlmQuestion> questions, FlightContext context, Moment now);

  enum class Step : std::uint8_t { kWaiting, kInFlight, kDone };
  Step step() const { return step_; }

  // Where it is waiting: true if its request should be sent now; its cost is then reserved, and `take_request` must
  // follow. May end the flight (deadline, stopped endpoint, budget used up) or replace it by smaller ones.
  bool wants_to_send(Moment now);
  // Where it is waiting and did not want to send: when to ask again, unless something happens before.
  TimePoint wake_at() const { return wake_at_; }

  // The body to post; the flight is then kInFlight until `on_reply`. Call only if `wants_to_send`.
  std::string take_request();
  // What the request may take at most; at least 1.
  std::uint32_t request_timeout_ms(TimePoint now) const;
  void on_reply(const HttpReply& reply, Moment now);

  // Ends a flight that is waiting, without answers.
  void cancel(const std::string& reason);

  // Where it is done: an answer for each question (by index) that is not in a follow-up. Reasons may quote the
  // server and the model.
  std::span<const std::pair<std::size_t, LlmAnswer>> answers() const { return answers_; }
  std::vector<BatchPlan> take_follow_ups() { return std::exchange(follow_ups_, {}); }

 private:
  void prepare();
  bool wait_for(TimePoint time, Moment now, bool has_spread);
  bool admit(Moment now);
  void settle(std::string_view outcome, const TokenCount& tokens, std::span<const NewAnswer> answers);
  TokenCount lost_tokens(const HttpReply& reply) const;
  void read_answers(const HttpReply& reply, Moment now);
  bool has_wrong_control(const ParsedReply& parsed) const;
  void take_answers(const ParsedReply& parsed, const TokenCount& tokens);
  void retry_later(const HttpReply& reply, Moment now);
  void after_refusal(bool has_changed, const HttpReply& reply, Moment now);
  void ask_again(const std::string& problem, bool in_halves);
  void split(const std::string& problem);
  void after_cut(const std::string& problem);
  std::vector<BatchPlan> halves() const;
  void send_again(TimePoint time);
  void end_all(LlmStatus status, const std::string& reason);
  void fail(const std::string& reason, TimePoint now);  // the endpoint is to blame
  void lose(const std::string& reason);                 // ... and has been told so

  BatchPlan plan_;
  std::span<const LlmQuestion> questions_;
  FlightContext context_;
  TimePoint deadline_;
  TimePoint wake_at_;
  Step step_ = Step::kWaiting;
  std::uint32_t retries_ = 0;
  bool is_retry_ = false;  // the next request repeats one that failed

  // Of the request that is next or in flight.
  std::string body_;
  std::vector<std::string> ids_;  // [plan_.questions]
  std::size_t model_ = 0;
  ModelTraits traits_;
  TokenCount most_;
  std::int64_t most_nano_usd_ = 0;
  std::int64_t call_ = 0;

  std::vector<std::pair<std::size_t, LlmAnswer>> answers_;
  std::vector<BatchPlan> follow_ups_;
};

}  // namespace logsieve

#endif  // LOGSIEVE_LLM_BATCH_FLIGHT_H_
