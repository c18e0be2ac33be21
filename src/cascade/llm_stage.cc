#include "cascade/llm_stage.h"

#include <algorithm>
#include <utility>

namespace logsieve {
namespace {
// Batches handed to the client at a time: enough for its parallel requests, few enough that answers come back soon.
constexpr std::size_t kBatchesPerCall = kParallelRequests;
// After a failure that did not open the circuit: how long its forms stay without an answer.
constexpr std::chrono::seconds kRetryPause{30};
// A call without any answer that took so long is not waited for twice in a row: the lines go on without.
constexpr std::chrono::seconds kLongCall{5};
// How soon somebody who waits for an answer notices that the run is to end.
constexpr std::chrono::milliseconds kStopCheck{50};
// Forms that are known, besides those of lines that wait: some 50 MB.
constexpr std::size_t kMostSlots = 100'000;
// Distinct keys whose lines are counted in memory before they are written.
constexpr std::size_t kMaxLineCounts = 10'000;
}  // namespace

LlmStage::LlmStage(std::unique_ptr<AnswerStore> store, LlmClient client, const LabelSet& labels,
                   AgreementOptions agreement, LlmWait wait, const std::atomic<bool>* stop_flag)
    : store_(std::move(store)),
      client_(std::move(client)),
      agreement_(client_, labels, agreement),
      batch_forms_(agreement_.lines_a_batch()),
      wait_(wait),
      stop_(stop_flag),
      most_slots_(kMostSlots),
      thread_([this](const std::stop_token& stop) { run(stop); }) {}

LlmStage::~LlmStage() {
  thread_.request_stop();
  thread_.join();
  write_line_counts();
}

bool LlmStage::knows(std::string_view form) {
  const std::scoped_lock lock(mutex_);
  const auto found = slots_.find(form);
  if (found == slots_.end()) return false;
  const Slot& slot = found->second;
  const bool is_without =
      slot.is_done && slot.answer.status == LlmStatus::kUnavailable && wait_ != LlmWait::kNone;
  return !is_without || std::chrono::steady_clock::now() < retry_from_;
}

void LlmStage::submit(std::string_view form, LlmQuestion question) {
  auto stored = agreement_.find_stored(question);
  const std::scoped_lock lock(mutex_);
  const auto at = slots_.try_emplace(std::string(form)).first;
  Slot& slot = at->second;
  if (stored) {
    slot.settle(std::move(*stored));
    ++stored_hits_;
  } else if (wait_ == LlmWait::kNone || is_over_) {
    slot.leave("it was not to be waited for");
  } else {
    slot.is_done = false;
    if (is_outage_) slot.leave("the endpoint does not answer");
    if (std::exchange(slot.is_queued, true)) return;
    queue_.push_back({at, std::move(question)});
    if (queue_.size() >= batch_forms_) changed_.notify_all();
  }
}

void LlmStage::hold(std::string_view form) {
  const std::scoped_lock lock(mutex_);
  ++slots_.find(form)->second.holders;
}

void LlmStage::release(std::string_view form) {
  const std::scoped_lock lock(mutex_);
  --slots_.find(form)->second.holders;
  if (slots_.size() > most_slots_) forget_released();
}

// With the mutex held.
void LlmStage::forget_released() {
  std::erase_if(slots_, [](const auto& slot) {
    return slot.second.is_done && !slot.second.is_queued && slot.second.holders == 0;
  });
  most_slots_ = std::max(kMostSlots, 2 * slots_.size());
}

void LlmStage::flush() {
  const std::scoped_lock lock(mutex_);
  if (queue_.empty()) return;
  is_flushed_ = true;
  changed_.notify_all();
}

bool LlmStage::is_answered(std::string_view form) {
  const std::scoped_lock lock(mutex_);
  const auto slot = slots_.find(form);
  return slot != slots_.end() && slot->second.is_done;
}

void LlmStage::wait_briefly() {
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, kStopCheck);
}

LlmAnswer LlmStage::answer(std::string_view form) {
  std::unique_lock lock(mutex_);
  const auto slot = slots_.find(form);
  if (slot == slots_.end()) return {};
  if (!slot->second.is_done) {
    is_flushed_ = true;
    changed_.notify_all();
  }
  while (!changed_.wait_for(lock, kStopCheck, [&] { return slot->second.is_done; }))
    if (stop_ != nullptr && stop_->load(std::memory_order_relaxed)) thread_.request_stop();
  return slot->second.answer;
}

void LlmStage::count_lines(const std::string& key, std::uint64_t lines) {
  line_counts_[key] += lines;
  if (line_counts_.size() > kMaxLineCounts) write_line_counts();
}

// A ledger that misses lines does no harm: errors are let go.
void LlmStage::write_line_counts() {
  for (const auto& [key, lines] : line_counts_) static_cast<void>(store_->count_lines(key, lines));
  line_counts_.clear();
}

LlmCounters LlmStage::counters() {
  const std::scoped_lock lock(mutex_);
  LlmCounters counters = counters_;
  counters.stored += stored_hits_;
  return counters;
}

// With the mutex held: whole batches, or all that there is after a flush.
std::vector<LlmStage::Queued> LlmStage::take_batch() {
  std::size_t count = std::min(queue_.size(), kBatchesPerCall * batch_forms_);
  if (!is_flushed_ || count < queue_.size()) count -= count % batch_forms_;
  std::vector<Queued> taken(std::make_move_iterator(queue_.begin()),
                            std::make_move_iterator(queue_.begin() + static_cast<std::ptrdiff_t>(count)));
  queue_.erase(queue_.begin(), queue_.begin() + static_cast<std::ptrdiff_t>(count));
  if (queue_.empty()) is_flushed_ = false;
  return taken;
}

// With the mutex held.
void LlmStage::leave_queue(const char* reason) {
  for (const Queued& queued : queue_) queued.slot->second.leave(reason);
}

void LlmStage::run(const std::stop_token& stop) {
  ask_until(stop);
  const std::scoped_lock lock(mutex_);
  is_over_ = true;
  leave_queue("the run was ended");
  for (const Queued& queued : queue_) queued.slot->second.is_queued = false;
  queue_.clear();
  changed_.notify_all();
}

void LlmStage::ask_until(const std::stop_token& stop) {
  for (;;) {
    std::vector<Queued> taken;
    {
      std::unique_lock lock(mutex_);
      const auto has_work = [&] { return queue_.size() >= batch_forms_ || (is_flushed_ && !queue_.empty()); };
      if (!changed_.wait(lock, stop, has_work) || stop.stop_requested()) return;
      taken = take_batch();
    }
    std::vector<LlmQuestion> questions;
    questions.reserve(taken.size());
    for (Queued& queued : taken) questions.push_back(std::move(queued.question));
    const auto asked_at = std::chrono::steady_clock::now();
    const std::vector<LlmAnswer> answers = agreement_.ask(questions, stop);
    const std::scoped_lock lock(mutex_);
    std::size_t failed = 0;
    for (std::size_t i = 0; i < taken.size(); ++i) {
      if (answers[i].status == LlmStatus::kUnavailable) ++failed;
      taken[i].slot->second.is_queued = false;
      taken[i].slot->second.settle(answers[i]);
    }
    const auto now = std::chrono::steady_clock::now();
    if (failed > 0) retry_from_ = std::max(client_.closed_until(), now + kRetryPause);
    const bool is_hanging = failed == taken.size() && client_.is_failing() && now - asked_at >= kLongCall;
    is_outage_ = is_hanging || client_.closed_until() != TimePoint();
    // Asked all the same, to find out when it is over, but nobody waits for it.
    if (is_outage_) leave_queue("the endpoint does not answer");
    counters_ = client_.counters();
    changed_.notify_all();
  }
}

}  // namespace logsieve
