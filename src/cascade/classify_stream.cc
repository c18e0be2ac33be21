#include "cascade/classify_stream.h"

#include <deque>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "cascade/record_ids.h"

namespace logsieve {
namespace {

struct WaitingBatch {
  RecordBatch input;
  ResolvedBatch resolved;
};

class Stream {
 public:
  Stream(RecordReader& reader, Cascade& cascade, LlmStage* llm, const StreamSink& sink,
         const StreamOptions& options, ClassifyTotals& totals)
      : reader_(reader), cascade_(cascade), llm_(llm), sink_(sink), options_(options), totals_(totals) {}

  Result<void> run() {
    for (;;) {
      if (options_.stop != nullptr && options_.stop->load(std::memory_order_relaxed)) {
        totals_.is_interrupted = true;
        break;
      }
      auto input = reader_.next();
      if (!input && input.error().code == ErrorCode::kInterrupted) {
        totals_.is_interrupted = true;
        break;
      }
      if (!input) return std::move(input).error();
      if (input->records.empty() && input->rejects.empty()) break;
      auto resolved = cascade_.resolve(input->records);
      if (!resolved) return std::move(resolved).error();
      if (auto asked = submit(*resolved); !asked) return asked;
      waiting_.push_back({std::move(*input), std::move(*resolved)});
      while (!waiting_.empty() &&
             (waiting_.size() > options_.max_waiting_batches || is_ready(waiting_.front())))
        if (auto written = write_first(); !written) return written;
      if (!waiting_.empty() && options_.is_idle && options_.is_idle())
        if (auto written = write_all(); !written) return written;
      if (sink_.on_progress) sink_.on_progress(reader_.bytes_read());
    }
    if (llm_ != nullptr) llm_->flush();
    return write_all();
  }

 private:
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

  bool is_ready(const WaitingBatch& batch) {
    for (const PendingLine& line : batch.resolved.pending)
      if (!llm_->is_answered(batch.resolved.forms[line.index])) return false;
    return true;
  }

  Result<void> write_first() {
    WaitingBatch batch = std::move(waiting_.front());
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
    return sink_.on_batch_end ? sink_.on_batch_end() : ok();
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
  Result<void> write_in_order(const WaitingBatch& batch) {
    std::size_t next_reject = 0;
    for (std::size_t i = 0; i < batch.input.records.size(); ++i) {
      const Record& record = batch.input.records[i];
      while (next_reject < batch.input.rejects.size() && batch.input.rejects[next_reject].line < record.line)
        if (auto rejected = write_reject(batch.input.rejects[next_reject++]); !rejected) return rejected;
      const Verdict& verdict = batch.resolved.verdicts[i];
      ++totals_.records;
      ++totals_.tiers.lines[static_cast<std::size_t>(verdict.tier)];
      count_label(cascade_.bundle().labels.name(verdict.label));
      if (auto written =
              sink_.on_record(record, verdict, batch.resolved.forms[i], batch.resolved.numbers_of(i));
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

  void count_label(std::string_view label) {
    const auto it = totals_.labels.find(label);
    if (it != totals_.labels.end())
      ++it->second;
    else
      totals_.labels.emplace(label, 1);
  }

  RecordReader& reader_;
  Cascade& cascade_;
  LlmStage* llm_;
  const StreamSink& sink_;
  const StreamOptions& options_;
  ClassifyTotals& totals_;
  std::deque<WaitingBatch> waiting_;
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
