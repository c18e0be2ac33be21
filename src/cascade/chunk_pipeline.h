// Chunks of records through the cascade on all threads, out in the order in which they went in.
//
// A chunk is scanned (rules, masks, look-up of forms) by one thread, which finishes it at once (verdicts, output bytes)
// if all its forms are known. Otherwise it waits while others are scanned; forms of all waiting chunks are embedded
// together, so that the encoder's batches stay full, and by one thread a batch. No form is embedded twice.
//
// Threads: the caller's and `threads - 1` more; the caller works too while it waits in `take`. One caller.
#ifndef LOGSIEVE_CASCADE_CHUNK_PIPELINE_H_
#define LOGSIEVE_CASCADE_CHUNK_PIPELINE_H_

#include <array>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "base/result.h"
#include "cascade/cascade.h"
#include "io/record_reader.h"

namespace logsieve {

struct Chunk {
  RecordBatch input;
  ResolvedBatch resolved;
  std::optional<std::string>
      text;  // its output, without that of lines that wait for the LLM; none without `format`
  std::vector<std::size_t> gaps;  // [resolved.pending] where in `text` the output of those lines belongs
};

struct LineRange {
  std::size_t begin;
  std::size_t end;
};

// Appends the output of some of a chunk's records; called on any thread, by one thread at a time for one `worker`.
using ChunkFormat = std::function<void(const RecordBatch& input, const ResolvedBatch& resolved,
                                       LineRange lines, std::size_t worker, std::string& out)>;

class ChunkPipeline {
 public:
  // `cascade` must outlive the object. `format` may be empty. `threads` >= 1, where the system grants so many.
  ChunkPipeline(const Cascade& cascade, std::size_t threads, ChunkFormat format);
  ~ChunkPipeline();  // drops what was not taken; waits for what is under way
  ChunkPipeline(const ChunkPipeline&) = delete;
  ChunkPipeline& operator=(const ChunkPipeline&) = delete;

  // False while the chunks inside use up the memory that they may: two a thread and two more, of 1 MiB and their
  // records each. A larger one is let in alone.
  bool has_room() const;
  void submit(RecordBatch batch);
  bool is_empty() const { return slots_.empty(); }
  // The oldest chunk is done: `take` will not wait.
  bool is_ready() const;
  // The oldest chunk; there must be one. Errors: the encoder's, kInternal (no memory); nothing more comes out then.
  Result<Chunk> take();

 private:
  enum class Stage : std::uint8_t { kQueued, kScanning, kWaiting, kReady, kFinishing, kDone };
  struct Slot {
    Stage stage = Stage::kQueued;
    std::size_t cost = 0;
    Chunk chunk;
    ScannedLines lines;
    std::vector<const FormEntry*> awaited;
  };
  struct Job {
    Slot* slot = nullptr;  // scan or finish; else judge
    std::vector<FormEntry*> forms;
  };

  void run(const std::stop_token& stop, std::size_t worker);
  std::optional<Job> next_job();  // with the mutex held
  void work(Job& job, std::size_t worker);
  void scan(Slot& slot, std::size_t worker);
  void finish(Slot& slot, std::size_t worker);
  void format(Chunk& chunk, std::size_t worker) const;
  void judge(const std::vector<FormEntry*>& forms);
  void wake_waiting();  // with the mutex held

  const Cascade& cascade_;
  ChunkFormat format_;
  std::vector<CascadeWorker> workers_;
  std::size_t budget_;
  std::size_t cost_ = 0;  // of all slots; the caller's
  mutable std::mutex mutex_;
  std::condition_variable_any changed_;
  std::deque<std::unique_ptr<Slot>>
      slots_;                       // in order; only the caller adds and removes, with the mutex held
  std::deque<FormEntry*> claimed_;  // to be judged
  std::optional<Error> failure_;
  std::vector<std::jthread> threads_;  // last: they start when everything else is there
};

}  // namespace logsieve

#endif  // LOGSIEVE_CASCADE_CHUNK_PIPELINE_H_
