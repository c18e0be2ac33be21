// The LLM beside the stream: forms are collected and asked in full batches on a thread of their own, once a distinct
// form, while the other tiers go on. A batch of lines takes its answers when it is written.
#ifndef LOGSIEVE_CASCADE_LLM_STAGE_H_
#define LOGSIEVE_CASCADE_LLM_STAGE_H_

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "llm/agreement.h"
#include "llm/answer_store.h"
#include "llm/llm_client.h"

namespace logsieve {

// Whether output waits for the LLM.
enum class LlmWait : std::uint8_t {
  kNone,    // never: stored answers count, what they lack is deferred and not asked in this run
  kBudget,  // while the budget lets it be asked at once; what it does not is deferred
  kAll,     // also for the next minute of a budget, and for pauses that the endpoint asks for
};

class LlmStage {
 public:
  // `store` is the one that `client` works with. Once `stop_flag` is set nobody waits any more but for calls under way.
  LlmStage(std::unique_ptr<AnswerStore> store, LlmClient client, const LabelSet& labels,
           AgreementOptions agreement, LlmWait wait, const std::atomic<bool>* stop_flag = nullptr);
  ~LlmStage();  // forgets what has not been asked yet; waits for calls under way, unless the endpoint fails
  LlmStage(const LlmStage&) = delete;
  LlmStage& operator=(const LlmStage&) = delete;

  LlmWait wait() const { return wait_; }
  // True if this form has been submitted: its question need not be made. A form that got no answer since the
  // endpoint was down is forgotten once that may be over.
  bool knows(std::string_view form);
  // Answered at once if the store knows it; else it waits for a full batch or `flush`. `form` names it here.
  void submit(std::string_view form, LlmQuestion question);
  // What was submitted stays known until it has been released as often; then it may be forgotten, so that a stream
  // without end needs no memory without end.
  void hold(std::string_view form);
  void release(std::string_view form);
  // Asks what has been submitted without waiting for more.
  void flush();
  // True if the answer is there (also: that there is none). Never waits.
  bool is_answered(std::string_view form);
  // Until some answer may have come, 50 ms at most.
  void wait_briefly();
  // Waits for the answer of a submitted form.
  LlmAnswer answer(std::string_view form);
  // So many records were labelled by the stored answer of this key.
  void count_lines(const std::string& key, std::uint64_t lines);

  LlmCounters counters();

 private:
  struct Slot {
    bool is_done = false;
    bool is_queued = false;  // or under way; may be done all the same, without an answer
    std::size_t holders = 0;
    LlmAnswer answer;

    void settle(LlmAnswer settled) {
      is_done = true;
      answer = std::move(settled);
    }
    void leave(std::string reason) { settle({LlmStatus::kUnavailable, kNoLabel, std::move(reason)}); }
  };
  using Slots = std::map<std::string, Slot, std::less<>>;
  struct Queued {
    Slots::iterator slot;
    LlmQuestion question;
  };

  void run(const std::stop_token& stop);
  void ask_until(const std::stop_token& stop);
  std::vector<Queued> take_batch();
  void leave_queue(const char* reason);
  void forget_released();
  void write_line_counts();

  std::unique_ptr<AnswerStore> store_;
  LlmClient client_;
  Agreement agreement_;
  std::size_t batch_forms_;
  LlmWait wait_;
  const std::atomic<bool>* stop_;
  bool is_over_ = false;    // nothing is asked any more
  bool is_outage_ = false;  // the endpoint does not answer: nobody waits for what is asked
  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::deque<Queued> queue_;
  bool is_flushed_ = false;
  Slots slots_;
  std::size_t most_slots_;  // at which those that nobody holds are forgotten
  TimePoint retry_from_{};  // forms without an answer may be submitted again from then on
  std::uint64_t stored_hits_ = 0;
  LlmCounters counters_;
  std::map<std::string, std::uint64_t> line_counts_;  // by key; not written yet
  std::jthread thread_;                               // last: it starts when everything else is there
};

}  // namespace logsieve

#endif  // LOGSIEVE_CASCADE_LLM_STAGE_H_
