#include "cascade/chunk_pipeline.h"

#include <algorithm>
#include <cassert>
#include <new>
#include <system_error>
#include <utility>

namespace logsieve {
namespace {

// Forms that are judged together. A pass over the encoder's weights costs about as much as 10 forms; from 64 on its
// batches gain nothing more.
constexpr std::size_t kMinForms = 16;
constexpr std::size_t kMaxForms = 128;
constexpr std::size_t kChunkCost = std::size_t{4} << 20U;
constexpr std::size_t kRecordCost = 200;  // Record, verdict, form, entry, and their part of the output

std::size_t cost_of(const RecordBatch& batch) {
  return (batch.end_offset - batch.begin_offset) + kRecordCost * batch.records.size();
}

bool is_judged(const FormEntry* entry) {
  return entry->is_judged.load(std::memory_order_acquire);
}

}  // namespace

ChunkPipeline::ChunkPipeline(const Cascade& cascade, std::size_t threads, ChunkFormat format)
    : cascade_(cascade), format_(std::move(format)), budget_((2 * threads + 2) * kChunkCost) {
  for (std::size_t i = 0; i < threads; ++i) workers_.push_back(cascade.make_worker());
  try {
    for (std::size_t i = 1; i < threads; ++i)
      threads_.emplace_back([this, i](const std::stop_token& stop) { run(stop, i); });
  } catch (const std::system_error&) {
    // The system grants no more threads: those that there are do the work.
  }
}

ChunkPipeline::~ChunkPipeline() {
  for (std::jthread& thread : threads_) thread.request_stop();
  threads_.clear();
}

bool ChunkPipeline::has_room() const {
  return slots_.empty() || cost_ < budget_;
}

bool ChunkPipeline::is_ready() const {
  const std::scoped_lock lock(mutex_);
  return failure_ || (!slots_.empty() && slots_.front()->stage == Stage::kDone);
}

void ChunkPipeline::submit(RecordBatch batch) {
  auto slot = std::make_unique<Slot>();
  slot->cost = cost_of(batch);
  slot->chunk.input = std::move(batch);
  cost_ += slot->cost;
  const std::scoped_lock lock(mutex_);
  slots_.push_back(std::move(slot));
  changed_.notify_one();
}

Result<Chunk> ChunkPipeline::take() {
  assert(!slots_.empty());
  for (;;) {
    std::optional<Job> job;
    {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [&] {
        return failure_ || slots_.front()->stage == Stage::kDone || (job = next_job()).has_value();
      });
      if (failure_) return *failure_;
      if (!job) {
        const std::unique_ptr<Slot> slot = std::move(slots_.front());
        slots_.pop_front();
        cost_ -= slot->cost;
        return std::move(slot->chunk);
      }
    }
    work(*job, 0);
  }
}

void ChunkPipeline::run(const std::stop_token& stop, std::size_t worker) {
  for (;;) {
    std::optional<Job> job;
    {
      std::unique_lock lock(mutex_);
      if (!changed_.wait(lock, stop, [&] { return !failure_ && (job = next_job()).has_value(); })) return;
    }
    work(*job, worker);
    if (stop.stop_requested()) return;
  }
}

// What lets chunks out comes before what lets more in. A few forms wait as long as there are lines to scan, which may
// bring more.
std::optional<ChunkPipeline::Job> ChunkPipeline::next_job() {
  const auto at_stage = [&](Stage stage) -> Slot* {
    for (const auto& slot : slots_)
      if (slot->stage == stage) return slot.get();
    return nullptr;
  };
  Job job;
  if (Slot* const ready = at_stage(Stage::kReady)) {
    ready->stage = Stage::kFinishing;
    job.slot = ready;
    return job;
  }
  Slot* const queued = at_stage(Stage::kQueued);
  if (queued != nullptr && claimed_.size() < kMaxForms) {
    queued->stage = Stage::kScanning;
    job.slot = queued;
    return job;
  }
  if (claimed_.empty()) return std::nullopt;
  const std::size_t share = (claimed_.size() + workers_.size() - 1) / workers_.size();
  const std::size_t count = std::min(claimed_.size(), std::clamp(share, kMinForms, kMaxForms));
  job.forms.assign(claimed_.begin(), claimed_.begin() + static_cast<std::ptrdiff_t>(count));
  claimed_.erase(claimed_.begin(), claimed_.begin() + static_cast<std::ptrdiff_t>(count));
  return job;
}

// A thread without memory is an error of the whole, not the end of the process.
void ChunkPipeline::work(Job& job, std::size_t worker) {
  try {
    if (job.slot == nullptr) return judge(job.forms);
    if (job.slot->stage == Stage::kScanning) return scan(*job.slot, worker);
    finish(*job.slot, worker);
  } catch (const std::bad_alloc&) {
    const std::scoped_lock lock(mutex_);
    failure_ = Error{ErrorCode::kInternal, "memory ran out"};
    changed_.notify_all();
  }
}

void ChunkPipeline::scan(Slot& slot, std::size_t worker) {
  slot.lines = cascade_.scan(slot.chunk.input.records, workers_[worker]);
  const std::vector<FormEntry*> claimed = Cascade::claim(slot.lines, slot.awaited);
  if (slot.awaited.empty()) return finish(slot, worker);
  std::sort(slot.awaited.begin(), slot.awaited.end());
  slot.awaited.erase(std::unique(slot.awaited.begin(), slot.awaited.end()), slot.awaited.end());
  const std::scoped_lock lock(mutex_);
  claimed_.insert(claimed_.end(), claimed.begin(), claimed.end());
  slot.stage = Stage::kWaiting;
  wake_waiting();  // another thread may have judged what this chunk waits for before it was seen to wait
}

void ChunkPipeline::finish(Slot& slot, std::size_t worker) {
  slot.chunk.resolved = cascade_.verdicts_of(slot.chunk.input.records, std::move(slot.lines));
  if (format_) format(slot.chunk, worker);
  const std::scoped_lock lock(mutex_);
  slot.stage = Stage::kDone;
  changed_.notify_all();
}

void ChunkPipeline::format(Chunk& chunk, std::size_t worker) const {
  std::string& text = chunk.text.emplace();
  std::size_t begin = 0;
  for (const PendingLine& line : chunk.resolved.pending) {
    format_(chunk.input, chunk.resolved, {begin, line.index}, worker, text);
    chunk.gaps.push_back(text.size());
    begin = line.index + 1;
  }
  format_(chunk.input, chunk.resolved, {begin, chunk.input.records.size()}, worker, text);
}

void ChunkPipeline::judge(const std::vector<FormEntry*>& forms) {
  auto judged = cascade_.judge(forms, 1);
  const std::scoped_lock lock(mutex_);
  if (!judged) failure_ = std::move(judged.error());
  wake_waiting();
}

void ChunkPipeline::wake_waiting() {
  for (const auto& slot : slots_)
    if (slot->stage == Stage::kWaiting && std::all_of(slot->awaited.begin(), slot->awaited.end(), is_judged))
      slot->stage = Stage::kReady;
  changed_.notify_all();
}

}  // namespace logsieve
