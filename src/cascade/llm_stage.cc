#include "cascade/llm_stage.h"

#include <utility>

namespace logsieve {
namespace {
// Questions handed to the client at a time: enough to keep its parallel requests busy, few enough that
// answers come back to the writer soon.
constexpr std::size_t kQuestionsPerCall = 8;
}  // namespace

LlmStage::LlmStage(LlmClient client)
    : client_(std::move(client)), thread_([this](const std::stop_token& stop) { run(stop); }) {}

LlmStage::~LlmStage() {
  thread_.request_stop();
  thread_.join();
}

bool LlmStage::knows(std::string_view form) {
  const std::scoped_lock lock(mutex_);
  return slots_.contains(form);
}

void LlmStage::submit(LlmQuestion question) {
  const std::scoped_lock lock(mutex_);
  if (!slots_.try_emplace(question.form).second) return;
  queue_.push_back(std::move(question));
  changed_.notify_all();
}

bool LlmStage::is_answered(std::string_view form) {
  const std::scoped_lock lock(mutex_);
  const auto slot = slots_.find(form);
  return slot != slots_.end() && slot->second.is_done;
}

LlmAnswer LlmStage::answer(std::string_view form) {
  std::unique_lock lock(mutex_);
  const auto slot = slots_.find(form);
  if (slot == slots_.end()) return {};
  changed_.wait(lock, [&] { return slot->second.is_done; });
  return slot->second.answer;
}

LlmCounters LlmStage::counters() {
  const std::scoped_lock lock(mutex_);
  return counters_;
}

std::vector<std::string> LlmStage::take_notices() {
  const std::scoped_lock lock(mutex_);
  return std::exchange(notices_, {});
}

void LlmStage::run(const std::stop_token& stop) {
  std::vector<LlmQuestion> questions;
  for (;;) {
    {
      std::unique_lock lock(mutex_);
      if (!changed_.wait(lock, stop, [&] { return !queue_.empty(); })) return;
      if (stop.stop_requested()) return;
      questions.clear();
      while (!queue_.empty() && questions.size() < kQuestionsPerCall) {
        questions.push_back(std::move(queue_.front()));
        queue_.pop_front();
      }
    }
    const std::vector<LlmAnswer> answers = client_.ask(questions);
    const std::scoped_lock lock(mutex_);
    for (std::size_t i = 0; i < questions.size(); ++i) slots_[questions[i].form] = {true, answers[i]};
    counters_ = client_.counters();
    for (std::string& notice : client_.take_notices()) notices_.push_back(std::move(notice));
    changed_.notify_all();
  }
}

}  // namespace logsieve
