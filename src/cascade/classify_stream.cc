#include "cascade/classify_stream.h"

#include <deque>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "cascade/record_ids.h"

namespace logsieve {
namespace {

class Stream {
 public:
  Stream(RecordReader& reader, Cascade& cascade, LlmStage* llm, const StreamSink& sink,
         const StreamOptions& options, ClassifyTotals& totals)
      : reader_(reader), cascade_(cascade), llm_(llm), sink_(sink), options_(options), totals_(totals) {}

  Result<void> run() {
    if (sink_.format) pipeline_.emplace(cascade_, cascade_.threads(), sink_.format);
    for (bool has_more = true; has_more;) {
      auto read = read_one();
      if (!read) return std::move(read).error();
      has_more = *read;
      // At the end, and while nothing comes in, nothing may stay inside.
      const bool is_idle = has_more && options_.is_idle && options_.is_idle();
      while (pipeline_ && !pipeline_->is_empty() &&
             (pipeline_->is_ready() || !pipeline_->has_room() || !has_more || is_idle)) {
        auto chunk = pipeline_->take();
        if (!chunk) return std::move(chunk).error();
        if (auto taken = take(std::move(*chunk)); !taken) return taken;
      }
      if (is_idle)
        if (auto written = write_all(); !written) return written;
      if (sink_.on_progress) sink_.on_progress(reader_.bytes_read());
    }
    if (llm_ != nullptr) llm_->flush();
    return write_all();
  }

 private:
  // False: that was all, or an end was asked for.
  Result<bool> read_one() {
    if (options_.stop != nullptr && options_.stop->load(std::memory_order_relaxed)) {
      totals_.is_interrupted = true;
      return false;
    }
    auto input = reader_.next();
    if (!input && input.error().code == ErrorCode::kInterrupted) {
      totals_.is_interrupted = true;
      return false;
    }
    if (!input) return fail(std::move(input).error());
    if (input->records.empty() && input->rejects.empty()) return false;
    if (pipeline_) {
      pipeline_->submit(std::move(*input));
      return true;
    }
    auto resolved = cascade_.resolve(input->records);
    if (!resolved) return std::move(resolved).error();
    if (auto taken = take({std::move(*input), std::move(*resolved), {}}); !taken)
      return std::move(taken).error();
    return true;
  }

  // What was read before the input broke off is written first.
  Error fail(Error error) {
    while (pipeline_ && !pipeline_->is_empty()) {
      auto chunk = pipeline_->take();
      if (!chunk) return std::move(chunk).error();
      if (auto taken = take(std::move(*chunk)); !taken) return std::move(taken).error();
    }
    if (auto written = write_all(); !written) return std::move(written).error();
    return error;
  }

  // The next chunk in order.
  Result<void> take(Chunk chunk) {
    if (auto asked = submit(chunk.resolved); !asked) return asked;
    waiting_.push_back(std::move(chunk));
    while (!waiting_.empty() &&
           (waiting_.size() > options_.max_waiting_batches || is_ready(waiting_.front())))
      if (auto written = write_first(); !written) return written;
    return ok();
  }

  Result<void> write_all() {
    while (!waiting_.empty())
      if (auto written = write_first(); !written) return written;
    return ok();
  }

  Result<void> submit(const ResolvedBatch& batch) {
    for (const PendingLine& line : batch.pending) {
      const std::string_view form = batch.forms[line.index];
      if (llm_->knows(form)) continue;
      auto question = cascade_.question(form);
      if (!question) return std::move(question).error();
      llm_->submit(form, std::move(*question));
    }
    return ok();
  }

  bool is_ready(const Chunk& batch) {
    for (const PendingLine& line : batch.resolved.pending)
      if (!llm_->is_answered(batch.resolved.forms[line.index])) return false;
    return true;
  }

  Result<void> write_first() {
    Chunk batch = std::move(waiting_.front());
    waiting_.pop_front();
    std::vector<DeferredLine> deferred;
    std::vector<std::string> settled;
    std::map<std::string, std::uint64_t> lines;  // by the key of their answer
    if (options_.deferred != nullptr && !batch.input.records.empty()) ids_.of(batch.input.records.front());
    for (const PendingLine& line : batch.resolved.pending) {
      const std::string_view form = batch.resolved.forms[line.index];
      Verdict& verdict = batch.resolved.verdicts[line.index];
      const LlmAnswer answer = llm_->answer(form);
      if (!answer.key.empty()) ++lines[answer.key];
      const Verdict provisional = verdict;
      verdict = cascade_.settle(provisional, line.is_second_opinion, answer);
      if (sink_.on_opinion && answer.status != LlmStatus::kUnavailable)
        sink_.on_opinion(batch.input.records[line.index], form, provisional, line.is_second_opinion, answer);
      if (options_.deferred == nullptr) continue;
      const Record& record = batch.input.records[line.index];
      const bool is_open = answer.status == LlmStatus::kUnavailable;
      verdict.is_deferred = is_open && options_.defers;
      if (verdict.is_deferred)
        deferred.push_back(deferred_line(record, form, provisional, line.is_second_opinion));
      if (!is_open) settled.push_back(ids_.of(record));
    }
    totals_.deferred += deferred.size();
    for (const auto& [key, count] : lines) llm_->count_lines(key, count);
    if (options_.deferred != nullptr)
      if (auto kept = options_.deferred->update(deferred, settled); !kept) return kept;
    if (auto written = write_in_order(batch); !written) return written;
    return sink_.on_batch_end ? sink_.on_batch_end(batch.input.end_offset) : ok();
  }

  DeferredLine deferred_line(const Record& record, std::string_view form, const Verdict& verdict,
                             bool is_second_opinion) {
    return {ids_.of(record),
            options_.input,
            record.line,
            std::string(form),
            std::string(cascade_.bundle().labels.name(verdict.label)),
            verdict.confidence,
            std::string(tier_name(verdict.tier)),
            is_second_opinion};
  }

  // Records and rejects of a batch come as two lists, each in order of lines: merge them.
  Result<void> write_in_order(const Chunk& batch) {
    count(batch.resolved.verdicts);
    if (batch.text)
      if (auto written = sink_.on_text(*batch.text); !written) return written;
    std::size_t next_reject = 0;
    for (std::size_t i = 0; i < batch.input.records.size() && !batch.text; ++i) {
      const Record& record = batch.input.records[i];
      while (next_reject < batch.input.rejects.size() && batch.input.rejects[next_reject].line < record.line)
        if (auto rejected = write_reject(batch.input.rejects[next_reject++]); !rejected) return rejected;
      if (auto written = sink_.on_record(record, batch.resolved.verdicts[i], batch.resolved.forms[i],
                                         batch.resolved.numbers_of(i));
          !written)
        return written;
    }
    while (next_reject < batch.input.rejects.size())
      if (auto rejected = write_reject(batch.input.rejects[next_reject++]); !rejected) return rejected;
    return ok();
  }

  Result<void> write_reject(const Reject& reject) {
    ++totals_.rejects;
    return sink_.on_reject ? sink_.on_reject(reject) : ok();
  }

  void count(std::span<const Verdict> verdicts) {
    const LabelSet& labels = cascade_.bundle().labels;
    std::vector<std::uint64_t> by_label(labels.size() + 1);
    for (const Verdict& verdict : verdicts) {
      ++totals_.tiers.lines[static_cast<std::size_t>(verdict.tier)];
      ++by_label[static_cast<std::size_t>(verdict.label + 1)];  // kNoLabel is -1
    }
    totals_.records += verdicts.size();
    for (std::size_t i = 0; i < by_label.size(); ++i)
      if (by_label[i] > 0)
        totals_.labels[std::string(labels.name(static_cast<LabelId>(i) - 1))] += by_label[i];
  }

  RecordReader& reader_;
  Cascade& cascade_;
  LlmStage* llm_;
  const StreamSink& sink_;
  const StreamOptions& options_;
  ClassifyTotals& totals_;
  std::optional<ChunkPipeline> pipeline_;
  std::deque<Chunk> waiting_;  // for the LLM
  RecordIds ids_;
};

}  // namespace

Result<void> classify_stream(RecordReader& reader, Cascade& cascade, LlmStage* llm, const StreamSink& sink,
                             const StreamOptions& options, ClassifyTotals& totals) {
  auto result = Stream(reader, cascade, llm, sink, options, totals).run();
  totals.tiers.forms = cascade.judged_forms();
  return result;
}

}  // namespace logsieve
