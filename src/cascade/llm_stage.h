// The LLM beside the stream: questions are asked on a thread of their own, once a distinct form, while the
// other tiers go on. A batch takes its answers when it is written.
#ifndef LOGSIEVE_CASCADE_LLM_STAGE_H_
#define LOGSIEVE_CASCADE_LLM_STAGE_H_

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "llm/llm_client.h"

namespace logsieve {

class LlmStage {
 public:
  explicit LlmStage(LlmClient client);
  ~LlmStage();  // forgets what has not been asked yet; waits for the calls that are under way
  LlmStage(const LlmStage&) = delete;
  LlmStage& operator=(const LlmStage&) = delete;

  // True if this form has been submitted before: its question need not be made.
  bool knows(std::string_view form);
  void submit(LlmQuestion question);
  // True if the answer is there. Never waits.
  bool is_answered(std::string_view form);
  // Waits for the answer of a submitted form.
  LlmAnswer answer(std::string_view form);
  LlmCounters counters();
  // What the user should hear once, oldest first: a model that is gone, a refused key, an endpoint given up.
  std::vector<std::string> take_notices();

 private:
  struct Slot {
    bool is_done = false;
    LlmAnswer answer;
  };
  void run(const std::stop_token& stop);

  LlmClient client_;
  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::deque<LlmQuestion> queue_;
  std::map<std::string, Slot, std::less<>> slots_;
  LlmCounters counters_;
  std::vector<std::string> notices_;
  std::jthread thread_;  // last: it starts when everything else is there
};

}  // namespace logsieve

#endif  // LOGSIEVE_CASCADE_LLM_STAGE_H_
