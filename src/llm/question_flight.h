// The course of one question from its first request to its answer, as a state machine without I/O: it says when
// to send and what, is told what came back and at which time, and decides. So every decision about retries,
// deadlines, models and styles is testable without a clock or a network.
#ifndef LOGSIEVE_LLM_QUESTION_FLIGHT_H_
#define LOGSIEVE_LLM_QUESTION_FLIGHT_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "llm/answer.h"
#include "llm/endpoint_state.h"
#include "llm/http_reply.h"
#include "llm/llm_client.h"
#include "llm/prompt.h"

namespace logsieve {

// Outlives its flights.
struct FlightContext {
  const LlmOptions& options;
  const LabelSet& labels;
  const Prompt& prompt;
  EndpointState& endpoint;
  LlmCounters& counters;
};

class QuestionFlight {
 public:
  // Time starts to count at `now`. `question` outlives the flight.
  QuestionFlight(const LlmQuestion& question, FlightContext context, TimePoint now);

  enum class Step : std::uint8_t { kWaiting, kInFlight, kDone };
  Step step() const { return step_; }

  // Where it is waiting: true if its request should be sent now. May end the flight (deadline, stopped endpoint).
  bool wants_to_send(TimePoint now);
  // Where it is waiting and did not want to send: when to ask again, unless something happens before.
  TimePoint wake_at() const { return wake_at_; }

  // The body to post; the flight is then kInFlight until `on_reply`. Call only if `wants_to_send`.
  std::string take_request();
  // What the request may take at most; at least 1.
  std::uint32_t request_timeout_ms(TimePoint now) const;

  // `wall_seconds`: Unix time, for a retry-after that is a date.
  void on_reply(const HttpReply& reply, TimePoint now, std::int64_t wall_seconds);

  // Where it is done. The reason may quote the server and the model.
  const LlmAnswer& answer() const { return answer_; }

 private:
  enum class Blame : std::uint8_t { kEndpoint, kNobody };  // whether it counts towards giving the endpoint up

  void read_answer(const HttpReply& reply, TimePoint now);
  void retry_later(const HttpReply& reply, TimePoint now, std::int64_t wall_seconds);
  void refuse_style(const HttpReply& reply, TimePoint now);
  void ask_again(TimePoint now, std::string problem, Blame blame);
  void send_at(TimePoint time);
  void finish(LlmStatus status, LabelId label, std::string reason);
  void fail(std::string reason, Blame blame);

  const LlmQuestion& question_;
  FlightContext context_;
  TimePoint deadline_;
  TimePoint wake_at_;
  Step step_ = Step::kWaiting;
  std::uint32_t retries_ = 0;
  bool is_retry_ = false;   // the next request repeats one that failed
  bool is_re_ask_ = false;  // a reply was not valid
  std::uint32_t token_factor_ = 1;
  std::size_t model_ = 0;  // of the request in flight
  AnswerStyle style_ = AnswerStyle::kPlain;
  LlmAnswer answer_;
};

}  // namespace logsieve

#endif  // LOGSIEVE_LLM_QUESTION_FLIGHT_H_
