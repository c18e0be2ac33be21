// A whole input through the cascade: records in, verdict lines out, in order, in bounded memory.
#ifndef LOGSIEVE_CASCADE_CLASSIFY_STREAM_H_
#define LOGSIEVE_CASCADE_CLASSIFY_STREAM_H_

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "cascade/cascade.h"
#include "cascade/chunk_pipeline.h"
#include "cascade/llm_stage.h"
#include "cascade/record_ids.h"
#include "io/record_reader.h"
#include "llm/deferred_lines.h"

namespace logsieve {

struct ClassifyTotals {
  std::uint64_t records = 0;
  std::uint64_t rejects = 0;
  CascadeCounters tiers;
  std::map<std::string, std::uint64_t, std::less<>> labels;
  std::uint64_t deferred = 0;  // records whose verdict is provisional
  bool is_interrupted = false;
};

// Called in input order, on one thread, but for `format`. An error stops the stream and is returned by it.
struct StreamSink {
  // Output of whole chunks, made on all threads (chunk_pipeline.h) and then given to `on_text` in order; lines that
  // waited for the LLM go to `on_record`. Empty: every record goes to `on_record`.
  ChunkFormat format;
  std::function<Result<void>(std::string_view text)> on_text;
  std::function<Result<void>(const Record&, const Verdict&, std::string_view form,
                             std::span<const double> numbers)>
      on_record;
  std::function<Result<void>(const Reject&)> on_reject;
  // For each line that the LLM has answered about, before `on_record`: what it said, and what held until then.
  std::function<void(const Record&, std::string_view form, const Verdict& provisional, bool is_second_opinion,
                     const LlmAnswer&)>
      on_opinion;
  // All of this batch has been said; what has been said so far may be flushed.
  std::function<Result<void>(const RecordBatch&)> on_batch_end;
  std::function<void(std::uint64_t bytes_read)> on_progress;
};

struct StreamOptions {
  // What may wait for LLM answers while later lines are read, with what is known of it: the memory bound of the stream.
  std::size_t max_waiting_bytes = std::size_t{64} << 20U;
  const std::atomic<bool>* stop = nullptr;  // set by a signal: no more is read, what was read is finished
  // After a stop, batches with lines that the LLM has not answered yet are not written, nor those behind them: the next
  // run reads them again.
  bool leaves_unanswered = false;
  // True: nothing can be read at once, so that what waits is asked now, and written as the answers come. Called every
  // 50 ms at least while the stream waits. Empty: never.
  std::function<bool()> is_idle = {};
  // Where lines are kept that were written without the LLM's answer, and forgotten once they have one; null: nowhere.
  DeferredLines* deferred = nullptr;
  bool defers = false;       // lines without an answer are marked as deferred, and kept there
  std::string input = {};    // its name there
  RecordIds* ids = nullptr;  // of this input; not null where `deferred` is not
};

// `llm` may be null. Errors: those of the reader, the encoder and the sink.
Result<void> classify_stream(RecordReader& reader, Cascade& cascade, LlmStage* llm, const StreamSink& sink,
                             const StreamOptions& options, ClassifyTotals& totals);

}  // namespace logsieve

#endif  // LOGSIEVE_CASCADE_CLASSIFY_STREAM_H_
